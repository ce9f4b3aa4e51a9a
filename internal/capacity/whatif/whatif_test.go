package whatif

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

func scenarioOf(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	doc, err := strictyaml.Parse("s.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.New(doc, false)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runner runs scenarios in virtual time.
type runner struct{ results map[string]results.Run }

func (r *runner) Begin(experiment.Step) {}
func (r *runner) End(run *results.Run)  { r.results[run.Trial] = *run }

func virtually(t *testing.T, s *scenario.Scenario) map[string]results.Run {
	t.Helper()
	w := experiment.NewWorld("", func(string) {})
	defer func() { _ = w.Close() }()
	p, err := w.Prepare(t.Context(), s, results.Virtual)
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{map[string]results.Run{}}
	if err := experiment.Run(t.Context(), []*experiment.Plan{p}, r); err != nil {
		t.Fatal(err)
	}
	return r.results
}

// agree holds every point against a run in virtual time.
func agree(t *testing.T, s *scenario.Scenario) {
	t.Helper()
	points, err := Look(t.Context(), s, 0.95, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(s); err != nil {
		t.Errorf("is refused: %v", err)
	}
	runs := virtually(t, s)
	for _, p := range points {
		run, ok := runs[p.Trial]
		if !ok || p.Offered != run.Offered || p.Rejected != run.Outcomes["rejected"] || p.Digest != run.Schedule.Digest || p.Rejected == 0 || p.Rejected == p.Offered {
			t.Errorf("%s: %d of %d are predicted to be rejected, observed are %v of %d (%t); want the same, some but not all", p.Trial, p.Rejected, p.Offered, run.Outcomes, run.Offered, ok)
		}
	}
}

const traffic = `
name: x
seed: 3
workload: {arrivals: 'poisson:400/s', keys: 'zipf:1.2:30', cost: 'uniform:1:3'}
duration: 3s
warmup: 500ms
`

// TestAsRunInVirtualTime: at ten points each, in this process and on Redis, what is
// predicted is what a run in virtual time counts, exactly.
func TestAsRunInVirtualTime(t *testing.T) {
	local := `
subjects:
  - limiter: {kind: gcra, rate: 7/s, burst: 5}
  - limiter: {kind: gcra, rate: 100/m, burst: 30}
  - limiter: {kind: token-bucket, rate: 13/s, burst: 3}
  - limiter: {kind: token-bucket, rate: 3/70ms, burst: 3}
  - limiter: {kind: leaky-bucket-meter, rate: 11/s, burst: 8}
  - limiter: {kind: fixed-window, rate: 20/s}
  - limiter: {kind: fixed-window, rate: 5/170ms}
  - limiter: {kind: sliding-window-log, rate: 20/s}
  - limiter: {kind: sliding-window-counter, rate: 20/s}
`
	traffic := strings.Replace(traffic, "duration: 3s", "duration: 1s", 1)
	t.Run("local", func(t *testing.T) {
		agree(t, scenarioOf(t, traffic+local+"  - limiter: {kind: composite, limits: [{kind: gcra, rate: 20/s, burst: 9}, {kind: token-bucket, rate: 100/m, burst: 40}]}\n"))
	})
	onRedis := strings.ReplaceAll(local, "kind: ", "kind: redis-") + "  - limiter: {kind: redis-composite, limits: [{rate: 20/s, burst: 9}, {rate: 100/m, burst: 40}]}\n"
	t.Run("redis", func(t *testing.T) { agree(t, scenarioOf(t, traffic+onRedis)) })
}

// TestClassesOfTheirOwn ask their own limiters.
func TestClassesOfTheirOwn(t *testing.T) {
	agree(t, scenarioOf(t, `
name: x
workload:
  streams:
    - {name: interactive, arrivals: 'poisson:200/s', keys: 'uniform:10'}
    - {name: batch, arrivals: 'constant:100/s', keys: 'uniform:10'}
duration: 3s
subjects:
  - {limiter: {kind: gcra, rate: 10/s, burst: 5}, classes: {batch: {rate: 2/s}}}
  - {name: all own, limiter: {kind: gcra, rate: 10/s, burst: 5}, classes: {batch: {rate: 2/s}, interactive: {burst: 1}}}
`))
}

// TestWhatOnlyARunTells is refused, all problems at once.
func TestWhatOnlyARunTells(t *testing.T) {
	s := scenarioOf(t, `
name: x
workload: {arrivals: 'poisson:200/s'}
load: {retry: {attempts: 3, wait: 10ms}}
duration: 3s
subjects:
  - limiter: {kind: gcra, rate: 10/s}
  - limiter: {kind: x-time-rate, rate: 10/s}
  - limiter: {kind: naive-lazy-bucket, rate: 10/s}
  - limiter: {kind: leaky-bucket-queue, rate: 10/s}
  - {limiter: {kind: concurrency, limit: 3}, hold: 'constant:10ms'}
  - target: noop
  - {name: stepped, limiter: {kind: gcra, rate: 10/s}}
steps: [{at: 1s, set: {subject: stepped, rate: 5/s}}]
`)
	err := Check(s)
	for _, want := range []string{
		"load.retry makes 3 attempts", "x-time-rate is x-time-rate, of which only a run tells", "naive-lazy-bucket, of which", "leaky-bucket-queue, of which",
		"concurrency, of which", "noop is no limiter", "stepped has steps", "want one of token-bucket, leaky-bucket-meter, gcra, ",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "gcra is") {
		t.Errorf("%v; want nothing about what can be known", err)
	}
}

// TestTally: who was rejected most, and for how long nobody got anything, by hand.
func TestTally(t *testing.T) {
	var c tally
	for i, one := range []struct {
		key      string
		admitted bool
	}{
		{"a", false}, {"a", false}, {"b", true}, {"b", false}, {"a", true}, {"b", false}, {"b", false}, {"c", true}, {"b", true}, {"b", false}, {"d", false},
	} {
		c.add(time.Duration(i)*time.Second, one.key, one.admitted)
	}
	p := c.point()
	if p.Offered != 11 || p.Rejected != 7 || p.Keys != 4 || p.KeysRejected != 3 || *p.Worst != (Key{"b", 6, 4}) || *p.Streak != (Streak{"b", 3, 3 * time.Second, 3 * time.Second}) {
		t.Errorf("point is %+v with %+v, %+v; want 7 of 11, of 3 of 4 keys, b the worst with 3 in a row", p, *p.Worst, *p.Streak)
	}
	if none := new(tally).point(); none.Share != 0 || none.Worst != nil || none.Streak != nil {
		t.Errorf("of nothing: %+v; want nothing", none)
	}
}

// TestLowest: which rate rejects half of what comes evenly, of a bucket exactly half.
func TestLowest(t *testing.T) {
	s := scenarioOf(t, `
name: x
workload: {arrivals: 'constant:100/s'}
duration: 20s
subjects:
  - limiter: {kind: gcra, rate: 2/s, burst: 1}
  - limiter: {kind: fixed-window, rate: 700/s}
  - limiter: {kind: redis-token-bucket, rate: 9/m, burst: 1}
`)
	for i, want := range []string{"50/s", "50/s", "3000/m"} {
		a, err := Lowest(t.Context(), s, i, 0.5, nil)
		if err != nil || a.Rate != want || a.Share > 0.5 || a.Share < 0.49 || a.Rises != nil || a.Looked < 16 {
			t.Errorf("%s: %+v, %v; want %s", s.Subjects[i].Name, a, err, want)
		}
	}
	s = scenarioOf(t, `
name: x
workload: {arrivals: 'constant:100/s', cost: 'constant:3'}
duration: 2s
subjects:
  - limiter: {kind: gcra, rate: 2/s, burst: 2}
  - limiter: {kind: redis-composite, limits: [{rate: 20/s, burst: 9}, {rate: 100/m, burst: 40}]}
`)
	if a, err := Lowest(t.Context(), s, 0, 0.5, nil); err != nil || a.Rate != "" || a.Share != 1 || !strings.Contains(a.Why, "costs more than the burst") {
		t.Errorf("what never passes: %+v, %v; want no rate, and why", a, err)
	}
	if _, err := Lowest(t.Context(), s, 1, 0.5, nil); err == nil || !strings.Contains(err.Error(), "has several limits; want one limiter with one rate") {
		t.Errorf("of two limits: %v; want a refusal", err)
	}
}

// TestTheAnswerIsRunAsItIsWritten: the rate that is found rejects what is said of it, and
// the next lower one more than was asked for.
func TestTheAnswerIsRunAsItIsWritten(t *testing.T) {
	s := scenarioOf(t, traffic+"subjects: [{limiter: {kind: gcra, rate: 1/s, burst: 9}}, {limiter: {kind: sliding-window-log, rate: 1/s}}]")
	for i, sub := range s.Subjects {
		a, err := Lowest(t.Context(), s, i, 0.05, nil)
		if err != nil {
			t.Fatal(err)
		}
		burst := map[string]string{"gcra": ", burst: 9"}[sub.Kind]
		again := scenarioOf(t, traffic+"subjects: [{limiter: {kind: "+sub.Kind+", rate: "+a.Rate+burst+"}}]")
		points, err := Look(t.Context(), again, 0.95, nil)
		if err != nil || points[0].Share != a.Share || a.Share > 0.05 || a.Share < 0.04 {
			t.Errorf("%s at %s: %+v, %v; want %g", sub.Kind, a.Rate, points, err, a.Share)
		}
	}
}

// TestRatesThatRejectMore than lower ones are named, and the answer is above them.
func TestRatesThatRejectMore(t *testing.T) {
	l := &ladder{grain: grain{1, time.Second}, offered: 100, seen: map[int64]uint64{1: 90, 2: 4, 3: 8, 4: 5, 5: 0}}
	a := Answer{Wanted: 0.05}
	if l.answer(&a); a.Rate != "4/s" || a.Rises == nil || *a.Rises != (Rise{"2/s", 0.04, "3/s", 0.08}) || a.Looked != 5 {
		t.Errorf("answer is %+v with %+v; want 4/s, and that 3/s rejects more than 2/s", a, a.Rises)
	}
}

// TestInterrupted: a walk ends when it is told to.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := scenarioOf(t, traffic+"subjects: [{limiter: {kind: gcra, rate: 1/s, burst: 9}}]")
	if _, err := Look(ctx, s, 0.95, nil); err == nil {
		t.Error("an interrupted look has no error")
	}
	if _, err := Lowest(ctx, s, 0, 0.1, nil); err == nil {
		t.Error("an interrupted search has no error")
	}
}

// TestKindsArePredictable: every one of them is, and they are the same on Redis.
func TestKindsArePredictable(t *testing.T) {
	for _, kind := range kinds() {
		if strings.HasPrefix(kind, "redis-") && kind != "redis-sliding-window-log-zset" && !slices.Contains(kinds(), strings.TrimPrefix(kind, "redis-")) {
			t.Errorf("%s is predictable, and not in this process", kind)
		}
	}
	if len(kinds()) != 15 {
		t.Errorf("predictable are %v; want 15", kinds())
	}
}
