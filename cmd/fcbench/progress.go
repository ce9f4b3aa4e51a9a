package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// How often progress is told: by a line that is redrawn, or by a new line.
const (
	redrawEvery = 200 * time.Millisecond
	tellEvery   = 5 * time.Second
)

// progress says on stderr how a run goes: at the foot of a terminal, or in a
// new line every few seconds elsewhere.
type progress struct {
	underway
	w    io.Writer
	foot *foot // nil where w is no terminal
}

func newProgress(w io.Writer, quiet bool) *progress {
	p := &progress{w: w}
	if quiet {
		p.w = io.Discard
		return p
	}
	every := tellEvery
	if foot, ok := w.(*foot); ok {
		p.foot, every = foot, redrawEvery
	}
	p.every(every, p.update)
	return p
}

// Begin takes the next run.
func (p *progress) Begin(s experiment.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(s)
}

// End takes the run that ended.
func (p *progress) End(r *results.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell(fmt.Sprintf("[%d/%d] %s: offered %d, ok %d, %s", p.step.Index, p.step.Of, report.Plain(r.Trial), r.Offered, r.Outcomes["ok"], r.Validity.Verdict))
	p.step = nil
}

// update tells how the run goes.
func (p *progress) update() {
	parts := p.parts(time.Since(p.begun))
	if p.foot != nil {
		p.foot.draw(fitting(parts, p.foot.width()-1))
	} else {
		p.tell(strings.Join(parts, "  "))
	}
}

// tell writes a line that stays.
func (p *progress) tell(line string) {
	if p.foot != nil {
		line = report.Crop(line, p.foot.width()-1)
	}
	fmt.Fprintln(p.w, line)
}

// parts say which run it is, how long it will take, and what became of its
// requests, the most important first.
func (p *progress) parts(elapsed time.Duration) []string {
	s, l := p.step, results.Look(p.step.Live)
	parts := []string{fmt.Sprintf("[%d/%d] %s %v", s.Index, s.Of, report.Plain(s.Trial), elapsed.Round(100*time.Millisecond))}
	if s.Length > 0 {
		left := time.Duration(s.Of-s.Index)*s.Length + max(0, s.Length-elapsed)
		parts = append(parts, fmt.Sprintf("ETA %v", left.Round(time.Second)))
	}
	return append(parts,
		fmt.Sprintf("offered %d", l.Offered),
		fmt.Sprintf("ok %d", l.OK),
		fmt.Sprintf("rejected %d", l.Rejected),
		fmt.Sprintf("other %d", l.Other),
		fmt.Sprintf("p99 %v", l.P99.Round(time.Microsecond)),
		fmt.Sprintf("in flight %d", l.InFlight))
}

// fitting joins as many parts as there is room for; the first is always there.
func fitting(parts []string, width int) string {
	line := parts[0]
	for _, part := range parts[1:] {
		longer := line + "  " + part
		if report.Crop(longer, width) != longer {
			break
		}
		line = longer
	}
	return line
}

func (p *progress) close() {
	p.underway.close()
	if p.foot != nil {
		p.foot.clear()
	}
}
