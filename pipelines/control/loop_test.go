package control

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// wild commands the same at every step.
type wild []Command

func (w wild) Step(time.Duration, *Signals) []Command { return w }

func loopOf(c Controller, host func() Host) *Loop {
	return NewLoop(&Control{Controller: c, Settings: DefaultSettings()}, host, Bounds{5, 10, 20}, 8, 0)
}

// TestBounds: whatever is commanded stays within bounds, and what can be off may be.
func TestBounds(t *testing.T) {
	for _, tt := range []struct {
		what     Actuator
		to, want int64
	}{
		{Batch, 0, 1},
		{Batch, -5, 1},
		{Workers, 0, 5},
		{Workers, 21, 20},
		{Workers, 7, 7},
		{Limit, 1, 10_000},
		{Limit, 1 << 60, 1_000_000_000},
		{Signal, 5, 10_000},
		{Alarm, 1, 1},
		{Alarm, 9, 1},
	} {
		l := loopOf(wild{{"r", tt.what, tt.to}}, nil)
		got := l.Step(time.Second, Counts{Crew: 10})
		if len(got) != 1 || got[0].To != tt.want {
			t.Errorf("%v of %d changes %v; want %d", tt.what, tt.to, got, tt.want)
		}
		if again := l.Step(2*time.Second, Counts{Crew: 10}); len(again) != 0 {
			t.Errorf("%v of %d changes again: %v", tt.what, tt.to, again)
		}
	}
	if got := loopOf(wild{{"r", Batch, 100}}, nil).Step(time.Second, Counts{}); len(got) != 0 {
		t.Errorf("a batch of 8 that is the most becomes %v", got)
	}
	for _, off := range []Actuator{Limit, Signal, Alarm} {
		if got := loopOf(wild{{"r", off, 0}}, nil).Step(time.Second, Counts{}); len(got) != 0 {
			t.Errorf("%v is off, and turning it off changes %v", off, got)
		}
	}
}

// swing commands one value and the other in turn.
type swing struct{ n int64 }

func (s *swing) Step(time.Duration, *Signals) []Command {
	s.n++
	return []Command{{"swing", Limit, 500_000 * (s.n % 2)}, {"up", Workers, 10 + s.n}}
}

// TestTransitions: changes are on record with their rule, the first of them; all are
// counted, and those that go back are oscillation.
func TestTransitions(t *testing.T) {
	l := loopOf(&swing{}, nil)
	for i := range 240 {
		l.Step(time.Duration(i+1)*250*ms, Counts{Crew: 10})
	}
	var p results.Pipeline
	l.Report(&p)
	if p.Sensors != "modelled" || len(p.Transitions) != 250 || p.TransitionsCut != 0 || *p.ChangesPerMin != 250 || *p.ReversalsPerMin != 239 {
		t.Errorf("%d transitions and %d cut, %v a minute, %v back; want 240 of the limiter and 10 of workers in a minute", len(p.Transitions), p.TransitionsCut, *p.ChangesPerMin, *p.ReversalsPerMin)
	}
	want := []results.Transition{
		{TNS: int64(250 * ms), Rule: "swing", Actuator: "limiter", From: 0, To: 500},
		{TNS: int64(250 * ms), Rule: "up", Actuator: "workers", From: 10, To: 11},
		{TNS: int64(500 * ms), Rule: "swing", Actuator: "limiter", From: 500, To: 0},
	}
	for i := range want {
		if p.Transitions[i] != want[i] {
			t.Errorf("transition %d is %+v; want %+v", i, p.Transitions[i], want[i])
		}
	}
	for i := range 240 {
		l.Step(time.Duration(i+241)*250*ms, Counts{Crew: 10})
	}
	l.Report(&p)
	if len(p.Transitions) != 256 || p.TransitionsCut != 234 || *p.ChangesPerMin != 245 {
		t.Errorf("%d transitions and %d cut, %v a minute; want 256 and 234", len(p.Transitions), p.TransitionsCut, *p.ChangesPerMin)
	}
}

// seen keeps the signals of the latest step.
type seen struct{ Signals }

func (s *seen) Step(_ time.Duration, in *Signals) []Command { s.Signals = *in; return nil }

// TestModel: in virtual time a busy worker is a busy core, and what comes is allocated.
func TestModel(t *testing.T) {
	var s seen
	l := loopOf(&s, nil)
	c := Counts{Crew: 10, Busy: 2 * time.Second, Bytes: 10 << 20, Done: 100, Refused: 3, Head: 5 * ms, Queued: 4, Held: 2, InPipe: 9}
	l.Step(250*ms, c)
	// 2 s of 10 × 250 ms; 10 MiB with 4 MiB alive are 2 collections of 4 ms
	if s.CPU != 800_000 || s.Busy != 800_000 || s.GCs != 2 || s.GC != int64(2*leastHeap)*One/int64(2500*ms) || s.Sched != 0 {
		t.Errorf("signals are %+v", s.Signals)
	}
	if s.Done != 100 || s.Refused != 3 || s.Head != 5*ms || s.Queued != 4 || s.Held != 2 || s.InPipe != 9 || s.Rate() != 400_000 {
		t.Errorf("signals are %+v", s.Signals)
	}
	c.Bytes, c.Alive = 40<<20, 16<<20
	l.Step(500*ms, c)
	if s.CPU != 0 || s.Done != 0 || s.GCs != 2+2 {
		t.Errorf("with 30 MiB more and 16 MiB alive there were %d collections, CPU %d; want 2 more of the 32 MiB", s.GCs, s.CPU)
	}
	if l.Step(60*time.Second+250*ms, c); s.GCs != 2 {
		t.Errorf("a minute after the first there are %d collections; want 2", s.GCs)
	}
	if l.Step(61*time.Second, c); s.GCs != 0 {
		t.Errorf("a minute after all there are %d collections", s.GCs)
	}
}

// TestHost: what a host says counts from one step to the next.
func TestHost(t *testing.T) {
	var s seen
	host := Host{CPU: time.Hour, Millicores: 500, GCs: 100, GC: time.Minute}
	l := loopOf(&s, func() Host { return host })
	host.CPU, host.GCs, host.GC, host.Sched = host.CPU+100*ms, 103, host.GC+25*ms, 7*ms
	l.Step(250*ms, Counts{Crew: 10})
	if s.CPU != 800_000 || s.GC != 200_000 || s.GCs != 3 || s.Sched != 7*ms {
		t.Errorf("signals are %+v; want 80 %% of half a core, 20 %% of it for 3 collections", s.Signals)
	}
	var p results.Pipeline
	if l.Report(&p); p.Sensors != "measured" {
		t.Errorf("the sensors are %s", p.Sensors)
	}
}

func bucket(t *testing.T, rate, burst int64) limiters.Limiter {
	t.Helper()
	l, err := limiters.NewTokenBucket(limiters.Limit{Rate: rate, Period: time.Second, Burst: burst}.Config())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// admitted is how many of one each millisecond from an instant on pass.
func admitted(g *Gate, from time.Duration, n int) (passed int) {
	for i := range n {
		if g.Admit(from + time.Duration(i)*ms) {
			passed++
		}
	}
	return passed
}

// TestGate: a limiter that is off is not asked; on, it has the rate that it was set to.
func TestGate(t *testing.T) {
	g, err := NewGate(bucket(t, 100, 1), true)
	if err != nil || g.Given() != 100_000 {
		t.Fatalf("the gate of 100/s is given %d, %v", g.Given(), err)
	}
	if got := admitted(g, 0, 1000); got != 1000 || g.Refused() != 0 {
		t.Errorf("off, it admits %d of 1000", got)
	}
	g.Set(time.Second, 250_000)
	if got := admitted(g, time.Second, 1000); got != 250 || g.Refused() != 750 {
		t.Errorf("at 250/s it admits %d of 1000 in a second, and counts %d", got, g.Refused())
	}
	g.Set(2*time.Second, 0)
	if got := admitted(g, 2*time.Second, 10); got != 10 {
		t.Errorf("off again, it admits %d of 10", got)
	}
	alone, err := NewGate(bucket(t, 100, 1), false)
	if err != nil || admitted(alone, 0, 1000) != 100 {
		t.Errorf("without a control it does not limit: %v", err)
	}
	window, err := limiters.NewFixedWindow(limiters.WindowConfig{Rate: limiters.Limit{Rate: 100, Period: time.Second}.Config().Rate})
	if err != nil {
		t.Fatal(err)
	}
	if g, err = NewGate(window, true); err != nil {
		t.Fatal(err)
	}
	if g.Set(0, 300_500); admitted(g, 0, 1000) != 300 {
		t.Error("a window of a second does not become one of 300 per second")
	}
}
