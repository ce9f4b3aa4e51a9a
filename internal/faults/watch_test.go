package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

const ms = time.Millisecond

func decision(called, done time.Duration, mode limiters.Mode) *Observation {
	return &Observation{Due: called, Called: called, Done: done, Mode: mode, Admitted: 1}
}

// watched is a watch over one kill from 100 ms to 200 ms.
func watched(t *testing.T, bound func(time.Duration) int64) *Watch {
	w := NewWatch(newSequence(t, Config{At: seconds(0.1), Kind: Kill, For: seconds(0.1)}), 0, bound)
	w.begin(0, 100*ms)
	w.end(0, 200*ms, false)
	return w
}

func TestDecisionsAreCountedOnceEach(t *testing.T) {
	sequence := newSequence(t, Config{At: seconds(0.1), Kind: Kill, For: seconds(0.1)}, Config{At: seconds(0.3), Kind: FlushScripts})
	w := NewWatch(sequence, 0, nil)
	w.Observe(decision(10*ms, 12*ms, limiters.Primary))
	w.begin(0, 100*ms)
	w.Observe(decision(50*ms, 99*ms, limiters.Primary))
	w.Observe(decision(99*ms, 140*ms, limiters.FailOpen)) // reaches into it
	w.Observe(decision(150*ms, 190*ms, limiters.FailClosed))
	w.end(0, 200*ms, false)
	w.Observe(decision(195*ms, 210*ms, limiters.LocalFallback)) // reaches out of it
	w.Observe(decision(201*ms, 203*ms, limiters.FailOpen))
	w.Observe(&Observation{Due: 204 * ms, Called: 204 * ms, Done: 208 * ms, Failed: true})
	w.begin(1, 300*ms)
	w.end(1, 301*ms, false)
	w.Observe(decision(299*ms, 302*ms, limiters.Primary)) // covers it
	w.Observe(decision(390*ms, 391*ms, limiters.Primary)) // feels it still
	w.Observe(decision(402*ms, 403*ms, limiters.Primary))
	all := w.Results()
	for _, tt := range []struct {
		what string
		got  results.Spell
		want map[string]uint64
	}{
		{"before the first", all[0].Before, map[string]uint64{"primary": 2}},
		{"during the first", all[0].During, map[string]uint64{"fail_open": 1, "fail_closed": 1, "local": 1}},
		{"after the first", all[0].After, map[string]uint64{"fail_open": 1, "error": 1}},
		{"before the second", all[1].Before, map[string]uint64{"fail_open": 1, "error": 1}},
		{"during the second", all[1].During, map[string]uint64{"primary": 2}},
		{"after the second", all[1].After, map[string]uint64{"primary": 1}},
	} {
		var sum uint64
		for mode, n := range tt.want {
			sum += n
			if tt.got.Decisions[mode] != n {
				t.Errorf("%s %s decided %d; want %d", tt.what, mode, tt.got.Decisions[mode], n)
			}
		}
		if tt.got.Latency.Count != sum {
			t.Errorf("%s there are %d latencies; want %d", tt.what, tt.got.Latency.Count, sum)
		}
	}
	if l := all[0].During.Latency; l.MaxNS != int64(41*ms) || l.P50NS < int64(40*ms) || l.P99NS != l.MaxNS {
		t.Errorf("latency during the first is %+v; want a median of 40ms and at most 41ms", l)
	}
}

func TestRecovery(t *testing.T) {
	primary, open := limiters.Primary, limiters.FailOpen
	type made struct {
		at   time.Duration
		mode limiters.Mode
	}
	for _, tt := range []struct {
		name string
		made []made
		want time.Duration // none: never
	}{
		{"nothing went wrong", []made{{150 * ms, primary}, {210 * ms, primary}}, 0},
		{"nobody saw it", []made{{250 * ms, primary}}, 0},
		{"at once", []made{{150 * ms, open}, {210 * ms, primary}, {220 * ms, primary}}, 10 * ms},
		{"before the end was seen", []made{{150 * ms, open}, {190 * ms, primary}, {220 * ms, primary}}, 0},
		{"with a relapse", []made{{150 * ms, open}, {210 * ms, primary}, {260 * ms, open}, {290 * ms, primary}}, 90 * ms},
		{"out of order", []made{{150 * ms, open}, {290 * ms, primary}, {260 * ms, open}, {280 * ms, primary}, {210 * ms, primary}}, 80 * ms},
		{"late news of a relapse", []made{{280 * ms, primary}, {300 * ms, primary}, {290 * ms, open}, {301 * ms, primary}}, 101 * ms},
		{"never", []made{{150 * ms, primary}, {210 * ms, primary}, {260 * ms, open}}, none},
		{"nobody asked", nil, none},
	} {
		w := watched(t, nil)
		for _, m := range tt.made {
			w.Observe(decision(m.at, m.at, m.mode))
		}
		r := w.Results()[0]
		if r.Recovered != (tt.want != none) || r.Recovered && r.RecoveryNS != int64(tt.want) {
			t.Errorf("%s: recovered is %v after %v; want %v", tt.name, r.Recovered, time.Duration(r.RecoveryNS), tt.want)
		}
	}
	w := watched(t, nil)
	w.Observe(decision(210*ms, 210*ms, primary))
	w.Observe(&Observation{Due: 220 * ms, Called: 220 * ms, Done: 220 * ms, Failed: true})
	if w.Results()[0].Recovered {
		t.Error("an error is taken for a recovery")
	}
}

func TestGrantIsPerKey(t *testing.T) {
	bound := func(d time.Duration) int64 { return int64(d/(10*ms)) + 5 } // 100/s, burst 5
	w := watched(t, bound)
	for range 20 {
		w.Observe(&Observation{Due: 120 * ms, Called: 120 * ms, Done: 121 * ms, Mode: limiters.FailOpen, Admitted: 1, Key: 3})
	}
	w.Observe(&Observation{Due: 130 * ms, Called: 130 * ms, Done: 131 * ms, Admitted: 2, Key: 1})
	w.Observe(&Observation{Due: 130 * ms, Called: 130 * ms, Done: 131 * ms, Key: 0})               // denied
	w.Observe(&Observation{Due: 90 * ms, Called: 90 * ms, Done: 99 * ms, Admitted: 50, Key: 3})    // before
	w.Observe(&Observation{Due: 210 * ms, Called: 210 * ms, Done: 211 * ms, Admitted: 50, Key: 3}) // after
	if got, want := *w.Results()[0].Limit, (results.Grant{Keys: 3, Admitted: 22, Entitled: 45, Excess: 5}); got != want {
		t.Errorf("grant is %+v; want %+v", got, want)
	}
	w.Observe(&Observation{Due: 80 * ms, Called: 80 * ms, Done: 250 * ms, Admitted: 1, Key: 0}) // may have been decided at any time of it
	if got, want := *w.Results()[0].Limit, (results.Grant{Keys: 3, Admitted: 23, Entitled: 66, Excess: 0}); got != want {
		t.Errorf("grant is %+v; want %+v", got, want)
	}
	huge := watched(t, func(time.Duration) int64 { return never - 1 })
	huge.Observe(&Observation{Due: 120 * ms, Called: 120 * ms, Done: 121 * ms, Key: 1})
	huge.Observe(&Observation{Due: 120 * ms, Called: 120 * ms, Done: 121 * ms, Key: 2})
	if got := huge.Results()[0].Limit.Entitled; got != never {
		t.Errorf("entitled is %d; want the most that there is", got)
	}
}

// TestGrantOfWhatNobodyKnows: keys without a number, and limits of what is held.
func TestGrantOfWhatNobodyKnows(t *testing.T) {
	unnumbered := watched(t, func(time.Duration) int64 { return 5 })
	unnumbered.Observe(&Observation{Due: 120 * ms, Called: 120 * ms, Done: 121 * ms, Key: 1})
	unnumbered.Observe(&Observation{Due: 120 * ms, Called: 120 * ms, Done: 121 * ms, Key: generators.NoKeyID})
	unbounded := watched(t, func(time.Duration) int64 { return never })
	unbounded.Observe(&Observation{Due: 120 * ms, Called: 120 * ms, Done: 121 * ms, Key: 1})
	for what, w := range map[string]*Watch{"keys without a number": unnumbered, "no bound": unbounded} {
		if got := w.Results()[0]; got.Limit != nil || got.During.Latency.Count == 0 {
			t.Errorf("%s: %+v; want decisions and no grant", what, got)
		}
	}
}

// TestWaitingForTheCallCounts: who was due during the fault and asked after it
// waited because of it, but was not decided on in its time.
func TestWaitingForTheCallCounts(t *testing.T) {
	w := watched(t, func(d time.Duration) int64 { return int64(d / ms) })
	w.Observe(&Observation{Due: 150 * ms, Called: 201 * ms, Done: 203 * ms, Admitted: 1})
	r := w.Results()[0]
	if l := r.During.Latency; l.Count != 1 || l.MaxNS != int64(53*ms) {
		t.Errorf("latency is %+v; want the 53ms from when it was due", l)
	}
	if r.Limit.Entitled != 103 {
		t.Errorf("entitled to %d; want what 103ms bring, from the fault's beginning to the answer", r.Limit.Entitled)
	}
}

func TestFaultThatIsNotReached(t *testing.T) {
	w := NewWatch(newSequence(t, Config{At: seconds(1), Kind: Kill, For: seconds(1)}), 0, nil)
	w.Observe(decision(1, 2, limiters.Primary))
	r := w.Results()[0]
	if r.Reached || r.Recovered || r.During.Latency.Count > 0 {
		t.Errorf("fault is told of as %+v", r)
	}
}

func TestModeNames(t *testing.T) {
	for mode := range limiters.Mode(failed) {
		if modeNames[mode] != mode.String() {
			t.Errorf("mode %d is %s; want %s", mode, modeNames[mode], mode)
		}
	}
}

func TestObservingAllocatesNothing(t *testing.T) {
	w := watched(t, nil)
	o := decision(120*ms, 121*ms, limiters.FailOpen)
	o.Key = 1000
	w.Observe(o)
	if n := testing.AllocsPerRun(100, func() { w.Observe(o) }); n != 0 {
		t.Errorf("an observation allocates %v times; want none", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	sequence, _ := NewSequence(everything(), time.Hour)
	w := NewWatch(sequence, 0, nil)
	w.begin(0, 100*ms)
	o := decision(120*ms, 121*ms, limiters.FailOpen)
	for b.Loop() {
		w.Observe(o)
	}
}

// TestWhatAFailoverLost is what the limiter itself took from when the replica was
// cut off until it took over, and nothing that may have reached it.
func TestWhatAFailoverLost(t *testing.T) {
	w := NewWatch(newSequence(t, Config{At: seconds(0.1), Kind: Failover, For: seconds(0.1)}, Config{At: seconds(0.3), Kind: Kill, For: seconds(0.1)}), 0, nil)
	see := func(called, done time.Duration, mode limiters.Mode, admitted int64, failed bool) {
		w.Observe(&Observation{Due: called, Called: called, Done: done, Mode: mode, Admitted: admitted, Failed: failed})
	}
	w.begin(0, 100*ms)
	see(99*ms, 101*ms, limiters.Primary, 1, false)
	see(101*ms, 103*ms, limiters.Primary, 2, false)
	w.inForce(0, 102*ms)
	see(101*ms, 104*ms, limiters.Primary, 4, false) // perhaps before the cut
	see(102*ms, 105*ms, limiters.Primary, 8, false)
	see(110*ms, 120*ms, limiters.FailOpen, 16, false)
	see(110*ms, 120*ms, limiters.Primary, 0, true)
	see(130*ms, 140*ms, limiters.Primary, 32, false)
	w.end(0, 200*ms, false)
	see(190*ms, 200*ms, limiters.Primary, 64, false)
	see(190*ms, 201*ms, limiters.Primary, 128, false) // perhaps of the replica
	w.begin(1, 300*ms)
	w.inForce(1, 300*ms)
	w.end(1, 400*ms, false)
	all := w.Results()
	if lost := all[0].Lost; lost == nil || *lost != 8+32+64 {
		t.Errorf("lost by the failover is %v; want 104", lost)
	}
	if all[1].Lost != nil {
		t.Errorf("lost by the kill is %d; want it not told", *all[1].Lost)
	}
	said := Forgot(all)
	if len(said) != 2 || !strings.Contains(said[0], "failover at 100ms") || !strings.Contains(said[0], "in the 100ms before, 104 tokens") || said[1] != "kill at 300ms" {
		t.Errorf("what limiters forgot is %q; want both faults, and how much in the first", said)
	}
	if said := Forgot([]results.Fault{{Kind: "kill"}, {Kind: "pause", Reached: true}}); len(said) != 0 {
		t.Errorf("what limiters forgot is %q; want nothing of what was not reached or loses nothing", said)
	}
}
