package scenario

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/targets"
)

const stepping = `name: s
workload: {arrivals: 'constant:10/s'}
subjects:
- limiter: {kind: gcra, rate: 10/s, burst: 5}
- {name: own, limiter: {kind: fixed-window, rate: 60/m}}
- limiter: {kind: redis-rate, rate: 10/s}
- target: noop
duration: 10s
warmup: 1s
`

// TestSteps are the limit that was given with some values changed, in the order of
// time, from the beginning of the window.
func TestSteps(t *testing.T) {
	s, err := parse(t, stepping+"steps: [{at: 5s, set: {subject: gcra, burst: 1}}, {at: 0s, set: {subject: gcra, rate: 50/s}}, {at: 2s, set: {subject: own, rate: 6/m}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]targets.Step{
		{
			{At: time.Second, Limit: limiters.Limit{Rate: 50, Period: time.Second, Burst: 5}},
			{At: 6 * time.Second, Limit: limiters.Limit{Rate: 10, Period: time.Second, Burst: 1}},
		},
		{{At: 3 * time.Second, Limit: limiters.Limit{Rate: 6, Period: time.Minute}}},
		nil, nil,
	} {
		got := s.Subjects[i].steps
		if len(got) != len(want) {
			t.Errorf("subject %d has the steps %+v; want %+v", i, got, want)
			continue
		}
		for k := range want {
			got[k].Limit.Burst = min(got[k].Limit.Burst, want[k].Limit.Burst) // windows have one of their own
			if got[k] != want[k] {
				t.Errorf("subject %d, step %d is %+v; want %+v", i, k, got[k], want[k])
			}
		}
	}
	if n := len(s.ProtocolInfo(s.Subjects[1]).Steps); n != 1 {
		t.Errorf("a run of the second subject notes %d steps; want its own", n)
	}
}

func TestStepsRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"steps: [{at: 10s, set: {subject: gcra, rate: 1/s}}]": "s.yaml:10:14: at is 10s; want 0s or more and less than the measured window, 10s",
		"steps: [{set: {subject: gcra, rate: 1/s}}]":          "at is missing",
		"steps: [{at: 1s}]":                                                                             "set is missing",
		"steps: [{at: 1s, set: {rate: 1/s}}]":                                                           "want one of gcra, own, redis-rate, noop",
		"steps: [{at: 1s, set: {subject: gcar, rate: 1/s}}]":                                            `subject of a step is "gcar"`,
		"steps: [{at: 1s, set: {subject: redis-rate, rate: 1/s}}]":                                      "redis-rate cannot change its limit",
		"steps: [{at: 1s, set: {subject: noop, rate: 1/s}}]":                                            "noop cannot change its limit",
		"steps: [{at: 1s, set: {subject: gcra, kind: noop}}]":                                           "kind stands among the values",
		"steps: [{at: 1s, set: {subject: gcra, rate: -1/s}}]":                                           "s.yaml:10:45: rate is",
		"steps: [{at: 1s, set: {subject: gcra, speed: 1}}]":                                             `key "speed" is unknown`,
		"steps: [{at: 1s, set: {subject: gcra, rate: 1/s}}, {at: 1s, set: {subject: gcra, rate: 2/s}}]": "gcra has two steps at 1s",
		"load: {lanes: 2}\nsteps: [{at: 1s, set: {subject: gcra, rate: 1/s}}]":                          "steps stand beside 2 lanes",
		"steps: [{at: 1s, when: 2s, set: {subject: gcra, rate: 1/s}}]":                                  `key "when" is unknown`,
	} {
		_, err := parse(t, stepping+text+"\n")
		wantProblems(t, err, want)
	}
}
