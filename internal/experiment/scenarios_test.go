package experiment

import (
	"math"
	"testing"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/scenarios"
)

// about says what each scenario that comes with fcbench is about, as a check
// of its runs. A scenario without an entry fails.
func about() map[string]func(t *testing.T, runs map[string]*results.Run) {
	return map[string]func(t *testing.T, runs map[string]*results.Run){
		"compare-limiters.yaml": limitersAreRight,
		"noisy-neighbour.yaml":  quietIsLeftAlone,
		"overloaded-queue.yaml": thirdIsShed,
	}
}

// TestScenarios runs every scenario, shortened, in virtual time and on a real
// redis-server, and holds it to conservation and to what it is about.
func TestScenarios(t *testing.T) {
	redis, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	if redis.Simulated() {
		t.Fatal("redis-server is not on PATH; install it: make deps")
	}
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			check := about()[name]
			if check == nil {
				t.Fatalf("%s has no entry in about; say what it is about", name)
			}
			runs := runScenario(t, name, redis)
			for trial, r := range runs {
				conserved(t, trial, r)
			}
			check(t, runs)
		})
	}
}

func runScenario(t *testing.T, name string, redis *redisproc.Server) map[string]*results.Run {
	t.Helper()
	doc, err := strictyaml.Parse(name, scenarios.Read(name))
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{"duration": "1s", "repeats": "1"} {
		if err := doc.Set(path, strictyaml.NewScalar("test", text)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := scenario.New(doc, false)
	if err != nil {
		t.Fatal(err)
	}
	runs := collect(t, &Plan{Scenario: s, Virtual: true, Redis: redis, Prefix: "fcbench:test:" + name, Schedule: scheduleOf(s)})
	for trial, r := range runs {
		for _, threshold := range s.Thresholds {
			if c := threshold.Check(r); !c.OK {
				t.Errorf("%s misses its threshold %v with %v", trial, threshold, c.Value)
			}
		}
	}
	return runs
}

func scheduleOf(s *scenario.Scenario) (info results.ScheduleInfo) {
	var a generators.Arrival
	for arrivals := s.Workload.Schedule(s.Horizon()); arrivals.Next(&a); {
		if a.At >= s.Warmup {
			info.Arrivals++
		}
	}
	return info
}

// collector keeps the last run of every trial.
type collector map[string]*results.Run

func (collector) Begin(Step)             {}
func (c collector) End(run *results.Run) { c[run.Trial] = run }

func collect(t *testing.T, p *Plan) map[string]*results.Run {
	t.Helper()
	c := collector{}
	if err := p.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

func conserved(t *testing.T, trial string, r *results.Run) {
	t.Helper()
	var sum uint64
	for _, n := range r.Outcomes {
		sum += n
	}
	if r.Offered == 0 || sum != r.Offered || r.Offered != r.Schedule.Arrivals {
		t.Errorf("%s: %d scheduled, %d offered, outcomes sum to %d", trial, r.Schedule.Arrivals, r.Offered, sum)
	}
	if r.Validity.Verdict != results.Valid {
		t.Errorf("%s is %s: %v", trial, r.Validity.Verdict, r.Validity.Reasons)
	}
}

// limitersAreRight: no limiter decides against its own model; buckets never
// exceed the burst and admit what an exact bucket admits; and all buckets agree.
func limitersAreRight(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		a := r.Accuracy
		if trial == "noop" {
			continue
		}
		if a == nil || a.ObservedShare != 1 || a.FalseAdmits != 0 || a.FalseDenials != 0 {
			t.Errorf("%s: accuracy is %+v; want every decision observed and none false", trial, a)
		}
	}
	bucket := runs["token-bucket"]
	for _, trial := range []string{"leaky-bucket-meter", "gcra"} {
		if got := runs[trial]; got.Outcomes["ok"] != bucket.Outcomes["ok"] || got.Accuracy.BurstExcess != 0 || got.Accuracy.RateError != 0 {
			t.Errorf("%s admits %d with %+v; want %d as the token bucket, exactly", trial, got.Outcomes["ok"], got.Accuracy, bucket.Outcomes["ok"])
		}
	}
	if a, b := runs["redis-gcra"], runs["redis-token-bucket"]; a.Outcomes["ok"] != b.Outcomes["ok"] {
		t.Errorf("redis-gcra admits %d, redis-token-bucket %d; want the same", a.Outcomes["ok"], b.Outcomes["ok"])
	}
}

// quietIsLeftAlone: the quiet tenant is served in full, the noisy one is not.
func quietIsLeftAlone(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		quiet, noisy := r.Classes["quiet"], r.Classes["noisy"]
		if quiet.Outcomes["ok"] != quiet.Offered || noisy.Outcomes["rejected"] == 0 {
			t.Errorf("%s: quiet got %d of %d, noisy was refused %d times", trial, quiet.Outcomes["ok"], quiet.Offered, noisy.Outcomes["rejected"])
		}
	}
}

// thirdIsShed: one server of 1 ms takes 1,000 of 1,500/s, and whoever gets in
// late waits for 50 others; two servers take all at once.
func thirdIsShed(t *testing.T, runs map[string]*results.Run) {
	one, two := runs["delay"], runs["two-servers"]
	if got, want := one.Outcomes["shed"], one.Offered/3; math.Abs(float64(got)-float64(want)) > 51 {
		t.Errorf("one server shed %d of %d; want a third, less the queue", got, one.Offered)
	}
	if p99 := time.Duration(one.Latency.Response["ok"].P99NS); p99 < 50*time.Millisecond || p99 > 52*time.Millisecond {
		t.Errorf("one server: p99 is %v; want the queue of 50 and the service, 50 to 51 ms", p99)
	}
	if max := time.Duration(two.Latency.Response["ok"].MaxNS); two.Outcomes["ok"] != two.Offered || max != time.Millisecond {
		t.Errorf("two servers: ok %d of %d, max %v; want all at 1ms", two.Outcomes["ok"], two.Offered, max)
	}
}
