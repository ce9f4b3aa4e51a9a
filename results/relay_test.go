package results

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// event is an arrival that is offered, or one that ends.
type event struct {
	at   time.Duration
	m    *Sample
	ends bool
}

// eventsOf are the offers and ends of samples as a loop would bring them about:
// many are in flight at once. What is never sent ends as it is offered.
func eventsOf(samples []Sample) (all []event) {
	for i := range samples {
		m := &samples[i]
		all = append(all, event{m.Released, m, false})
		if m.Outcome != Unsent {
			all = append(all, event{m.Done, m, true})
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return all
}

func (e event) record(s *Shard) {
	if !e.ends {
		s.Offer(e.m.Intended, e.m.Class, e.m.KeyID, e.m.Cost)
	}
	if e.ends || e.m.Outcome == Unsent {
		s.Record(e.m)
	}
}

// relayed is a run that is recorded in lanes, by shards that take turns before the
// events that cut names. look is told what there is at each turn.
type relayed struct {
	options Options
	lanes   [][]event
	cut     func(event int) bool
	look    func(at time.Duration, pending [][]Pending, parts []*Shard)
}

func (r relayed) play() (totals []*Shard) {
	relays, pending := make([]*Relay, len(r.lanes)), make([]map[*Sample]Pending, len(r.lanes))
	for i := range relays {
		relays[i], pending[i] = NewRelay(r.options), map[*Sample]Pending{}
	}
	n := 0
	for _, e := range r.inOrder() {
		if r.cut(n) {
			r.turn(e.at, relays, pending)
		}
		n++
		e.record(relays[e.lane].Shard())
		delete(pending[e.lane], e.m)
		if !e.ends && e.m.Outcome != Unsent {
			pending[e.lane][e.m] = Pending{e.m.Intended, e.m.Cost, e.m.KeyID, e.m.Class}
		}
	}
	for _, one := range relays {
		totals = append(totals, one.Total())
	}
	return totals
}

type laneEvent struct {
	event
	lane int
}

func (r relayed) inOrder() (all []laneEvent) {
	for i, events := range r.lanes {
		for _, e := range events {
			all = append(all, laneEvent{e, i})
		}
	}
	slices.SortStableFunc(all, func(a, b laneEvent) int { return cmp.Compare(a.at, b.at) })
	return all
}

func (r relayed) turn(at time.Duration, relays []*Relay, pending []map[*Sample]Pending) {
	var left [][]Pending
	var parts []*Shard
	for i, one := range relays {
		var list []Pending
		for _, p := range pending[i] {
			list = append(list, p)
		}
		left = append(left, list)
		one.Prepare()
		one.Turn()
		one.Collect()
		parts = append(parts, one.Collected())
	}
	if r.look != nil {
		r.look(at, left, parts)
	}
}

// mixed are samples of every kind: more causes than are kept by name, keys that
// come unexpectedly and some without a number, tokens beyond 32 bits.
func mixed(seed uint64, n int, o Options, gap time.Duration) []Sample {
	samples := load{seed: seed, n: n, from: o.Warmup, gap: gap, keys: 3000, classes: uint8(len(o.Classes)), kinds: uint8(len(o.Requests))}.samples()
	r := rand.New(rand.NewPCG(seed, 2))
	for i := range samples {
		m := &samples[i]
		m.Done = m.Started + (m.Done-m.Started)/1000 // small histograms are quickly compared
		if m.Class == 2 && m.Outcome == OK {         // of which nothing is ever ok
			m.Outcome = Rejected
		}
		if m.Outcome != Unsent && m.KeyID%3 == 0 {
			m.Phases = &Phases{Connect: m.Own / 2, TLS: time.Duration(m.KeyID % 2), FirstByte: m.Done - m.Started}
		}
		switch r.IntN(20) {
		case 0:
			if seed%2 == 0 {
				continue
			}
			m.KeyID = maxTracked + r.Uint32N(3)
		case 1:
			m.KeyID, m.Cost = 7, 1<<31+r.Int64N(1<<31)
			m.Done += 5 * gap
		case 2, 3:
			m.Outcome, m.Cause = Failed, fmt.Sprint("code ", r.IntN(100)*r.IntN(100))
		case 4:
			m.Done += time.Duration(r.Int64N(int64(3 * time.Second)))
		case 5:
			m.Status, m.RetryUnread = uint16(r.UintN(2000)), m.Outcome == Rejected
		}
	}
	return samples
}

// relayCase is a random run: classes, goodput, a window that is known or is not,
// so that intervals double, one lane or several.
func relayCase(seed uint64) (o Options, lanes [][]event) {
	r := rand.New(rand.NewPCG(seed, 3))
	o = Options{
		Warmup: time.Duration(r.IntN(2)) * time.Second, Classes: []string{"a", "b", "c"}[:r.IntN(4)], Requests: []string{"x", "y", "z"}[:seed%4],
		SLO: time.Duration(r.IntN(2)) * time.Microsecond, Keys: r.IntN(100), Highest: 4 * time.Microsecond,
	}
	n, gap := 50+r.IntN(500), time.Duration(1+r.IntN(1000))*time.Millisecond
	if r.IntN(2) == 0 {
		o.Window = time.Duration(n) * gap * 9 / 10
	}
	for i := range 1 + r.IntN(3) {
		lanes = append(lanes, eventsOf(mixed(seed+uint64(i)<<32, n, o, gap)))
	}
	return o, lanes
}

func runOf(t testing.TB, o Options, pending []Pending, measured time.Duration, parts ...*Shard) *Run {
	t.Helper()
	m, err := MergeEnded(o, pending, parts...)
	if err != nil {
		t.Error(err)
	}
	run := new(Run)
	m.Fill(run, measured)
	run.Generator = new(Generator)
	m.FillGenerator(run.Generator)
	return run
}

// someTurns are up to five events of a run before which turns are taken, of which
// two may follow each other at once.
func someTurns(r *rand.Rand, lanes [][]event) (cut func(event int) bool) {
	chosen := map[int]bool{}
	for range 1 + r.IntN(4) {
		at := 1 + r.IntN(len(lanes[0])-1)
		chosen[at], chosen[at+1] = true, chosen[at+1] || r.IntN(4) == 0
	}
	return func(event int) bool { return chosen[event] }
}

// TestRelay: a run is the same to the last digit, whenever its shards took turns.
func TestRelay(t *testing.T) {
	for seed := range uint64(6) {
		o, lanes := relayCase(seed)
		r := rand.New(rand.NewPCG(seed, 4))
		whole := relayed{options: o, lanes: lanes, cut: func(int) bool { return false }}.play()
		turns := relayed{options: o, lanes: lanes, cut: someTurns(r, lanes)}.play()
		same(t, runOf(t, o, nil, 10*time.Minute, turns...), runOf(t, o, nil, 10*time.Minute, whole...))
		if t.Failed() {
			t.Fatalf("seed %d: %d lanes", seed, len(lanes))
		}
	}
}

// TestRelayDoubles: a turn after the intervals doubled, with more in flight than ever before.
func TestRelayDoubles(t *testing.T) {
	o := Options{Highest: 4 * time.Microsecond}
	const second = 10 // arrivals of it
	samples := load{seed: 1, n: 150 * second, gap: time.Second / second}.samples()
	for i := range 5 {
		samples[110*second+i].Done += 10 * time.Second
	}
	lanes := [][]event{eventsOf(samples)}
	for cut := 112 * second; cut < 112*second+3; cut++ {
		whole := relayed{options: o, lanes: lanes, cut: func(int) bool { return false }}.play()
		turn := relayed{options: o, lanes: lanes, cut: func(n int) bool { return n == 2*cut }}.play()
		same(t, runOf(t, o, nil, 150*time.Second, turn...).Intervals, runOf(t, o, nil, 150*time.Second, whole...).Intervals)
	}
}

// TestRelayInTheMiddle: what was measured until a turn is a run of the arrivals that had ended, and of no other.
func TestRelayInTheMiddle(t *testing.T) {
	for seed := range uint64(2) {
		o, lanes := relayCase(seed)
		r := rand.New(rand.NewPCG(seed, 5))
		looked := false
		look := func(at time.Duration, pending [][]Pending, parts []*Shard) {
			looked = true
			measured := max(at-o.Warmup, 0) + 1
			got := runOf(t, o, slices.Concat(pending...), measured, parts...)
			var until []*Shard
			for _, events := range lanes {
				until = append(until, endedBefore(o, events, at))
			}
			want := runOf(t, o, nil, measured, until...)
			for i := range got.Intervals { // who was pending was in flight all the same
				got.Intervals[i].InFlight, want.Intervals[i].InFlight = 0, 0
			}
			same(t, got, want)
			checkConservation(t, got, got.Offered)
		}
		relayed{options: o, lanes: lanes, cut: someTurns(r, lanes), look: look}.play()
		if t.Failed() || !looked {
			t.Fatalf("seed %d: %d lanes; looked: %t", seed, len(lanes), looked)
		}
	}
}

// endedBefore is a shard that saw only what had ended at the instant at. Samples
// have no two events of one instant.
func endedBefore(o Options, events []event, at time.Duration) *Shard {
	s := NewShard(o)
	ended := map[*Sample]bool{}
	for _, e := range events {
		if e.at < at && (e.ends || e.m.Outcome == Unsent) {
			ended[e.m] = true
		}
	}
	for _, e := range events {
		if ended[e.m] {
			e.record(s)
		}
	}
	return s
}

// TestRelayLive: who watches sees one loop, whichever shard it records into.
func TestRelayLive(t *testing.T) {
	r := NewRelay(Options{})
	live := r.Shard().Live()
	for range 3 {
		for range publishEvery {
			r.Shard().Offer(time.Second, 0, 1, 1)
			r.Shard().Record(&Sample{Intended: time.Second, Released: time.Second, Started: time.Second, Done: 2 * time.Second, Outcome: OK})
		}
		r.Prepare()
		r.Turn()
		r.Collect()
	}
	if got := Look([]*Live{live}); got.Offered < 2*publishEvery || got.OK < 2*publishEvery || got.Other != 0 {
		t.Errorf("%+v; want three times %d, the last ones perhaps later", got, publishEvery)
	}
	if r.Shard().Live() != live {
		t.Error("the view is another one after a turn")
	}
}

// TestTurnAllocates: neither a turn nor what follows it makes the loop allocate.
func TestTurnAllocates(t *testing.T) {
	turnsAllocate(t, Options{Window: time.Hour, Keys: 1000}, 1)
	turnsAllocate(t, Options{Window: time.Hour}, 2) // until something is collected nobody knows of the keys
}

func turnsAllocate(t *testing.T, o Options, from int) {
	t.Helper()
	samples := load{seed: 1, n: 2000, gap: time.Millisecond, keys: 1000}.samples()
	samples = slices.DeleteFunc(samples, func(m Sample) bool { return m.Outcome > Rejected })
	for i := range samples { // one interval, and not so many that it is folded
		samples[i].shift(-samples[i].Intended)
	}
	r := NewRelay(o)
	play(r.Shard(), samples)
	for turn := 1; turn <= 5; turn++ {
		r.Prepare()
		i := 0
		if n := testing.AllocsPerRun(1, func() { // which calls it once before
			if i++; i == 2 {
				r.Turn()
				play(r.Shard(), samples)
			}
		}); n > 0 && turn >= from {
			t.Errorf("turn %d and 2,000 arrivals, %d keys known: %v allocations; want none", turn, o.Keys, n)
		}
		r.Collect()
	}
}
