package targets_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

// spaced lets one request go every 10 ms and makes the others wait.
type spaced struct{ next time.Duration }

func (s *spaced) Allow(_ context.Context, now time.Duration, key string, _ int64) (limiters.Decision, error) {
	if key == "k5" {
		return limiters.Decision{}, errors.New("no answer")
	}
	at := max(s.next, now)
	s.next = at + 10*time.Millisecond
	return limiters.Decision{Allowed: true, At: now, Delay: at - now}, nil
}

func (s *spaced) Info() limiters.Info         { return limiters.Info{Shaper: true} }
func (s *spaced) Bound(w time.Duration) int64 { return 1 + int64(w/(10*time.Millisecond)) }

// seats are two permits, which know who holds them.
type seats struct {
	mu     sync.Mutex
	held   map[uint64]bool
	given  uint64
	broken bool // nothing can be given back
}

func (s *seats) Allow(_ context.Context, now time.Duration, _ string, _ int64) (limiters.Decision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) == 2 {
		return limiters.Decision{At: now, RetryAfter: limiters.Unknown}, nil
	}
	s.given++
	s.held[s.given] = true
	return limiters.Decision{Allowed: true, At: now, Permit: s.given}, nil
}

func (s *seats) Release(_ context.Context, now time.Duration, _ string, _ int64, permit uint64) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken || !s.held[permit] {
		return 0, errors.New("not held")
	}
	delete(s.held, permit)
	return now, nil
}

func newSeats() *seats { return &seats{held: map[uint64]bool{}} }

func holdFor(d time.Duration) targets.Hold { return func(uint64) time.Duration { return d } }

// limiting makes a target of one limiter; it is the same in each trial.
func limiting(l limiters.Limiter, o targets.LimiterOptions) targets.Target {
	o.New = func(targets.TrialID) (targets.Limiters, error) { return targets.Limiters{Common: l}, nil }
	_, releases := l.(limiters.Releaser)
	d, described := l.(limiters.Described)
	o.Waits = releases || described && d.Info().Shaper
	return targets.OfLimiters(o)
}

func TestWaitingLimitersConform(t *testing.T) {
	fresh := func(l func() limiters.Limiter, o targets.LimiterOptions) func(*testing.T) targets.Target {
		o.Waits = true
		o.New = func(targets.TrialID) (targets.Limiters, error) { return targets.Limiters{Common: l()}, nil }
		return func(*testing.T) targets.Target { return targets.OfLimiters(o) }
	}
	for name, workers := range map[string]int{"events": 0, "blocking": 4} {
		t.Run(name, func(t *testing.T) {
			o := targets.LimiterOptions{Workers: workers, Hold: holdFor(3 * time.Millisecond)}
			if workers > 0 {
				o.Hold = holdFor(time.Microsecond) // the world's time
			}
			conformance.Run(t, fresh(func() limiters.Limiter { return newSeats() }, o))
		})
	}
	t.Run("shaper", func(t *testing.T) {
		conformance.Run(t, fresh(func() limiters.Limiter { return &spaced{} }, targets.LimiterOptions{}))
	})
}

// laneOf opens a target and returns the lane of a trial.
func laneOf(t *testing.T, target targets.Target, env targets.Env) targets.Async {
	t.Helper()
	if err := errors.Join(target.Open(t.Context()), target.Begin(t.Context(), "t")); err != nil {
		t.Fatal(err)
	}
	lane, err := target.Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	return lane
}

// standing is a clock that does not move.
func standing() targets.Env {
	return targets.Env{Clock: func() time.Duration { return 0 }, Wait: func(_, until time.Duration) time.Duration { return until }, InFlight: 100, Time: results.Virtual}
}

// play starts requests at their instants in virtual time and returns what became of them.
func play(t *testing.T, target targets.Target, at ...time.Duration) (got []string) {
	t.Helper()
	now := time.Duration(0)
	env := standing()
	env.Clock = func() time.Duration { return now }
	env.Wait = func(_, until time.Duration) time.Duration { now = until; return until }
	lane := laneOf(t, target, env)
	done := func(token uint32, at time.Duration, r *targets.Response) {
		got = append(got, fmt.Sprint(token, " ", at, " ", r.Outcome, " ", r.Started, " ", r.Decided, " ", r.Until))
	}
	for i, due := range append(at, time.Minute) {
		for now < due {
			now = lane.Poll(now, due, done)
		}
		if i < len(at) {
			lane.Start(now, &targets.Request{Token: uint32(i), Seq: uint64(i), Now: now, Key: "k", Cost: 1}, done)
		}
	}
	return got
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("token, done, outcome, started, decided, until are\n%q; want\n%q", got, want)
	}
}

func TestShaperLetsGoAfterItsDelay(t *testing.T) {
	target := limiting(&spaced{}, targets.LimiterOptions{})
	expect(t, play(t, target, 0, time.Millisecond, time.Millisecond),
		"0 0s ok 0s 0s 0s", "1 10ms ok 1ms 1ms 10ms", "2 20ms ok 1ms 1ms 20ms")
}

// TestHoldIsAnEvent: of three at once two are seated, and the seats of those
// that leave are free to whoever comes at that very instant.
func TestHoldIsAnEvent(t *testing.T) {
	for _, o := range []targets.LimiterOptions{{}, {Workers: 4, Virtual: true}} {
		o.Hold = func(seq uint64) time.Duration { return time.Duration(5+seq) * time.Millisecond }
		expect(t, play(t, limiting(newSeats(), o), 0, 0, 0, 5*time.Millisecond),
			"2 0s rejected 0s 0s 0s", "0 5ms ok 0s 0s 5ms", "1 6ms ok 0s 0s 6ms", "3 13ms ok 5ms 5ms 13ms")
	}
}

func TestWhatIsHeldAtTheEndIsGivenBack(t *testing.T) {
	s := newSeats()
	lane := laneOf(t, limiting(s, targets.LimiterOptions{Hold: holdFor(time.Hour)}), standing())
	lane.Start(0, &targets.Request{}, nil)
	if err := lane.Close(t.Context()); err != nil || len(s.held) != 0 {
		t.Errorf("Close returned %v with %d permits held; want none", err, len(s.held))
	}
}

func TestAFailedReleaseIsAFailure(t *testing.T) {
	s := newSeats()
	s.broken = true
	expect(t, play(t, limiting(s, targets.LimiterOptions{Hold: holdFor(time.Second)}), 0), "0 1s failed 0s 0s 0s")
}

// TestBlockingHold: behind a network the caller waits in its worker, and gives
// back also when it leaves early.
func TestBlockingHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSeats()
		start := time.Now()
		env := targets.Env{Time: results.Bubble, InFlight: 2, Clock: func() time.Duration { return time.Since(start) }}
		lane := laneOf(t, limiting(s, targets.LimiterOptions{Workers: 1, Hold: holdFor(time.Second)}), env)
		var got []string
		done := func(_ uint32, at time.Duration, r *targets.Response) {
			got = append(got, fmt.Sprint(r.Outcome, at, len(s.held)))
		}
		for _, patience := range []time.Duration{time.Minute, 10 * time.Millisecond} {
			now := time.Since(start)
			lane.Start(now, &targets.Request{Now: now, Deadline: now + patience}, done)
			lane.Poll(now, now+2*time.Second, done)
		}
		if want := "[ok 1s 0 timed_out 1.01s 0]"; fmt.Sprint(got) != want {
			t.Errorf("outcomes, instants and permits held are %v; want %s", got, want)
		}
		if err := lane.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestEventsAreInOrderAndAllocateNothing(t *testing.T) {
	lane := laneOf(t, limiting(newSeats(), targets.LimiterOptions{Hold: holdFor(1)}), standing())
	done := func(uint32, time.Duration, *targets.Response) {}
	r := &targets.Request{Key: "a", Cost: 1}
	cycle := func() {
		lane.Start(0, r, done)
		lane.Poll(0, 1, done)
	}
	cycle()
	if n := testing.AllocsPerRun(1000, cycle); n != 0 {
		t.Errorf("a grant that is held allocates %v times; want 0", n)
	}
}

// never denies.
type never struct{}

func (never) Allow(_ context.Context, now time.Duration, _ string, _ int64) (limiters.Decision, error) {
	return limiters.Decision{At: now}, nil
}

// TestClassesHaveTheirLimiters: whoever has none asks the common one.
func TestClassesHaveTheirLimiters(t *testing.T) {
	o := targets.LimiterOptions{Hold: holdFor(time.Second), Waits: true, New: func(targets.TrialID) (targets.Limiters, error) {
		return targets.Limiters{Common: newSeats(), Classes: []limiters.Limiter{nil, never{}}}, nil
	}}
	lane := laneOf(t, targets.OfLimiters(o), standing())
	var rejected []uint32
	for class := range uint8(3) {
		lane.Start(0, &targets.Request{Token: uint32(class), Class: class}, func(token uint32, _ time.Duration, r *targets.Response) {
			rejected = append(rejected, token)
		})
	}
	if fmt.Sprint(rejected) != "[1]" {
		t.Errorf("classes %v are refused; want [1]", rejected)
	}
	if err := lane.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
