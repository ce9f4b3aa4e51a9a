// Package conformance checks that a target keeps the promises of its contract.
// A target's own test file is a call of Run.
package conformance

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// requests is how many requests each rule sends.
const requests = 500

// T is what the rules need of a *testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Context() context.Context
}

// Run holds the target that fresh makes, not yet opened, to its contract.
func Run(t *testing.T, fresh func(t *testing.T) targets.Target) {
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) { rule.Check(t, fresh(t)) })
	}
}

// Rule is one promise.
type Rule struct {
	Name  string
	Check func(t T, target targets.Target)
}

// Rules are the promises of a target.
var Rules = []Rule{
	{"one answer each", oneAnswerEach},
	{"ends first what ends first", endsFirst},
	{"trials in turn", trialsInTurn},
	{"nothing left behind", nothingLeft},
	{"calls", calls},
	{"ended context", endedContext},
}

// stage is a target under virtual time.
type stage struct {
	t       T
	target  targets.Target
	lane    targets.Async
	now     time.Duration
	starts  map[uint32]time.Duration
	answers map[uint32]time.Duration
	last    time.Duration // the latest answer
}

// open opens the target.
func open(t T, target targets.Target) *stage {
	t.Helper()
	if err := target.Open(t.Context()); err != nil {
		t.Errorf("Open: %v", err)
	}
	return &stage{t: t, target: target}
}

// begin begins a trial with one lane.
func (s *stage) begin(id targets.TrialID) {
	s.t.Helper()
	s.now, s.last = 0, 0
	s.starts, s.answers = map[uint32]time.Duration{}, map[uint32]time.Duration{}
	if err := s.target.Begin(s.t.Context(), id); err != nil {
		s.t.Errorf("Begin: %v", err)
	}
	var err error
	if s.lane, err = s.target.Lane(s.t.Context(), s.env(), 0, 1); err != nil {
		s.t.Errorf("Lane: %v", err)
	}
}

func (s *stage) env() targets.Env {
	return targets.Env{
		Time: results.Virtual, InFlight: requests,
		Clock: func() time.Duration { return s.now },
		Wait:  func(_, until time.Duration) time.Duration { s.now = until; return until },
	}
}

// end ends it.
func (s *stage) end() {
	if err := s.lane.Close(s.t.Context()); err != nil {
		s.t.Errorf("the lane's Close: %v", err)
	}
	if err := s.target.End(s.t.Context()); err != nil {
		s.t.Errorf("End: %v", err)
	}
}

func (s *stage) close() {
	if err := s.target.Close(context.Background()); err != nil {
		s.t.Errorf("Close: %v", err)
	}
}

// start starts request i at now.
func (s *stage) start(i int, now time.Duration) {
	s.now = max(s.now, now)
	r := request(i)
	r.Now, r.Intended, r.Deadline = now, now, now+5*time.Second
	s.starts[r.Token] = now
	s.lane.Start(now, r, s.done)
}

func (s *stage) done(token uint32, at time.Duration, r *targets.Response) {
	if err := proper(r); err != nil {
		s.t.Errorf("request %d: %v", token, err)
	}
	if _, twice := s.answers[token]; twice {
		s.t.Errorf("request %d was answered twice", token)
	}
	start, known := s.starts[token]
	if !known || at < start || r.Started != 0 && (r.Started < start || r.Started > at) {
		s.t.Errorf("request %d of %v was begun at %v and answered at %v", token, start, r.Started, at)
	}
	s.answers[token] = at
	s.last = max(s.last, at)
}

// poll goes on to until at most.
func (s *stage) poll(until time.Duration) {
	then := s.lane.Poll(s.now, until, s.done)
	if then < s.now || then > until {
		s.t.Errorf("Poll(%v, %v) returned %v; want a time between the two", s.now, until, then)
		then = until
	}
	s.now = then
}

// finish takes what is still to come.
func (s *stage) finish() {
	for end := s.now + time.Hour; s.now < end && len(s.answers) < len(s.starts); {
		s.poll(end)
	}
	if len(s.answers) != len(s.starts) {
		s.t.Errorf("%d of %d requests were answered within an hour", len(s.answers), len(s.starts))
	}
}

func request(i int) *targets.Request {
	at := time.Duration(i) * time.Millisecond
	return &targets.Request{Token: uint32(i), Seq: uint64(i), Now: at, Intended: at, Deadline: at + 5*time.Second, Key: fmt.Sprint("k", i%7), KeyID: uint32(i % 7), Cost: 1, Size: i % 64}
}

// oneAnswerEach: every request is answered exactly once, at an instant that is
// not before its start, and Poll never returns a time before now.
func oneAnswerEach(t T, target targets.Target) {
	s := open(t, target)
	defer s.close()
	s.begin("one")
	for i := range requests {
		for due := request(i).Now; s.now < due; {
			s.poll(due)
		}
		s.start(i, s.now)
	}
	s.finish()
	s.end()
}

// endsFirst: requests follow each other without a Poll between them while the
// clock moves on, and each finds the state of its own instant: whatever ended
// before was answered before, so that time never goes back. The same requests
// with a Poll before each are answered at the same instants.
func endsFirst(t T, target targets.Target) {
	s := open(t, target)
	defer s.close()
	play := func(id targets.TrialID, polled bool) map[uint32]time.Duration {
		s.begin(id)
		defer s.end()
		for i := range requests {
			at := time.Duration(i) * 700 * time.Microsecond
			for polled && s.now < at {
				s.poll(at)
			}
			s.start(i, at)
			if s.last > at && polled {
				t.Errorf("at %v there was an answer of %v", at, s.last)
			}
		}
		s.finish()
		return s.answers
	}
	with, without := play("with", true), play("without", false)
	for token, at := range with {
		if without[token] != at {
			t.Errorf("request %d was answered at %v with a Poll before each start, and at %v without", token, at, without[token])
			return
		}
	}
}

// trialsInTurn: a target that was opened once serves several trials, the clock
// of each beginning at 0, and what one leaves unfinished the next does not see.
func trialsInTurn(t T, target targets.Target) {
	s := open(t, target)
	defer s.close()
	var first map[uint32]time.Duration
	for trial := range 3 {
		s.begin(targets.TrialID(fmt.Sprint(trial)))
		for i := range 20 {
			s.start(i, s.now)
		}
		s.end()
		if trial == 0 {
			first = s.answers
		}
		if !maps.Equal(s.answers, first) {
			t.Errorf("trial %d answered %v; want what the first one did, %v", trial, s.answers, first)
		}
	}
}

// nothingLeft: a lane that is closed while requests are in flight leaves no
// goroutine behind and answers nothing any more.
func nothingLeft(t T, target targets.Target) {
	s := open(t, target)
	before := runtime.NumGoroutine()
	s.begin("left")
	for i := range 50 {
		s.start(i, s.now)
	}
	answered := len(s.answers)
	s.end()
	if now := len(s.answers); now != answered {
		t.Errorf("%d requests were answered by Close; want late answers discarded", now-answered)
	}
	s.close()
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	if left := runtime.NumGoroutine() - before; left > 4 { // idle connections take a moment to end
		t.Errorf("%d goroutines are left behind", left)
	}
}

// calls: what can be called without a lane returns one of the outcomes, with a
// cause unless it is ok or rejected, also when called from several goroutines.
func calls(t T, target targets.Target) {
	s := open(t, target)
	defer s.close()
	s.begin("calls")
	defer s.end()
	caller := target.Info().Inline
	if caller == nil {
		return
	}
	const callers = 4
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := c; i < requests; i += callers {
				r := caller.Do(t.Context(), func() time.Duration { return 0 }, request(i))
				if err := proper(&r); err != nil {
					t.Errorf("request %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// endedContext: a lane whose context has ended answers all the same.
func endedContext(t T, target targets.Target) {
	s := open(t, target)
	defer s.close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.begin("ended")
	defer s.end()
	lane, err := target.Lane(ctx, s.env(), 0, 1)
	if err != nil {
		t.Errorf("Lane: %v", err)
		return
	}
	if err := s.lane.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	s.lane = lane
	s.start(1, 0)
	s.finish()
}

func proper(r *targets.Response) error {
	if r.Outcome < results.OK || r.Outcome > results.Failed {
		return fmt.Errorf("outcome is %d; a target answers ok, rejected, shed, timed_out or failed", r.Outcome)
	}
	if r.Outcome > results.Rejected && r.Cause == "" {
		return fmt.Errorf("outcome %v comes without a cause; every loss has one", r.Outcome)
	}
	return nil
}
