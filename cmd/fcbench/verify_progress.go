package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/verify"
)

// examination says on stderr how far a verification came: at the foot of a
// terminal, or in a new line every few seconds elsewhere.
type examination struct {
	w     io.Writer
	foot  *foot // nil where w is no terminal
	begun time.Time

	mu   sync.Mutex
	at   verify.Progress
	stop chan struct{}
	done sync.WaitGroup
}

func newExamination(w io.Writer, quiet bool) *examination {
	e := &examination{w: w, begun: time.Now(), stop: make(chan struct{})}
	every := tellEvery
	if foot, ok := w.(*foot); ok {
		e.foot, every = foot, redrawEvery
	}
	if !quiet {
		e.done.Go(func() { e.loop(every) })
	}
	return e
}

// see takes how far it came.
func (e *examination) see(p verify.Progress) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.at = p
}

func (e *examination) loop(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
			e.tell(e.line(time.Since(e.begun)))
		}
	}
}

func (e *examination) tell(line string) {
	if e.foot != nil {
		e.foot.draw(line)
		return
	}
	fmt.Fprintln(e.w, line)
}

// line says how many are done, and which are under way.
func (e *examination) line(elapsed time.Duration) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return fmt.Sprintf("[%d/%d] %v  %s", e.at.Done, e.at.Of, elapsed.Round(time.Second), strings.Join(e.at.Under, ", "))
}

func (e *examination) close() {
	close(e.stop)
	e.done.Wait()
	if e.foot != nil {
		e.foot.clear()
	}
}
