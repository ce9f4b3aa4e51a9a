package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/redisproc"
)

// troubled is a scenario with the faults of a list.
func troubled(list string) string {
	return `workload: {arrivals: 'constant:100/s'}
subjects: [{limiter: {kind: redis-gcra, rate: 10/s}}, {limiter: {kind: gcra, rate: 10/s}}]
duration: 10s
faults: ` + list + "\n"
}

func TestFaults(t *testing.T) {
	s, err := parse(t, troubled("[{at: 5s, kind: slow, for: 1s, delay: 20ms}, {at: 1s, kind: kill, for: 500ms}]"))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Faults) != 2 || s.Faults[0].Kind != faults.Kill || s.Faults[1].Delay.Std() != 20*time.Millisecond {
		t.Errorf("faults are %v; want the kill and then the slowness", s.Faults)
	}
	onRedis, local := s.Subjects[0], s.Subjects[1]
	if len(s.FaultsOf(onRedis)) != 2 || len(s.FaultsOf(local)) != 0 {
		t.Errorf("faults of redis-gcra are %v, of gcra %v; want them for the one on Redis alone", s.FaultsOf(onRedis), s.FaultsOf(local))
	}
	const written = `"faults":[{"at":"5s","kind":"slow","for":"1s","delay":"20ms"},{"at":"1s","kind":"kill","for":"500ms"}]`
	if got := text(t, s.ProtocolInfo(onRedis)); !strings.Contains(got, written) {
		t.Errorf("protocol is %s; want %s in it", got, written)
	}
	if got := text(t, s.ProtocolInfo(local)); strings.Contains(got, "faults") {
		t.Errorf("protocol of gcra is %s; want no faults in it, so that it can be run again alone", got)
	}
}

func TestFaultsAreRefused(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{troubled("[{at: 1s, kind: kil, for: 1s}]"), `s.yaml:4:25: kind "kil" is unknown; want one of kill`},
		{troubled("[{at: 1s, kind: kill}]"), "s.yaml:4:10: for is 0s; want more than 0"},
		{troubled("[{at: 10s, kind: flush-scripts}]"), "s.yaml:4:15: at is 10s; want 0 or more"},
		{troubled("[{at: 1s, kind: pause, for: 2s}, {at: 2s, kind: flush-scripts}]"), "s.yaml:4:47: at is 2s, before pause at 1s for 2s is over"},
		{troubled("[{at: 1s, kind: flush-scripts, fro: 2s}]"), `key "fro" is unknown; want one of for`},
		{troubled("[later]"), `faults[0] is "later"; want a map`},
		{troubled("later"), "faults is"},
		{strings.Replace(troubled("[{at: 1s, kind: flush-scripts}]"), "duration: 10s", "count: 1000", 1), "faults stand beside a count"},
		{strings.Replace(troubled("[{at: 1s, kind: flush-scripts}]"), "redis-gcra", "gcra", 1), "s.yaml:4:9: faults break Redis, and no subject is on one"},
	} {
		_, err := parse(t, tt.src)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\nproblems are %v; want %s", tt.src, err, tt.want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s\nproblems are\n%v; want one", tt.src, err)
		}
	}
}

// TestFaultsNeedAServerToBreak: of fcbench's own, in real time.
func TestFaultsNeedAServerToBreak(t *testing.T) {
	s, err := parse(t, troubled("[{at: 1s, kind: flush-scripts}]"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CheckFaults(redisproc.Private); err != nil {
		t.Errorf("a private server: %v; want no problem", err)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{s.CheckFaults(redisproc.External), "s.yaml:4:9: faults break the Redis of the run, and --redis names one"},
		{s.CheckFaults(redisproc.Embedded), "there is no redis-server on PATH"},
		{s.CheckVirtual(), "s.yaml:4:9: faults happen in real time only"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("problem is %v; want %s", tt.err, tt.want)
		}
	}
	calm, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	if err := calm.CheckFaults(redisproc.External); err != nil {
		t.Errorf("without faults: %v; want no problem", err)
	}
}

// TestFaultsAndRetries go together: what befell one attempt is told of that one.
func TestFaultsAndRetries(t *testing.T) {
	_, err := parse(t, "name: f\nworkload: {arrivals: 'constant:1/s'}\nsubjects: [{limiter: {kind: redis-gcra, rate: 1/s}}]\n"+
		"duration: 10s\nload: {retry: {attempts: 2}}\nfaults: [{at: 1s, kind: pause, for: 1s}]\n")
	if err != nil {
		t.Error(err)
	}
}
