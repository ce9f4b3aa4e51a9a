package results

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// whatever the arrivals are, all that were offered are found again, once.
func FuzzConservation(f *testing.F) {
	f.Add(uint64(1), uint16(500), uint16(2), uint8(0), uint8(1))
	f.Add(uint64(2), uint16(2000), uint16(300), uint8(3), uint8(2))
	f.Add(uint64(3), uint16(0), uint16(1), uint8(1), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, n, gapMS uint16, classes, shards uint8) {
		o := Options{Classes: []string{"a", "b", "c"}[:classes%4]}
		samples := load{seed: seed, n: int(n), gap: time.Duration(gapMS) * time.Millisecond, keys: 50, classes: classes % 4}.samples()
		parts := make([]*Shard, 1+shards%3)
		for i := range parts {
			parts[i] = NewShard(o)
		}
		for i := range samples {
			play(parts[i%len(parts)], samples[i:i+1])
		}
		m, err := Merge(o, parts...)
		if err != nil {
			t.Fatal(err)
		}
		run := new(Run)
		m.Fill(run, time.Duration(n)*time.Duration(gapMS)*time.Millisecond)
		checkConservation(t, run, uint64(n))
	})
}

// checkConservation compares every place where arrivals are counted.
func checkConservation(t *testing.T, run *Run, n uint64) {
	t.Helper()
	var ended, inIntervals, offeredInIntervals, inClasses uint64
	for name, count := range run.Outcomes {
		ended += count
		if l := run.Latency.Service[name]; name != Unsent.String() && (l == nil) != (count == 0) || l != nil && uint64(l.Count) != count {
			t.Errorf("%s: %d arrivals, service times %+v", name, count, l)
		}
	}
	for _, i := range run.Intervals {
		offeredInIntervals += i.Offered
		inIntervals += i.OK + i.Rejected + i.Other
	}
	for _, c := range run.Classes {
		inClasses += c.Offered
	}
	if run.Offered != n || ended != n || inIntervals != n || offeredInIntervals != n || run.Classes != nil && inClasses != n {
		t.Errorf("of %d arrivals: offered %d, ended %d; in intervals offered %d, ended %d; in classes %d",
			n, run.Offered, ended, offeredInIntervals, inIntervals, inClasses)
	}
	if len(run.Intervals) > maxIntervals {
		t.Errorf("%d intervals; want at most %d", len(run.Intervals), maxIntervals)
	}
}

func TestMergeNamesWhatDoesNotAddUp(t *testing.T) {
	o := Options{Classes: []string{"quiet", "noisy"}}
	s := NewShard(o)
	s.Offer(0, 1, 0, 1)
	s.Offer(0, 1, 0, 1)
	s.Record(&Sample{Outcome: OK, Class: 1})
	if s.inFlight != 1 {
		t.Errorf("in flight is %d; want 1", s.inFlight)
	}
	m, err := Merge(o, s)
	if err == nil || !strings.Contains(err.Error(), "class noisy: arrivals with an outcome are 1; want the 2 that were offered (ok 1, rejected 0") {
		t.Errorf("error is %v", err)
	}
	run := new(Run)
	m.Fill(run, time.Second)
	if run.Offered != 2 {
		t.Error("what was measured is lost")
	}
}

func TestRecordWithoutOutcomeIsFound(t *testing.T) {
	s := NewShard(Options{})
	s.Offer(0, 0, 0, 1)
	s.Record(&Sample{})
	if _, err := Merge(Options{}, s); err == nil || !strings.Contains(err.Error(), "without an outcome 1") {
		t.Errorf("error is %v", err)
	}
}

func TestNegativeDurationsAreZeroAndTold(t *testing.T) {
	for name, m := range map[string]Sample{
		"done before intended": {Intended: 30, Released: 30, Started: 10, Done: 20},
		"released too early":   {Intended: 20, Released: 10, Started: 20, Done: 30},
		"done before started":  {Intended: 10, Released: 20, Started: 40, Done: 30},
	} {
		m.Outcome = OK
		s := NewShard(Options{})
		play(s, []Sample{m})
		got, err := Merge(Options{}, s)
		if err == nil || !strings.Contains(err.Error(), "out of order are 1") || got.Negative() != 1 {
			t.Errorf("%s: negative %d, error %v", name, got.Negative(), err)
		}
		run := new(Run)
		got.Fill(run, time.Second)
		least := min(run.Latency.Response["ok"].MinNS, run.Latency.Service["ok"].MinNS, run.Latency.SendDelay["ok"].MinNS)
		if least != 0 {
			t.Errorf("%s: least duration is %d; want 0", name, least)
		}
	}
}

func TestArrivalInWarmupIsTold(t *testing.T) {
	o := Options{Warmup: time.Second}
	s := NewShard(o)
	play(s, []Sample{{Intended: 1, Released: 1, Started: 1, Done: 2 * time.Second, Outcome: OK}})
	if m, err := Merge(o, s); err == nil || m.Negative() != 1 {
		t.Errorf("negative %d, error %v; want 1 and an error", m.Negative(), err)
	}
}

func TestGoodputIsOKWithinTheSLO(t *testing.T) {
	at := func(d time.Duration, o Outcome) Sample { return Sample{Done: d, Outcome: o} }
	samples := []Sample{at(5, OK), at(10, OK), at(11, OK), at(1, Rejected), at(1, TimedOut), at(1, Failed), at(1, Shed), at(0, Unsent)}
	for slo, want := range map[time.Duration]float64{10: 1, 4: 0, 0: 1.5} {
		run := fill(t, Options{SLO: slo}, 2*time.Second, samples)
		if *run.GoodputPerS != want || run.ThroughputPerS != 3 || run.OfferedPerS != 4 {
			t.Errorf("slo %d: goodput %v, throughput %v, offered %v; want %v, 3, 4",
				slo, *run.GoodputPerS, run.ThroughputPerS, run.OfferedPerS, want)
		}
	}
}

func TestLatenciesOfOutcomesAreApart(t *testing.T) {
	run := fill(t, Options{}, time.Second, []Sample{
		{Intended: 10, Released: 12, Started: 15, Done: 40, Outcome: OK},
		{Intended: 10, Released: 13, Started: 17, Done: 90, Outcome: TimedOut},
		{Intended: 10, Outcome: Unsent},
	})
	want := map[string][3]int64{"ok": {30, 25, 2}, "timed_out": {80, 73, 3}}
	for name, w := range want {
		l := run.Latency
		if got := [3]int64{l.Response[name].MaxNS, l.Service[name].MaxNS, l.SendDelay[name].MaxNS}; got != w {
			t.Errorf("%s: response, service, send delay are %v; want %v", name, got, w)
		}
	}
	for kind, n := range map[string]int{"response": len(run.Latency.Response), "send_delay": len(run.Latency.SendDelay)} {
		if n != len(want) {
			t.Errorf("%s has %d outcomes; want %d", kind, n, len(want))
		}
	}
}

func TestClippedValuesAreCounted(t *testing.T) {
	o := Options{Highest: time.Millisecond}
	run := fill(t, o, time.Second, []Sample{{Done: time.Millisecond, Outcome: OK}, {Done: time.Second, Outcome: OK}})
	got := run.Latency.Response["ok"]
	if got.Clipped != 1 || got.Count != 2 || got.MaxNS != int64(time.Second) {
		t.Errorf("clipped %d of %d, max %d; want 1 of 2, max 1e9", got.Clipped, got.Count, got.MaxNS)
	}
}

func TestInFlightIsThePeak(t *testing.T) {
	s := NewShard(Options{})
	ms := time.Millisecond
	for i := range 3 {
		s.Offer(time.Duration(i)*ms, 0, 0, 1)
	}
	s.Offer(3*ms, 0, 0, 1)
	s.Record(&Sample{Intended: 3 * ms, Outcome: Unsent}) // was never in flight
	s.Record(&Sample{Done: 350 * ms, Outcome: OK})       // 100 ms to 300 ms had no event
	s.Record(&Sample{Done: 420 * ms, Outcome: OK})
	s.Record(&Sample{Done: 520 * ms, Outcome: OK})
	m, err := Merge(Options{}, s)
	if err != nil {
		t.Fatal(err)
	}
	run := new(Run)
	m.Fill(run, 700*ms)
	var got []int64
	for _, i := range run.Intervals {
		got = append(got, i.InFlight)
	}
	if want := []int64{3, 3, 3, 3, 2, 1, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("in flight is %v; want %v", got, want)
	}
}

func TestLiveViewFollows(t *testing.T) {
	s := NewShard(Options{})
	live := s.Live()
	play(s, []Sample{{Done: 40 * time.Millisecond, Outcome: OK}})
	for i := range 2 * publishEvery {
		s.Offer(time.Duration(i), 0, 0, 1)
	}
	for range publishEvery {
		s.Record(&Sample{Done: 50 * time.Millisecond, Outcome: Rejected})
	}
	if ok, rejected := live.OK.Load(), live.Rejected.Load(); ok != 1 || rejected < publishEvery-1 {
		t.Errorf("live: ok %d, rejected %d; want 1 and all but the last few of %d", ok, rejected, publishEvery)
	}
	s.Offer(firstInterval, 0, 0, 1)
	if p99 := live.P99NS.Load(); math.Abs(float64(p99)-40e6) > 0.4e6 {
		t.Errorf("live p99 is %d; want 40 ms within 1 %%", p99)
	}
	if offered, inFlight := live.Offered.Load(), live.InFlight.Load(); offered < 2*publishEvery || inFlight < publishEvery {
		t.Errorf("live: offered %d, in flight %d", offered, inFlight)
	}
	s.Record(&Sample{Done: 2 * firstInterval, Outcome: Failed})
	s.Record(&Sample{Done: 3 * firstInterval, Outcome: Failed})
	if other := live.Other.Load(); other < 1 {
		t.Error("live view does not show failures")
	}
}

func TestOfferAndRecordDoNotAllocate(t *testing.T) {
	s := NewShard(Options{Window: time.Hour, Keys: 100, Classes: []string{"a", "b"}})
	samples := load{seed: 1, n: 1000, gap: 10 * time.Microsecond, keys: 100, classes: 2}.samples()
	play(s, samples)
	i := 0
	if n := testing.AllocsPerRun(10*maxPending, func() {
		m := &samples[i%len(samples)]
		s.Offer(m.Intended, m.Class, m.KeyID, m.Cost)
		s.Record(m)
		i++
	}); n != 0 {
		t.Errorf("%v allocations per arrival; want 0", n)
	}
}
