package ci

import (
	"strings"
	"testing"
)

// TestBenchmarksOfOneSide: what a change adds is not judged, what it removes from the
// lockfile too is left out, and what is missing otherwise never passes.
func TestBenchmarksOfOneSide(t *testing.T) {
	of := func(name string, without func(*Pair)) Unit {
		u := world(14, 0.01, 1, 0)
		u.Subject = name
		for i := range u.Pairs {
			if without != nil {
				without(&u.Pairs[i])
			}
		}
		return u
	}
	noA, noB := func(p *Pair) { p.A = Measured{} }, func(p *Pair) { p.B = Measured{} }
	both, added, removed := of("BenchmarkGCRA", nil), of("BenchmarkNew", noA), of("BenchmarkOld", noB)
	for _, c := range []struct {
		name   string
		locked []Unit
		units  []Unit
		want   Outcome
		says   string
	}{
		{"added", []Unit{both, added}, []Unit{both, added}, Pass, "limiters/BenchmarkNew/ns/op is not judged: it is new"},
		{"added, and not locked", []Unit{both}, []Unit{both, added}, NoData, "it is not in the lockfile"},
		{"removed", []Unit{both, removed}, []Unit{both, removed}, Pass, ""}, // a lockfile is not made of it
		{"removed, and locked still", []Unit{both, of("BenchmarkOld", nil)}, []Unit{both, removed}, NoData, "side b produced 0 of 14 values"},
		{"renamed", []Unit{both, added}, []Unit{both, added, removed}, Pass, "BenchmarkNew/ns/op is not judged"},
		{"all are new", []Unit{added}, []Unit{added}, NoData, "nothing was compared"},
		{"some runs without it", []Unit{both}, []Unit{func() Unit {
			u := of("BenchmarkGCRA", nil)
			noA(&u.Pairs[3])
			return u
		}()}, NoData, "side a produced 13 of 14 values"},
		{"new, and without a metric", []Unit{both, added}, []Unit{both, of("BenchmarkNew", func(p *Pair) {
			noA(p)
			delete(p.B.Bench, "allocs/op")
		})}, NoData, "side b produced 0 of 14 values"},
	} {
		judged := benchCase(t, c.locked...)
		judged.Units = c.units
		v := judged.Judge()
		text := strings.Join(append(v.Reasons, v.Warnings...), "\n")
		for _, f := range v.Claims {
			text += "\n" + f.Reason
			if f.Subject == "BenchmarkNew" && f.Verdict == Pass && f.Gated || f.Subject == "BenchmarkOld" && c.want == Pass {
				t.Errorf("%s: %+v is judged", c.name, f)
			}
		}
		if v.Verdict != c.want || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s, %s; want %s and %q", c.name, v.Verdict, text, c.want, c.says)
		}
	}
}
