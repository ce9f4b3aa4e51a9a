package faults

import (
	"context"
	"runtime"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Result is what one fault did. Instants are offsets from the beginning of the
// measured window.
type Result struct {
	Kind    Kind  `json:"kind"`
	AtNS    int64 `json:"at_ns"`              // as planned
	ForNS   int64 `json:"for_ns,omitempty"`   // as planned
	DelayNS int64 `json:"delay_ns,omitempty"` // of slow
	Reached bool  `json:"reached"`            // else the run ended before, and nothing follows
	BeganNS int64 `json:"began_ns"`
	EndedNS int64 `json:"ended_ns"`            // when the server was itself again
	Cut     bool  `json:"cut_short,omitempty"` // it ended early, with the run

	During Spell  `json:"during"` // decisions any of whose time was the fault's
	After  Spell  `json:"after"`  // those after it, until the next fault
	Before Spell  `json:"before"` // those before it, since the last fault
	Limit  *Grant `json:"limit,omitempty"`

	// Recovered tells whether, after the fault, the limiter itself came to decide
	// everything, until the next fault or the end of the run. RecoveryNS is how
	// long after the fault's end the first such decision was made.
	Recovered  bool  `json:"recovered"`
	RecoveryNS int64 `json:"recovery_ns"`
}

// Spell is the decisions of a time: who made them, and how long they took.
type Spell struct {
	Decisions map[string]uint64 `json:"decisions"` // by mode; "error" is none
	Latency   Latency           `json:"latency"`
}

// Grant is what was admitted during a fault, against the limit.
type Grant struct {
	Keys     int   `json:"keys"`     // that were asked for
	Admitted int64 `json:"admitted"` // tokens, of all keys
	Entitled int64 `json:"entitled"` // what the limit allows those keys in that time
	Excess   int64 `json:"excess"`   // sum of what each key got beyond its own part
}

// Results says of each fault what it did. The injection must have stopped, and
// nothing be observed any more.
func (w *Watch) Results() []Result {
	all := make([]Result, len(w.plan))
	for k, c := range w.plan {
		f, r := &w.faults[k], &all[k]
		*r = Result{Kind: c.Kind, AtNS: int64(c.At), ForNS: int64(c.For), DelayNS: int64(c.Delay)}
		began, ended := f.began.Load(), f.ended.Load()
		if began == never || ended == never {
			continue
		}
		r.Reached, r.Cut = true, f.cut.Load()
		r.BeganNS, r.EndedNS = began-int64(w.origin), ended-int64(w.origin)
		r.During, r.After, r.Before = f.spell.sum(), w.calm[k+1].sum(), w.calm[k].sum()
		r.Limit = f.grant(w.bound)
		if good := f.recovery.good; good != none {
			r.Recovered, r.RecoveryNS = true, max(0, int64(good)-ended)
		}
	}
	return all
}

func (s *spell) sum() Spell {
	decisions := map[string]uint64{}
	for mode, n := range s.modes {
		if n > 0 {
			decisions[modeNames[mode]] = n
		}
	}
	return Spell{Decisions: decisions, Latency: s.latency.latency()}
}

// grant compares what each key was admitted with the most that any choice of
// deciding instants could justify: that in all the time its decisions took.
func (f *window) grant(bound func(time.Duration) int64) *Grant {
	if bound == nil || len(f.keys) == 0 {
		return nil
	}
	first, last := min(f.first, time.Duration(f.began.Load())), max(f.last, time.Duration(f.ended.Load()))
	each := bound(last - first)
	g := &Grant{}
	for _, n := range f.keys {
		if n == 0 {
			continue
		}
		g.Keys++
		g.Admitted += n - 1
		g.Excess += max(0, n-1-each)
		if g.Entitled += each; g.Entitled < 0 { // beyond what can be counted
			g.Entitled = never
		}
	}
	return g
}

// Header names the columns of [Row].
func Header() []string {
	return []string{
		"fault", "at", "for", "primary", "fail_open", "fail_closed", "local", "error",
		"p50", "p99", "max", "added p50", "added p99", "admitted", "entitled", "excess", "recovery",
	}
}

// Row is a line of a table of results, of plain text; "-" stands for what is not
// known, and recovery is "never" where the limiter did not come back.
func (r *Result) Row() []string {
	row := []string{string(r.Kind), short(r.AtNS), short(r.ForNS)}
	if !r.Reached {
		row[2] = "not reached"
		for len(row) < len(Header()) {
			row = append(row, "-")
		}
		return row
	}
	row[1], row[2] = short(r.BeganNS), short(r.EndedNS-r.BeganNS)
	for _, mode := range modeNames {
		row = append(row, strconv.FormatUint(r.During.Decisions[mode], 10))
	}
	was, is := r.Before.Latency, r.During.Latency
	row = append(row, short(is.P50NS), short(is.P99NS), short(is.MaxNS), short(is.P50NS-was.P50NS), short(is.P99NS-was.P99NS))
	if r.Limit == nil {
		row = append(row, "-", "-", "-")
	} else {
		row = append(row, count(r.Limit.Admitted), count(r.Limit.Entitled), count(r.Limit.Excess))
	}
	if !r.Recovered {
		return append(row, "never")
	}
	return append(row, short(r.RecoveryNS))
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func short(ns int64) string {
	if ns < 0 {
		return "-" + results.Short(time.Duration(-ns))
	}
	return results.Short(time.Duration(ns))
}

// Goroutines is how many there were before a run and after it.
type Goroutines struct {
	Before int `json:"before"`
	After  int `json:"after"`
}

// Left counts the goroutines after a run that began with before. It waits until
// they are as few again, since what was closed may take a moment to end, but no
// longer than ctx.
func Left(ctx context.Context, before int, clock Clock) Goroutines {
	const look = time.Millisecond
	for runtime.NumGoroutine() > before {
		if clock.Wait(ctx, look) != nil {
			break
		}
	}
	return Goroutines{Before: before, After: runtime.NumGoroutine()}
}
