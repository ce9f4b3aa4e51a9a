package results

import (
	"testing"
	"time"
)

// disturbed are arrivals every 10 ms for 40 s, and ten times as many from 10 s to 20 s,
// which are answered after 10 ms; those that are due from the instant of the
// overload until it is over and `lag` more, after `late`.
func disturbed(lag, late time.Duration) (all []Sample) {
	for at := time.Duration(0); at < 40*time.Second; {
		overload := at >= 10*time.Second && at < 20*time.Second
		m := Sample{Intended: at, Released: at, Started: at, Done: at + 10*time.Millisecond, Outcome: OK}
		if at >= 10*time.Second && at < 20*time.Second+lag {
			m.Done = at + late
		}
		all = append(all, m)
		if at += 10 * time.Millisecond; overload {
			at -= 9 * time.Millisecond
		}
	}
	return all
}

// leagueOf is what a league says of samples at a capacity of 200 a second, but of a
// tenth of it from the instant `weak` on, for 10 s.
func leagueOf(t *testing.T, samples []Sample, slo, weak time.Duration) *League {
	t.Helper()
	return leagueAgainst(t, samples, slo, weak, nil)
}

// leagueAgainst is the same where somebody knows what an undisturbed run is like.
func leagueAgainst(t *testing.T, samples []Sample, slo, weak time.Duration, undisturbed func() time.Duration) *League {
	t.Helper()
	o := Options{SLO: slo}
	s := NewShard(o)
	play(s, samples)
	m, err := Merge(o, s)
	if err != nil {
		t.Fatal(err)
	}
	run := &Run{Scenario: "over/S2", Trial: "block"}
	m.Fill(run, 40*time.Second)
	capacity := func(from, _ time.Duration) float64 {
		if from >= weak && from < weak+10*time.Second {
			return 20
		}
		return 200
	}
	run.AddPipeline(Pipeline{}, capacity)
	m.FillLeague(run, capacity, undisturbed)
	return run.League
}

func TestRecovery(t *testing.T) {
	const slo, never = 100 * time.Millisecond, time.Hour
	steady := disturbed(0, 10*time.Millisecond)
	var even []Sample
	for i, m := range steady {
		if i == 0 || m.Intended-even[len(even)-1].Intended >= 10*time.Millisecond {
			even = append(even, m)
		}
	}
	for _, c := range []struct {
		name            string
		samples         []Sample
		weak            time.Duration
		end             time.Duration // of the overload, 0 where nothing is told
		least, recovery time.Duration // never where it never does
	}{
		{"at once", steady, never, 20 * time.Second, 0, 0},
		{"later", disturbed(4*time.Second, 300*time.Millisecond), never, 20 * time.Second, 3900 * time.Millisecond, 4400 * time.Millisecond},
		{"in time but slower", disturbed(4*time.Second, 20*time.Millisecond), never, 20 * time.Second, 3900 * time.Millisecond, 4200 * time.Millisecond},
		{"a quarter slower is well", disturbed(20*time.Second, 12*time.Millisecond), never, 20 * time.Second, 0, 0},
		{"never", disturbed(20*time.Second, 300*time.Millisecond), never, 20 * time.Second, never, never},
		{"no overload", even, never, 0, 0, 0},
		{"of capacity that falls", even, 15 * time.Second, 25 * time.Second, 0, 0},
		{"too near to the start", even, 4 * time.Second, 0, 0, 0},
		{"too near to the end", even, 26 * time.Second, 0, 0, 0},
	} {
		l := leagueOf(t, c.samples, slo, c.weak)
		if l.Strategy != "block" || l.Scenario != "S2" || l.Retention == nil {
			t.Errorf("%s: the league says %+v", c.name, l)
		}
		if told := l.OverloadEndNS != nil; told != (c.end > 0) || told && *l.OverloadEndNS != int64(c.end) {
			t.Errorf("%s: the overload ends at %v; want %v", c.name, l.OverloadEndNS, c.end)
			continue
		}
		switch got := l.RecoveryNS; {
		case c.end == 0 || c.recovery == never:
			if got != nil {
				t.Errorf("%s: recovered after %v; want nothing", c.name, time.Duration(*got))
			}
		case got == nil || *got < int64(c.least) || *got > int64(c.recovery):
			t.Errorf("%s: recovered after %v; want %v to %v", c.name, got, c.least, c.recovery)
		}
	}
}

// TestRecoveryAgainstAnUndisturbedRun: where there is one it is what recovery is held
// against, however the run itself began; and it is not asked for where there is no
// recovery to tell. Of nobody who knows, the part before the overload stands in for it,
// and the league says so.
func TestRecoveryAgainstAnUndisturbedRun(t *testing.T) {
	const slo, never = 100 * time.Millisecond, time.Hour
	slower := disturbed(20*time.Second, 20*time.Millisecond) // from the overload on, without end
	for _, c := range []struct {
		undisturbed time.Duration
		samples     []Sample
		recovers    bool
		of          string
		least, most time.Duration // of what it was held against
	}{
		{17 * time.Millisecond, slower, true, UndisturbedRun, 17 * time.Millisecond, 17 * time.Millisecond},
		{15 * time.Millisecond, slower, false, UndisturbedRun, 15 * time.Millisecond, 15 * time.Millisecond},
		{7 * time.Millisecond, disturbed(0, 10*time.Millisecond), false, UndisturbedRun, 7 * time.Millisecond, 7 * time.Millisecond},
		{0, slower, false, UndisturbedPart, 9900 * time.Microsecond, 10100 * time.Microsecond},
	} {
		l := leagueAgainst(t, c.samples, slo, never, func() time.Duration { return c.undisturbed })
		if l.Undisturbed != c.of || l.UndisturbedP99NS == nil || *l.UndisturbedP99NS < int64(c.least) || *l.UndisturbedP99NS > int64(c.most) || (l.RecoveryNS != nil) != c.recovers {
			t.Errorf("against %v the league says %+v; want %v to %v, of %q, and recovery: %v", c.undisturbed, l, c.least, c.most, c.of, c.recovers)
		}
	}
	steady := disturbed(0, 10*time.Millisecond)
	l := leagueAgainst(t, steady, slo, 26*time.Second, func() time.Duration { t.Error("an undisturbed run is asked for in vain"); return 0 })
	if l.Undisturbed != "" || l.UndisturbedP99NS != nil {
		t.Errorf("without a recovery to tell the league says %+v", l)
	}
}

// TestNoRecoveryWithoutArrivals: who has nothing to do has not shown that it can.
func TestNoRecoveryWithoutArrivals(t *testing.T) {
	var all []Sample
	for _, m := range disturbed(0, time.Second) {
		if m.Intended < 20*time.Second {
			all = append(all, m)
		}
	}
	l := leagueOf(t, all, 100*time.Millisecond, time.Hour)
	if l.OverloadEndNS == nil || l.RecoveryNS != nil {
		t.Errorf("%+v; want an overload that ends, and no recovery", l)
	}
}
