package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
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
	Index, Of int
	Schedule  results.ScheduleInfo
	Host      hostinfo.Environment
}

// needsBubble reports whether virtual time reaches the subject only in a bubble,
// because it reads the clock itself.
func (p *Plan) needsBubble(s scenario.Subject) bool {
	return p.Virtual && s.TimeSource() == limiters.TimeClock
}

// inBubble makes one run in a process of its own, on a clock that a bubble moves.
func (p *Plan) inBubble(ctx context.Context, index, of int, job Job, observer Observer) (*results.Run, error) {
	s := p.Scenario
	observer.Begin(Step{
		Index: index, Of: of, Trial: job.Subject.Name, Repeat: job.Repeat, Length: s.Warmup + s.Window,
		Expected: p.Schedule.Arrivals, Live: new(results.Live),
	})
	in, err := json.Marshal(errand{s.Document(), job.Subject.Name, job.Repeat, index, of, p.Schedule, p.Host})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := bubble.Run(ctx, bytes.NewReader(in), &out, BubbleRun); err != nil {
		return nil, fmt.Errorf("in a bubble: %w", err)
	}
	run := new(results.Run)
	if err := json.Unmarshal(out.Bytes(), run); err != nil {
		return nil, fmt.Errorf("in a bubble: %w", err)
	}
	return run, nil
}

// InBubble is the child's side: it makes the run it is told to on in, and
// writes it to out. The code is the process's.
func InBubble(in io.Reader, out io.Writer) int {
	run, err := runErrand(in)
	if err == nil {
		err = json.NewEncoder(out).Encode(run)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runErrand(in io.Reader) (*results.Run, error) {
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
	p := &Plan{Scenario: s, Schedule: e.Schedule, Host: e.Host, bubble: true}
	for _, subject := range s.Subjects {
		if subject.Name == e.Trial {
			return p.once(context.Background(), e.Index, e.Of, Job{subject, e.Repeat}, nobody{})
		}
	}
	return nil, fmt.Errorf("trial is %q; want one of the scenario's", e.Trial)
}

// nobody observes nothing.
type nobody struct{}

func (nobody) Begin(Step)       {}
func (nobody) End(*results.Run) {}
