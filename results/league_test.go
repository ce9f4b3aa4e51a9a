package results

import (
	"math"
	"testing"
	"time"
)

// TestOscillation: over the second half of the overload, in windows of three intervals
// of 100 ms; answers that are too late are no goodput.
func TestOscillation(t *testing.T) {
	wave := func(low time.Duration) (all []Sample) {
		for at := time.Duration(0); at < 40*time.Second; at += time.Millisecond {
			m := Sample{Intended: at, Released: at, Started: at, Done: at, Outcome: OK}
			if at < 10*time.Second || at >= 30*time.Second {
				at += 9 * time.Millisecond // no overload
			} else if ((at-20*time.Second)/(300*time.Millisecond))%2 == 1 {
				m.Done += low
			}
			all = append(all, m)
		}
		return all
	}
	for _, c := range []struct {
		name          string
		late          time.Duration
		cv, reversals float64
	}{
		{"even", time.Millisecond, 0, 0},
		{"in waves", time.Second, 1, 188}, // of 300 ms each: 31 turns in 9.9 s
	} {
		l := leagueOf(t, wave(c.late), 100*time.Millisecond, time.Hour)
		if l.Oscillation == nil || math.Abs(*l.Oscillation-c.cv) > 0.05 || math.Abs(*l.ReversalsPerMin-c.reversals) > 10 {
			t.Errorf("%s: %v, %v; want about %v and %v a minute", c.name, value(l.Oscillation), value(l.ReversalsPerMin), c.cv, c.reversals)
		}
	}
	var calm []Sample
	for at := time.Duration(0); at < 30*time.Second; at += 10 * time.Millisecond {
		calm = append(calm, Sample{Intended: at, Released: at, Started: at, Done: at, Outcome: OK})
	}
	if l := leagueOf(t, calm, 0, time.Hour); l.Oscillation != nil || l.ReversalsPerMin != nil {
		t.Errorf("without overload there is %v", value(l.Oscillation))
	}
}

func value(v *float64) any {
	if v == nil {
		return "nothing"
	}
	return *v
}

// TestReversals: only turns of a quarter of the mean count.
func TestReversals(t *testing.T) {
	for _, c := range []struct {
		counts []uint64
		want   int
	}{
		{[]uint64{100, 100, 100}, 0},
		{[]uint64{100, 124, 100, 124, 100}, 0},
		{[]uint64{100, 110, 120, 130, 140}, 0},
		{[]uint64{100, 125, 100, 125, 100}, 3},
		{[]uint64{100, 110, 130, 120, 110, 105, 100, 110, 130}, 2},
		{[]uint64{100, 70, 100}, 1},
	} {
		if got := reversals(c.counts, 25); got != c.want {
			t.Errorf("%v turn %d times; want %d", c.counts, got, c.want)
		}
	}
	if mean, cv := variation([]uint64{1, 3, 1, 3}); mean != 2 || cv != 0.5 {
		t.Errorf("the mean is %v and the variation %v; want 2 and 0.5", mean, cv)
	}
}

// TestFairness: what was in time counts, of all keys that were offered.
func TestFairness(t *testing.T) {
	var all []Sample
	for i := range 400 {
		at := time.Duration(i) * 10 * time.Millisecond
		m := Sample{Intended: at, Released: at, Started: at, Done: at, Outcome: OK, KeyID: uint32(i % 4), Cost: 1}
		switch m.KeyID {
		case 1:
			m.Outcome, m.Cause = Shed, "full"
		case 2:
			m.Done += time.Second
		}
		all = append(all, m)
	}
	o := Options{SLO: 100 * time.Millisecond, KeyGoodput: true}
	one, other := NewShard(o), NewShard(o)
	play(one, all[:200])
	play(other, all[200:])
	m, err := Merge(o, one, other)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := m.tally.keys.fairness(); !ok || got != 0.5 {
		t.Errorf("two of four keys had something, as much: the index is %v, %v; want 0.5", got, ok)
	}
	if got, ok := new(keyCounts).fairness(); ok {
		t.Errorf("without keys the index is %v", got)
	}
}
