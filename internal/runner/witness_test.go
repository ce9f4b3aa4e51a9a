package runner

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/ring"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// diary is a witness that writes down what it sees.
type diary struct {
	lines   []string
	settled time.Duration
	early   int // attempts called before what was settled
}

func (d *diary) See(a *Attempt) {
	if a.Lost {
		d.lines = append(d.lines, fmt.Sprint("lost ", a.Key, a.Class))
		return
	}
	if a.Called < d.settled && a.Number > 0 {
		d.early++
	}
	d.lines = append(d.lines, fmt.Sprint(a.Key, " ", a.Number, " ", a.Outcome, " ", a.Due, " ", a.Called, " ", a.Returned, " ", a.Last))
}

func (d *diary) Settled(oldest time.Duration) { d.settled = max(d.settled, oldest) }

// TestWitnessesSeeEveryAttempt once, those that were never sent among them.
func TestWitnessesSeeEveryAttempt(t *testing.T) {
	var d diary
	var r tape
	refused := atOnce{func(_ context.Context, r *targets.Request) targets.Response {
		if r.Now < 2*time.Millisecond {
			return targets.Response{Outcome: results.Rejected, RetryAfter: 5 * time.Millisecond}
		}
		return ok
	}}
	tr := retrying(&every{gap: time.Millisecond, n: 3}, refused, &r, Retry{Attempts: 3})
	tr.MaxInFlight, tr.Witnesses = 1, []Witness{&d}
	rep := mustRun(t, tr)
	want := "[k 1 rejected 0s 0s 0s false k 0 unsent 1ms 1ms 1ms true k 0 unsent 2ms 2ms 2ms true k 2 ok 5ms 5ms 5ms true]"
	if got := fmt.Sprint(d.lines); got != want || rep.Seen != (Seen{Attempts: 2}) {
		t.Errorf("seen %+v:\n%s; want\n%s", rep.Seen, got, want)
	}
	if d.settled != Forever || d.early > 0 {
		t.Errorf("settled up to %v, %d attempts came later than that; want all, and none", d.settled, d.early)
	}
}

// TestWitnessesOfLanes see all of them, none called before what was settled.
func TestWitnessesOfLanes(t *testing.T) {
	w := constant(t, 1000)
	var d diary
	tr := trial(nil, do(func(context.Context, *targets.Request) targets.Response { return ok }), nil)
	tr.Lanes, tr.Time, tr.Witnesses = 3, results.Real, []Witness{&d}
	tr.Source = func(i, n int) Source { return Open(w.Shard(200*time.Millisecond, i, n), 0) }
	tr.Record = func(int) Recorder { return null{} }
	rep := mustRun(t, tr)
	if rep.Seen.Attempts != 200 || uint64(len(d.lines))+rep.Seen.Lost != 200 || d.early > 0 {
		t.Errorf("seen %+v, %d lines, %d after they were settled; want 200, and none", rep.Seen, len(d.lines), d.early)
	}
}

// TestLostAttemptsAreToldOf before anything else of the lane, and nothing is
// settled that they may belong to.
func TestLostAttemptsAreToldOf(t *testing.T) {
	small, err := ring.New[Attempt](2)
	if err != nil {
		t.Fatal(err)
	}
	var d diary
	c := &courier{witnesses: []Witness{&d}, threaded: true}
	f := &feeder{courier: c, ring: small, lost: map[who]time.Duration{}}
	c.feeders = []*feeder{f}
	see := func(key string, at time.Duration) {
		f.see(&slot{key: key, attempt: 1}, at, at, &ok, true)
		f.settled(at + 1)
	}
	see("a", 1)
	see("b", 2)
	see("c", 3) // no room
	see("c", 4) // nor here
	if settled := time.Duration(f.oldest.Load()); settled != 3 {
		t.Errorf("settled up to %v; want what was lost, at 3ns, to hold it", settled)
	}
	c.empty(make([]Attempt, 8))
	see("d", 5)
	c.empty(make([]Attempt, 8))
	want := "[a 1 ok 0s 1ns 1ns true b 1 ok 0s 2ns 2ns true lost c0 d 1 ok 0s 5ns 5ns true]"
	if got := fmt.Sprint(d.lines); got != want || c.seen() != (Seen{Attempts: 5, Lost: 2}) {
		t.Errorf("seen %+v:\n%s; want\n%s", c.seen(), got, want)
	}
	if settled := time.Duration(f.oldest.Load()); settled != 6 {
		t.Errorf("settled up to %v; want 6ns", settled)
	}
}

// TestWitnessesCostNothing: seeing an attempt allocates nothing.
func TestWitnessesCostNothing(t *testing.T) {
	c, err := newCourier(Trial{Lanes: 1, Witnesses: []Witness{&diary{}}, Time: results.Real})
	if err != nil {
		t.Fatal(err)
	}
	f, s, dst := c.feeder(0), &slot{key: "k"}, make([]Attempt, 4)
	if n := testing.AllocsPerRun(1000, func() {
		f.see(s, 0, 0, &ok, true)
		f.ring.Pop(dst)
	}); n != 0 {
		t.Errorf("an attempt allocates %v times; want 0", n)
	}
}

// TestRetriesAfterATimeout: the first attempt keeps its worker, the second has a
// slot and a worker of its own; without room for it the first outcome stands.
func TestRetriesAfterATimeout(t *testing.T) {
	for cap, want := range map[int]string{2: "ok 14ms 2 0", 1: "timed_out 10ms 1 1"} {
		lane := bare(func(targets.Env) targets.Async { return &slow{first: time.Hour} })
		var r tape
		tr := trial(&every{gap: time.Second, n: 1}, lane, &r)
		tr.Time, tr.MaxInFlight, tr.Timeout, tr.Drain = results.Virtual, cap, []time.Duration{10 * time.Millisecond}, time.Second
		tr.Retry = Retry{On: NewOutcomeSet(results.TimedOut), Attempts: 3, Wait: 3 * time.Millisecond}
		rep := mustRun(t, tr)
		r.conserved(t)
		s := r.samples[0]
		if got := fmt.Sprint(s.Outcome, " ", s.ResponseTime(), " ", rep.Attempts, " ", rep.Denied); got != want {
			t.Errorf("with room for %d: outcome, response time, attempts, denied are %s; want %s", cap, got, want)
		}
	}
}

// slow answers the first request after long, the others after 1 ms.
type slow struct {
	first time.Duration
	due   []time.Duration
	token []uint32
}

func (s *slow) Start(now time.Duration, r *targets.Request, _ targets.Done) {
	s.due, s.token = append(s.due, now+max(s.first, time.Millisecond)), append(s.token, r.Token)
	s.first = 0
}

func (s *slow) Poll(now, until time.Duration, done targets.Done) time.Duration {
	for i, due := range s.due {
		if due > 0 && due <= until {
			s.due[i] = 0
			done(s.token[i], due, &ok)
			return due
		}
	}
	return until
}

func (*slow) Close(context.Context) error { return nil }

// TestRetryBudget: of 100 first attempts that fail, a tenth may be tried again.
func TestRetryBudget(t *testing.T) {
	var r tape
	failing := atOnce{func(context.Context, *targets.Request) targets.Response {
		return targets.Response{Outcome: results.Failed, Cause: "broken"}
	}}
	tr := trial(&every{gap: time.Millisecond, n: 100}, failing, &r)
	tr.Time = results.Virtual
	tr.Retry = Retry{On: NewOutcomeSet(results.Failed), Attempts: 2, Backoff: Backoff{Base: time.Millisecond, Factor: 2}, Budget: 0.1}
	rep := mustRun(t, tr)
	r.conserved(t)
	if rep.Attempts != 110 || rep.Denied != 90 || r.count(results.Failed) != 100 {
		t.Errorf("%d attempts, %d denied, %d failed; want 110, 90 and 100", rep.Attempts, rep.Denied, r.count(results.Failed))
	}
}

// TestBudgetForgets what was put in more than ten seconds ago.
func TestBudgetForgets(t *testing.T) {
	b := newBudget(0.5)
	for range 4 {
		b.deposit(0)
	}
	if !b.withdraw(9*time.Second) || b.withdraw(10*time.Second) {
		t.Error("two tokens of second 0 are to be had for ten seconds, and not longer")
	}
	b.deposit(10 * time.Second)
	b.deposit(11 * time.Second)
	if !b.withdraw(11*time.Second) || b.withdraw(11*time.Second) {
		t.Error("two halves make one retry")
	}
}

// TestBackoffIsDrawnWithinItsBounds, grows, and is the same every time.
func TestBackoffIsDrawnWithinItsBounds(t *testing.T) {
	l := &lane{session: &session{Trial: Trial{Retry: Retry{Backoff: Backoff{Base: 10, Factor: 2, Cap: 35}}}}}
	longest := map[uint32]time.Duration{}
	for seq := range uint64(5000) {
		for attempt, most := range map[uint32]time.Duration{1: 10, 2: 20, 3: 35, 9: 35} {
			s := &slot{seq: seq, attempt: attempt}
			wait := l.backoff(s)
			longest[attempt] = max(longest[attempt], wait)
			if wait < 0 || wait > most || wait != l.backoff(s) {
				t.Fatalf("wait after attempt %d is %v; want 0 to %v, and the same again", attempt, wait, most)
			}
		}
	}
	if longest[1] < 9 || longest[2] < 19 || longest[3] < 34 {
		t.Errorf("longest waits are %v; want nearly all that there may be", longest)
	}
}
