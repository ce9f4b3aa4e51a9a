package faults

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Results says of each fault what it did. The injection must have stopped, and
// nothing be observed any more.
func (w *Watch) Results() []results.Fault {
	all := make([]results.Fault, len(w.sequence))
	for k, c := range w.sequence {
		f, r := &w.faults[k], &all[k]
		*r = results.Fault{Kind: string(c.Kind), AtNS: int64(c.At), ForNS: int64(c.For), DelayNS: int64(c.Delay)}
		began, ended := f.began.Load(), f.ended.Load()
		if began == never || ended == never {
			continue
		}
		r.Reached, r.Cut = true, f.cut.Load()
		r.BeganNS, r.EndedNS = began-int64(w.origin), ended-int64(w.origin)
		r.During, r.After, r.Before = f.spell.sum(), w.calm[k+1].sum(), w.calm[k].sum()
		r.Limit = f.grant(w.bound)
		if c.Kind == Failover {
			r.Lost = &f.charged
		}
		r.Recovered = f.recovery.good != none
		if r.Recovered && f.recovery.bad != none { // else there was nothing to recover from
			r.RecoveryNS = max(0, int64(f.recovery.good)-ended)
		}
	}
	return all
}

// Forgot says of each fault that made limiters forget what they had stored that it
// did, and so whose fault it is where more was admitted than the limit allows.
func Forgot(all []results.Fault) (said []string) {
	for i := range all {
		f := &all[i]
		switch {
		case !f.Reached || !Kind(f.Kind).forgets():
		case f.Lost != nil:
			said = append(said, fmt.Sprintf("failover at %s, whose replica had not received what limiters took in the %s before, %d tokens or more",
				results.Short(time.Duration(f.AtNS)), results.Short(time.Duration(f.EndedNS-f.BeganNS)), *f.Lost))
		default:
			said = append(said, fmt.Sprintf("%s at %s", f.Kind, results.Short(time.Duration(f.AtNS))))
		}
	}
	return said
}

func (s *spell) sum() results.Spell {
	decisions := map[string]uint64{}
	for mode, n := range s.modes {
		if n > 0 {
			decisions[modeNames[mode]] = n
		}
	}
	return results.Spell{Decisions: decisions, Latency: latency(s.latency)}
}

// grant compares what each key was admitted with the most that any choice of
// deciding instants could justify: that in all the time its decisions took. It is
// nil where nothing limits what a key gets in that time, or keys are not known.
func (f *window) grant(bound func(time.Duration) int64) *results.Grant {
	if bound == nil || f.untracked || len(f.keys) == 0 {
		return nil
	}
	first, last := min(f.first, time.Duration(f.began.Load())), max(f.last, time.Duration(f.felt.Load()))
	each := bound(last - first)
	if each == never {
		return nil
	}
	g := &results.Grant{}
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

// Left counts the goroutines after a run that began with before. It waits until
// they are as few again, since what was closed may take a moment to end, but no
// longer than ctx. The least that it saw counts: the end of ctx is itself told on a
// goroutine.
func Left(ctx context.Context, before int, clock Clock) results.Goroutines {
	const lookEvery = time.Millisecond
	least := runtime.NumGoroutine()
	for least > before && clock.Wait(ctx, lookEvery) == nil {
		least = min(least, runtime.NumGoroutine())
	}
	return results.Goroutines{Before: before, After: least}
}
