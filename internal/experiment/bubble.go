package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/internal/eventlog"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// BubbleRun is the job that a child in a bubble is started for: the arguments
// of [bubble.Run] begin with it.
const BubbleRun = "run"

// errand is one run as a child in a bubble is told of it.
type errand struct {
	Document  json.RawMessage
	Trial     string
	Repeat    int
	Order, Of int
	Schedule  results.ScheduleInfo
	First     uint64 // position of the first arrival of the window
	Host      results.Environment
	Events    *eventlog.Format // to be written before the result, line by line behind eventMark; nil for none
}

// eventMark begins a line of a child that is one of the event log.
const eventMark = "event "

// inBubble makes one run in a process of its own, on a clock that a bubble moves.
// One that ctx cuts short is partial, as any other.
func (o *Opened) inBubble(ctx context.Context, t Trial, observer Observer) (*results.Run, error) {
	step := t.step(o.subject)
	step.Live = []*results.Live{new(results.Live)}
	observer.Begin(step)
	in, err := json.Marshal(errand{t.Scenario.Document(), o.subject.Name, t.Repeat, t.Order, t.Of, t.Schedule, t.first, t.Host, formatOf(t.Events)})
	if err != nil {
		return nil, err
	}
	out := &told{events: t.Events}
	if err := bubble.Run(ctx, in, out, BubbleRun); err != nil {
		return nil, fmt.Errorf("in a bubble: %w", err)
	}
	run := new(results.Run)
	if err := json.Unmarshal(out.rest, run); err != nil {
		return nil, fmt.Errorf("in a bubble: %w", err)
	}
	return run, nil
}

// InBubble is the child's side: it makes the run it is told to on in, and
// writes it to out. When in is a [bubble.Input] and says so, that is what there
// is of the run. The code is the process's.
func InBubble(in io.Reader, out io.Writer) int {
	stopped := func() bool { return false }
	if i, ok := in.(*bubble.Input); ok {
		stopped = i.Stopped
	}
	run, err := runErrand(in, out, stopped)
	if err == nil {
		err = json.NewEncoder(out).Encode(run)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runErrand(in io.Reader, out io.Writer, stopped func() bool) (*results.Run, error) {
	var e errand
	if err := json.NewDecoder(in).Decode(&e); err != nil {
		return nil, err
	}
	doc, err := strictyaml.Parse("document", e.Document)
	if err != nil {
		return nil, err
	}
	s, err := scenario.New(doc, false)
	if err != nil {
		return nil, err
	}
	p := &Plan{World: &World{Host: e.Host}, Scenario: s, Time: results.Bubble, Schedule: e.Schedule, first: e.First}
	for _, subject := range s.Subjects {
		if subject.Name == e.Trial {
			if e.Events != nil {
				p.Events = eventlog.Marked(out, *e.Events, eventMark)
			}
			run, err := p.once(heed(stopped, s.Horizon()), Trial{Plan: p, Repeat: e.Repeat, Order: e.Order, Of: e.Of}, subject, nobody{})
			if p.Events != nil {
				err = errors.Join(err, p.Events.Close())
			}
			return run, err
		}
	}
	return nil, fmt.Errorf("trial is %q; want one of the scenario's", e.Trial)
}

// checkEvery is the shortest time between two looks at whether the parent has asked
// for the end.
const checkEvery = 10 * time.Millisecond

// heed returns a context that ends when the parent wants no more, as stopped says,
// while arrivals come, which is until horizon.
//
// It looks again after a thousandth of the time that has passed, and so after a
// thousandth of what the run has taken so far; that makes some ten thousand looks
// in a day. They have an end, so that a run which is stuck is still found out.
func heed(stopped func() bool, horizon time.Duration) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for age := time.Duration(0); age < horizon; {
			pause := max(checkEvery, age/1000)
			time.Sleep(pause)
			age += pause
			if stopped() {
				cancel()
				return
			}
		}
	}()
	return ctx
}

// nobody is an observer that ignores what it is told.
type nobody struct{}

func (nobody) Begin(Step)       {}
func (nobody) End(*results.Run) {}
