package live

import (
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/pipelines"
)

// Report is how a pipeline ended. What was offered is done, dropped, failed or cut.
type Report struct {
	// Cause is why it ended before all had gone through: the cause of its context, an
	// error, a panic, [ErrDrain]; nil if all went through.
	Cause   error
	Offered uint64 // to the first queue
	Done    uint64
	Dropped [pipelines.Causes]uint64 // by any queue
	Failed  uint64
	Cut     uint64 // inside or in somebody's hands at the end
	Panics  uint64
	// Stuck are the goroutines that did not return when their context ended.
	Stuck []Stuck
}

// Stuck is how many goroutines of a stage, or of "source", did not return.
type Stuck struct {
	Name       string
	Goroutines int
}

// Err names who is stuck; nil if nobody is.
func (r Report) Err() error {
	if len(r.Stuck) == 0 {
		return nil
	}
	var who []string
	for _, s := range r.Stuck {
		who = append(who, fmt.Sprintf("%d of %s", s.Goroutines, s.Name))
	}
	return fmt.Errorf("goroutines that did not return within %v of the end of their context: %s", Grace, strings.Join(who, ", "))
}

func (p *Pipeline) report(cause error) Report {
	r := Report{Cause: cause, Done: p.done.Load(), Failed: p.failed.Load(), Panics: p.panicked.Load(), Offered: p.Queue(0).Counts().Offered}
	r.Cut = r.Offered - r.Done - r.Failed
	for i := range p.Stages {
		for cause, n := range p.Queue(i).Counts().Dropped {
			r.Dropped[cause] += n
			r.Cut -= n
		}
	}
	for _, pl := range p.pools {
		if n := pl.alive.Load(); n > 0 {
			r.Stuck = append(r.Stuck, Stuck{pl.name, int(n)})
		}
	}
	return r
}
