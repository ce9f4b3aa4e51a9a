package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
)

// teller says how runs go.
type teller interface {
	experiment.Observer
	close()
}

// newTeller returns the one that --progress names.
func newTeller(w io.Writer, kind string) teller {
	if kind == "json" {
		return newJSONProgress(w)
	}
	return newProgress(w, kind == "none")
}

// jsonEvery is how often a run that goes on is told of.
const jsonEvery = time.Second

// jsonProgress says how runs go in objects, a line each: when a run begins, every
// second while it lasts, and when it ends.
type jsonProgress struct {
	underway
	out *json.Encoder
}

// jsonRun names a run.
type jsonRun struct {
	Event  string `json:"event"` // begin, progress or end
	Index  int    `json:"index"` // of the run, from 1
	Of     int    `json:"of"`
	Trial  string `json:"trial"`
	Repeat int    `json:"repeat"`
}

func newJSONProgress(w io.Writer) *jsonProgress {
	p := &jsonProgress{out: json.NewEncoder(w)}
	p.every(jsonEvery, p.update)
	return p
}

func (p *jsonProgress) named(event string) jsonRun {
	return jsonRun{event, p.step.Index, p.step.Of, p.step.Trial, p.step.Repeat}
}

// Begin implements [experiment.Observer].
func (p *jsonProgress) Begin(s experiment.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(s)
	p.tell(struct {
		jsonRun
		LengthNS int64  `json:"length_ns"` // warm-up and window; 0 where a count ends it
		Arrivals uint64 `json:"arrivals"`  // that the window will hold
	}{p.named("begin"), int64(s.Length), s.Expected})
}

// End implements [experiment.Observer].
func (p *jsonProgress) End(r *results.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell(struct {
		jsonRun
		Offered  uint64            `json:"offered"`
		Outcomes map[string]uint64 `json:"outcomes"`
		Partial  bool              `json:"partial"`
		results.Validity
	}{p.named("end"), r.Offered, r.Outcomes, r.Partial, r.Validity})
	p.step = nil
}

func (p *jsonProgress) update() {
	l := results.Look(p.step.Live)
	p.tell(struct {
		jsonRun
		ElapsedNS int64  `json:"elapsed_ns"`
		Offered   uint64 `json:"offered"`
		OK        uint64 `json:"ok"`
		Rejected  uint64 `json:"rejected"`
		Other     uint64 `json:"other"`
		InFlight  int64  `json:"in_flight"`
		P99NS     int64  `json:"p99_ns"` // response time of ok lately
	}{p.named("progress"), int64(time.Since(p.begun)), l.Offered, l.OK, l.Rejected, l.Other, l.InFlight, int64(l.P99)})
}

// tell writes an object. A reader that is gone does not end the runs.
func (p *jsonProgress) tell(object any) { _ = p.out.Encode(object) }
