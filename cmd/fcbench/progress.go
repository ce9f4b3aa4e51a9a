package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
)

// progress says on stderr how a run goes: a line that is rewritten on a
// terminal, a new line every few seconds elsewhere.
type progress struct {
	w     io.Writer
	tty   bool
	every time.Duration

	mu    sync.Mutex
	step  *experiment.Step
	begun time.Time
	drawn bool
	stop  chan struct{}
	done  sync.WaitGroup
}

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w, tty: terminal(w), every: 5 * time.Second, stop: make(chan struct{})}
	if p.tty {
		p.every = 200 * time.Millisecond
	}
	if quiet {
		p.w = io.Discard
		return p
	}
	p.done.Go(p.loop)
	return p
}

// Begin takes the next run.
func (p *progress) Begin(s experiment.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.begun = &s, time.Now()
}

// End takes the run that ended.
func (p *progress) End(r *results.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
	fmt.Fprintf(p.w, "[%d/%d] %s: offered %d, ok %d, %s\n", p.step.Index, p.step.Of, r.Trial, r.Offered, r.Outcomes["ok"], r.Validity.Verdict)
	p.step = nil
}

func (p *progress) loop() {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.draw()
		}
	}
}

func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.step == nil {
		return
	}
	p.wipe()
	fmt.Fprint(p.w, p.line(time.Since(p.begun)))
	if p.drawn = p.tty; !p.tty {
		fmt.Fprintln(p.w)
	}
}

// line shows elapsed, offered, admitted, p99, in flight and ETA.
func (p *progress) line(elapsed time.Duration) string {
	s, l := p.step, p.step.Live
	text := fmt.Sprintf("[%d/%d] %s %v  offered %d  ok %d  rejected %d  other %d  p99 %v  in flight %d", s.Index, s.Of, s.Trial,
		elapsed.Round(100*time.Millisecond), l.Offered.Load(), l.OK.Load(), l.Rejected.Load(), l.Other.Load(),
		time.Duration(l.P99NS.Load()).Round(time.Microsecond), l.InFlight.Load())
	if s.Length > 0 {
		left := time.Duration(s.Of-s.Index)*s.Length + max(0, s.Length-elapsed)
		text += fmt.Sprintf("  ETA %v", left.Round(time.Second))
	}
	return text
}

// wipe clears the line that was drawn last.
func (p *progress) wipe() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

func (p *progress) close() {
	close(p.stop)
	p.done.Wait()
	p.wipe()
}
