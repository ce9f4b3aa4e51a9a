package results

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// load is a random workload: samples in the order in which they were due.
type load struct {
	seed    uint64
	n       int
	from    time.Duration // the first is due
	gap     time.Duration // between arrivals
	keys    uint32
	classes uint8
	kinds   uint8
}

// samples draws the arrivals and their ends: mostly ok and rejected, with
// response times that are lognormal around a millisecond.
func (l load) samples() []Sample {
	r := rand.New(rand.NewPCG(l.seed, 1))
	list := make([]Sample, l.n)
	for i := range list {
		m := &list[i]
		m.Intended = l.from + time.Duration(i)*l.gap
		m.Released = m.Intended + time.Duration(r.Int64N(5000))
		m.Started = m.Released + time.Duration(r.Int64N(1000))
		m.Done = m.Started + time.Duration(1e6*math.Exp(r.NormFloat64()))
		m.Outcome, m.Cause = outcome(r)
		m.Own, m.Watched = (m.Done-m.Released)/time.Duration(2+i%7), i%8 != 0
		m.Cost = 1 + r.Int64N(3)
		m.Status = [...]uint16{0, 200, 429, 503, 0, 500, 0}[m.Outcome]
		m.Mode = uint8(r.IntN(len(DecisionModes)))
		if l.keys > 0 {
			m.KeyID = r.Uint32N(l.keys)
		}
		if l.kinds > 0 {
			m.Kind = uint8(i) * 7 % l.kinds
		}
		if l.classes > 0 {
			m.Class = uint8(r.UintN(uint(l.classes)))
		}
	}
	return list
}

func outcome(r *rand.Rand) (Outcome, string) {
	switch p := r.IntN(100); {
	case p < 60:
		return OK, ""
	case p < 90:
		return Rejected, ""
	default:
		o := Outcomes[r.IntN(len(Outcomes))]
		return o, [...]string{"", "", "limit", "full", "deadline", "connection refused", "in-flight cap"}[o]
	}
}

// play hands samples to a shard as a loop would that answers at once.
func play(s *Shard, samples []Sample) {
	for i := range samples {
		m := &samples[i]
		s.Offer(m.Intended, m.Class, m.KeyID, m.Cost)
		s.Record(m)
	}
}

// same compares by what a result file would say.
func same(t testing.TB, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	w, err2 := json.Marshal(want)
	if err != nil || err2 != nil || string(g) != string(w) {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// fill runs samples through one shard into a run.
func fill(t testing.TB, o Options, measured time.Duration, samples []Sample) *Run {
	t.Helper()
	s := NewShard(o)
	play(s, samples)
	m, err := Merge(o, s)
	if err != nil {
		t.Fatal(err)
	}
	run := new(Run)
	m.Fill(run, measured)
	return run
}

// fullRun is a run that has every field.
func fullRun(t testing.TB) *Run {
	t.Helper()
	o := Options{Warmup: time.Second, Window: 10 * time.Second, Classes: []string{"quiet", "noisy"}, Keys: 10}
	samples := load{seed: 7, n: 5000, from: o.Warmup, gap: 2 * time.Millisecond, keys: 200, classes: 2}.samples()
	samples[2].Done = samples[2].Started + 2*time.Hour
	samples[2].Outcome, samples[2].Cause = OK, ""
	for i := range samples[:2000] {
		samples[i].Phases = &Phases{Connect: time.Duration(1 + i), TLS: time.Duration(2 + i), FirstByte: time.Duration(3 + i)}
	}
	run := fill(t, o, o.Window, samples)
	run.Schema, run.Scenario, run.Trial, run.Place, run.Repeat, run.Order, run.Time = Schema, "burst", "gcra", 2, 1, 3, "real"
	raw := json.RawMessage(`{"kind":"gcra"}`)
	run.Subject, run.Workload = raw, raw
	run.Params = json.RawMessage(`{"limiter.rate":"100/s"}`)
	run.Load = Load{Model: "open", MaxInFlight: 4096, Retry: &Retry{Attempts: 3, Wait: units.Duration(time.Millisecond), Jitter: 0.5}}
	run.Protocol = Protocol{
		Duration: units.Duration(10 * time.Second), Warmup: units.Duration(time.Second), Repeats: 3, Timeout: Timeouts{Default: units.Duration(time.Minute)},
		SLO: units.Duration(5 * time.Millisecond), Thresholds: []string{"goodput > 1"}, Undisturbed: json.RawMessage(`{"arrivals":"poisson:80/s"}`),
		Faults: []PlannedFault{{At: units.Duration(time.Second), Kind: "slow", For: units.Duration(time.Second), Delay: units.Duration(20 * time.Millisecond)}},
	}
	run.Environment = Environment{Version: "v1.2.3", Go: "go1.26.8", OS: "linux", Arch: "amd64", CPU: "AMD EPYC 7B13", Cores: 2, GOMAXPROCS: 2, QuotaCores: 1.5, ClockRead: 26.1, Redis: "7.0.15"}
	run.Schedule = ScheduleInfo{Seed: math.MaxUint64, Digest: "00ff", Arrivals: 5000}
	run.StartedAt = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	run.Attempts = run.Offered + 3
	run.Accuracy = &Accuracy{
		Oracle: "token-bucket", ObservedShare: 1, FalseAdmits: 1, FalseDenials: 2, Compared: &Compared{Admitted: 50, Entitled: 100, RateError: -0.5, BurstExcess: 3},
		Starvation: &Starvation{Key: "k", StartNS: 5, EndNS: 25, Intervals: 2}, Jitter: &Jitter{CV: 0.5, P99Intervals: 1.5}, CallersJain: 0.9,
		WorstWindow:   &WorstWindow{Key: "a", StartNS: 1, EndNS: 2, Admitted: 3, Bound: 4},
		MostPerPeriod: &MostPerPeriod{Key: "a", EndNS: 2, PeriodNS: 1e9, Admitted: 119, Asked: 100, Burst: 20, AtLeast: true}, MostHeld: 7,
	}
	run.Cost = Cost{
		CPUNSPerOp: 100, CPUShare: 0.5, AllocsPerOp: 0.1, GCCycles: 2, GCPauseNS: 3000, PeakRSSBytes: 1 << 24,
		Saturated: &Saturated{Ops: 1000, NSPerOp: 70, CPUNSPerOp: 71},
	}
	changes, reversals, ratio := 40.0, 10.0, 1.2
	run.AddPipeline(Pipeline{
		BusyNS: 9e9, DeadNS: 3e9, Extrapolated: 12, MostQueued: 100, MostAtDoor: 7, MemoryBytes: 1 << 17,
		Broker:  &Broker{Pauses: 3, FlapsPerMin: 18, Fetched: 12, Delivered: 10, RefetchRatio: &ratio, MostPartition: 9, MostConsumer: 8, MostWorker: 7, MemoryBytes: 640, DeclaredBytes: 1 << 20},
		Sensors: "measured", MostHeld: 3, Transitions: []Transition{{TNS: -5e8, Rule: "delay", Actuator: "limiter", To: 900}}, TransitionsCut: 1,
		ChangesPerMin: &changes, ReversalsPerMin: &reversals,
	}.From(time.Second), func(_, _ time.Duration) float64 { return 400 })
	end, recovery := int64(4e9), int64(300e6)
	oscillation, reversals, fairness := 0.04, 12.0, 0.9
	run.League = &League{Strategy: "gcra", Scenario: "burst", Retention: run.Pipeline.Retention, OverloadEndNS: &end, RecoveryNS: &recovery, Undisturbed: UndisturbedRun, UndisturbedP99NS: &recovery, Oscillation: &oscillation, ReversalsPerMin: &reversals, Fairness: &fairness}
	run.Target = &TargetCost{
		Observed: "redis-server (pid 812)", Processes: 1, CPUNSPerOp: 9000, CPUShare: 0.7, PeakRSSBytes: 1 << 23, Threads: 6, FDs: 40,
		VoluntarySwitches: 900, InvoluntarySwitches: 12, Ended: []TargetEnd{{Process: "redis-server (pid 812)", AtNS: 9e9}},
	}
	run.Faults, run.Goroutines = faultsOfAll(), &Goroutines{Before: 9, After: 11}
	run.Warnings = []string{"simulated"}
	run.Validity = Assess(run, Evidence{Model: "open"})
	run.ResultDigest = "0123456789abcdef0123456789abcdef"
	return run
}

// faultsOfAll are a fault that was survived, one that was not, and one that the
// run did not reach.
func faultsOfAll() []Fault {
	spell := func(mode string, n uint64, p50, p99 time.Duration) Spell {
		return Spell{map[string]uint64{mode: n}, SpellLatency{n, int64(p50), int64(p99), int64(p99)}}
	}
	nobody := Spell{Decisions: map[string]uint64{}}
	calm := spell("primary", 100, time.Millisecond, 2*time.Millisecond)
	return []Fault{
		{
			Kind: "slow", AtNS: 1e9, ForNS: 1e9, DelayNS: 2e7, Reached: true, BeganNS: 1e9, EndedNS: 2e9,
			Before: calm, During: spell("fail_open", 50, 20*time.Millisecond, 50*time.Millisecond), After: calm,
			Limit: &Grant{Keys: 3, Admitted: 50, Entitled: 30, Excess: 20}, Lost: new(int64(7)), Recovered: true, RecoveryNS: 12e6,
		},
		{
			Kind: "flush-scripts", AtNS: 5e9, Reached: true, BeganNS: 5e9, EndedNS: 5e9 + 1e6, Cut: true,
			Before: calm, During: spell(Undecided, 2, time.Millisecond, 2*time.Millisecond), After: nobody,
		},
		{Kind: "kill", AtNS: 8e9, ForNS: 1e9, Before: nobody, During: nobody, After: nobody},
	}
}

// perSecond is a rate that was measured.
func perSecond(v float64) *float64 { return &v }
