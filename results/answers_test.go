package results

import (
	"testing"
	"time"
)

// backlog is n arrivals, evenly spaced over window, at one server that takes
// service for each: the k-th is answered at (k+1) × service.
func backlog(warmup, window, service time.Duration, n int) []Sample {
	list := make([]Sample, n)
	for i := range list {
		due := warmup + time.Duration(i)*window/time.Duration(n)
		list[i] = Sample{Intended: due, Released: due, Started: due, Done: warmup + time.Duration(i+1)*service, Outcome: OK}
	}
	return list
}

// A server of 500/s does not become one of 1,000/s by being waited for.
func TestRatesCountWhatWasAnsweredInTheWindow(t *testing.T) {
	o := Options{Warmup: 3 * time.Second, Window: time.Second, SLO: 100 * time.Millisecond}
	run := fill(t, o, o.Window, backlog(o.Warmup, o.Window, 2*time.Millisecond, 1000))
	if run.OfferedPerS != 1000 || run.ThroughputPerS != 500 || run.Outcomes["ok"] != 1000 {
		t.Errorf("offered %v/s, throughput %v/s, %d ok; want 1000/s, 500/s and all 1000 ok", run.OfferedPerS, run.ThroughputPerS, run.Outcomes["ok"])
	}
	// Arrival k is answered after 2 ms + k × 1 ms: the first 99 within the slo.
	if *run.GoodputPerS != 99 {
		t.Errorf("goodput is %v/s; want 99/s", *run.GoodputPerS)
	}
}

func TestLateGoodputIsNone(t *testing.T) {
	o := Options{Window: time.Second}
	at := func(done time.Duration, what Outcome) Sample {
		return Sample{Intended: time.Second - 1, Released: time.Second - 1, Started: time.Second - 1, Done: done, Outcome: what}
	}
	run := fill(t, o, o.Window, []Sample{
		at(time.Second, OK), at(time.Second+1, OK), at(time.Second, Rejected), at(time.Second+1, Failed),
		at(time.Second+1, Shed), at(time.Second, TimedOut), at(time.Second-1, Unsent),
	})
	if *run.GoodputPerS != 1 || run.ThroughputPerS != 2 {
		t.Errorf("goodput %v/s, throughput %v/s; want 1/s and 2/s: what came at the end, not after it", *run.GoodputPerS, run.ThroughputPerS)
	}
}

// Where a count or a signal ended the window, the last answer closes it.
func TestRatesOfWindowsWithoutAKnownEnd(t *testing.T) {
	samples := backlog(0, time.Second, 2*time.Millisecond, 1000) // answered within 2 s
	for name, c := range map[string]struct {
		window, measured time.Duration
		want             float64
	}{
		"counted":                     {0, time.Second, 500},
		"counted, longer than needed": {0, 4 * time.Second, 250},
		"stopped early":               {10 * time.Second, time.Second, 500},
		"stopped late":                {1500 * time.Millisecond, 1200 * time.Millisecond, 500},
	} {
		run := fill(t, Options{Window: c.window}, c.measured, samples)
		if run.ThroughputPerS != c.want || *run.GoodputPerS != c.want {
			t.Errorf("%s: throughput %v/s, goodput %v/s; want %v/s", name, run.ThroughputPerS, *run.GoodputPerS, c.want)
		}
	}
	timeout := Sample{Intended: 1, Released: 1, Started: 1, Done: time.Hour, Outcome: TimedOut}
	if run := fill(t, Options{}, time.Second, append(samples, timeout)); run.ThroughputPerS != 500 {
		t.Errorf("throughput is %v/s; want 500/s: a timeout is no answer to wait for", run.ThroughputPerS)
	}
}

func TestLateAnswersOfShardsAddUp(t *testing.T) {
	o := Options{Window: time.Second, SLO: 100 * time.Millisecond}
	samples := backlog(0, o.Window, 2*time.Millisecond, 1000)
	a, b := NewShard(o), NewShard(o)
	play(a, samples[:700])
	play(b, samples[700:])
	m, err := Merge(o, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for measured, want := range map[time.Duration]float64{o.Window: 500, 999 * time.Millisecond: 500} {
		run := new(Run)
		m.Fill(run, measured)
		if run.ThroughputPerS != want {
			t.Errorf("throughput of a window of %v is %v/s; want %v/s", measured, run.ThroughputPerS, want)
		}
	}
}
