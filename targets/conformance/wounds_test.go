package conformance_test

import (
	"context"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

// wound is what is wrong with a server.
type wound int

const (
	sound wound = iota
	startsOnThePast
	answersTwice
	answersInClose
	keepsItsState
	leavesAGoroutine
	saysNothingOfLosses
)

// server serves one request at a time, 3 ms each, and sheds those that come meanwhile.
type server struct {
	wound wound
	lane  *line
	ends  chan struct{}
}

func (*server) Info() targets.Info                           { return targets.Info{Scope: "simulated", Virtual: true, Lanes: 1} }
func (*server) Open(context.Context) error                   { return nil }
func (*server) Begin(context.Context, targets.TrialID) error { return nil }
func (*server) End(context.Context) error                    { return nil }
func (s *server) Close(context.Context) error                { return nil }
func (s *server) Lane(_ context.Context, _ targets.Env, _, _ int) (targets.Async, error) {
	if s.lane == nil || s.wound != keepsItsState {
		s.lane = &line{wound: s.wound}
	}
	if s.wound == leavesAGoroutine {
		for range 10 {
			go func() { <-s.ends }()
		}
	}
	return s.lane, nil
}

type line struct {
	wound  wound
	agenda events.Agenda[uint32]
	done   targets.Done
}

func (l *line) settle(now time.Duration, done targets.Done) {
	l.agenda.Settle(now, func(at time.Duration, token uint32) {
		done(token, at, &targets.Response{Outcome: results.OK})
		if l.wound == answersTwice {
			done(token, at, &targets.Response{Outcome: results.OK})
		}
	})
}

func (l *line) Start(now time.Duration, r *targets.Request, done targets.Done) {
	l.done = done
	if l.wound != startsOnThePast {
		l.settle(now, done)
	}
	if l.agenda.Len() == 0 {
		l.agenda.Push(now+3*time.Millisecond, r.Token)
		return
	}
	cause := "busy"
	if l.wound == saysNothingOfLosses {
		cause = ""
	}
	done(r.Token, now, &targets.Response{Outcome: results.Shed, Cause: cause})
}

func (l *line) Poll(now, until time.Duration, done targets.Done) time.Duration {
	if next, ok := l.agenda.Next(); ok {
		until = max(now, min(until, next))
	}
	l.settle(until, done)
	return until
}

func (l *line) Close(context.Context) error {
	if l.wound == answersInClose && l.done != nil {
		l.settle(events.Forever, l.done)
	}
	return nil
}

// noted counts what a rule has to say.
type noted struct {
	*testing.T
	errors int
}

func (n *noted) Errorf(string, ...any) { n.errors++ }

// TestRulesNoticeWounds: a sound target breaks no rule, a wounded one the rule it should.
func TestRulesNoticeWounds(t *testing.T) {
	for wound, broken := range map[wound]string{
		sound: "", startsOnThePast: "ends first what ends first", answersTwice: "one answer each", answersInClose: "nothing left behind",
		keepsItsState: "trials in turn", leavesAGoroutine: "nothing left behind", saysNothingOfLosses: "one answer each",
	} {
		s := &server{wound: wound, ends: make(chan struct{})}
		noticed := map[string]bool{}
		for _, rule := range conformance.Rules {
			s.lane = nil
			n := &noted{T: t}
			rule.Check(n, s)
			noticed[rule.Name] = n.errors > 0
		}
		close(s.ends)
		for name, bad := range noticed {
			if wound == sound && bad {
				t.Errorf("rule %q accuses a sound target", name)
			}
		}
		if broken != "" && !noticed[broken] {
			t.Errorf("rule %q does not notice wound %d; those that do: %v", broken, wound, noticed)
		}
	}
}
