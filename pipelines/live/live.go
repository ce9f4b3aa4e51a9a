// Package live runs pipelines as Go programs do: goroutines that send to and take
// from queues, with real timers and contexts that end. The queues and policies are
// those of package pipelines, unchanged; package sim runs the same ones on an agenda.
//
// A [Pipeline] has sources, stages of workers, and a [Queue] before each stage. The
// last stage is the sink. How one ends:
//
//   - Only those who send close a queue: the last source that returns the first one,
//     the last worker of a stage the one after it. So all that was sent goes through,
//     and then every goroutine has ended.
//   - When its context ends, an error comes from a source or from a worker, or
//     [Pipeline.Abort] is called, everybody stops at once. What is still inside is cut.
//   - [Pipeline.Drain] asks the sources to stop and lets the rest go through, as long
//     as its bound; then it aborts.
//
// Within [Grace] of its end no goroutine of the pipeline is left, but for workers whose
// own code ignores its context: the [Report] names their stages and counts them.
//
// Service that is waited for, as [Timed] does, ends at absolute instants: that of the
// next item of a busy worker begins when that of the last one was to end, however late
// the timer was. So lateness does not add up, and a pipeline gets as much done as in
// virtual time.
package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// Grace is how long goroutines may take to end when they are told to.
const Grace = 50 * time.Millisecond

// Config describes a pipeline.
type Config struct {
	Stages []Stage
	// Sources send on goroutines of their own. There need not be any: see
	// [Pipeline.Offer].
	Sources []Source
	// Clock reads the offset from the start of the run.
	Clock func() time.Duration
	// GoesOn keeps the pipeline running when a worker panics, without the item that it
	// panicked over. Otherwise that ends it as an error does.
	GoesOn bool
	// Ends is told what becomes of items. It may be nil.
	Ends Ends
}

// Stage is a pool of workers behind a queue.
type Stage struct {
	Name    string // in reports; "stage N" where it is empty
	Policy  pipelines.Policy
	Workers int
	Work    Work
	// Batch is how many of those that are there a worker takes at most at once; 0 is 1.
	Batch int
	// Together serves what a worker has taken at once. It stands in the place of Work,
	// which can only have one.
	Together Together
}

// Work serves an item, which it may change. Service begins at begin, when the worker
// was free and the item there, which may be a moment ago. It returns when service
// ended; an error ends the pipeline. It has to return soon when ctx ends.
type Work func(ctx context.Context, begin time.Duration, it *pipelines.Item) (end time.Duration, err error)

// Together serves items together, all of which end then; otherwise it is like Work. An
// error is that of all.
type Together func(ctx context.Context, begin time.Duration, items []pipelines.Item) (end time.Duration, err error)

// one is work on one item after the other.
func one(work Work) Together {
	return func(ctx context.Context, begin time.Duration, items []pipelines.Item) (time.Duration, error) {
		return work(ctx, begin, &items[0])
	}
}

// Source sends until it has no more or send returns false. ctx ends when it shall
// stop; it may return that as its error, which then is none.
type Source func(ctx context.Context, send func(it *pipelines.Item) bool) error

// Ends are told what becomes of items, by several goroutines at once. They may not
// wait.
type Ends interface {
	Done(at time.Duration, it *pipelines.Item)                // the last stage has served it
	Dropped(at time.Duration, all []pipelines.Drop)           // by a queue
	Failed(at time.Duration, it *pipelines.Item, cause error) // an error or a panic
}

type ignored struct{}

func (ignored) Done(time.Duration, *pipelines.Item)          {}
func (ignored) Dropped(time.Duration, []pipelines.Drop)      {}
func (ignored) Failed(time.Duration, *pipelines.Item, error) {}

const (
	maxWorkers = 1 << 20
	maxBatch   = 1 << 20
)

func (c *Config) check() error {
	var problems []error
	if len(c.Stages) == 0 {
		problems = append(problems, errors.New("there are 0 stages; want at least 1"))
	}
	if c.Clock == nil {
		problems = append(problems, errors.New("clock is missing; want one"))
	}
	for i, s := range c.Stages {
		if s.Workers < 1 || s.Workers > maxWorkers {
			problems = append(problems, fmt.Errorf("workers is %d in stage %d; want 1 to %d", s.Workers, i+1, maxWorkers))
		}
		if s.Policy == nil || s.Work == nil && s.Together == nil {
			problems = append(problems, fmt.Errorf("stage %d lacks a policy or work; want both", i+1))
		}
		if s.Work != nil && (s.Together != nil || s.Batch > 1) {
			problems = append(problems, fmt.Errorf("work on one item stands beside batches in stage %d; want Together alone", i+1))
		}
		if s.Batch < 0 || s.Batch > maxBatch {
			problems = append(problems, fmt.Errorf("batch is %d in stage %d; want 1 to %d", s.Batch, i+1, maxBatch))
		}
	}
	return errors.Join(append(problems, c.copies())...)
}

// copies refuses a queue that makes copies where they would go on.
func (c *Config) copies() error {
	for i, s := range c.Stages {
		if _, makes := s.Policy.(pipelines.Extrapolating); makes && i+1 < len(c.Stages) {
			return fmt.Errorf("the queue before stage %d hands out copies; want it before the last stage, %d", i+1, len(c.Stages))
		}
	}
	return nil
}
