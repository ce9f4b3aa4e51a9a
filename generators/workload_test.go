package generators

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// mixed is a workload with something of everything.
func mixed(t testing.TB, root uint64) *Workload {
	t.Helper()
	return mustWorkload(t, root,
		Stream{
			Name: "quiet", Process: constant(t, "100/s"), Keys: zipf(t, 0.99, 1000),
			Cost: must(NewBetween(BetweenConfig[tally]{1, 5}))(t),
		},
		Stream{
			Name: "noisy", Process: poissonAt(t, "700/s"), Keys: must(NewLatest(LatestConfig{1.2, 50}))(t),
			Size: must(NewLognormal(LognormalConfig[sizes]{Median: 512, Sigma: 1}))(t),
		},
		Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: traceFile(t, accessLog)}))(t)},
		Stream{
			Name: "vast", Process: must(NewBurst(BurstConfig{Rate: rate(t, "200/s")}))(t), Prefix: "v",
			Keys: must(NewScrambledZipf(ScrambledZipfConfig{0.5, 1 << 33}))(t),
		})
}

// TestSchedule asserts what holds of every arrival of any workload.
func TestSchedule(t *testing.T) {
	w := mixed(t, 7)
	all := arrivals(t, w.Schedule(10*time.Second), math.MaxInt)
	var last Arrival
	perClass := make([]int, 4)
	for i, a := range all {
		switch {
		case a.Seq != uint64(i):
			t.Fatalf("arrival %d has Seq %d", i, a.Seq)
		case a.At < last.At || a.At == last.At && i > 0 && a.Class < last.Class:
			t.Fatalf("arrival %d: class %d at %v comes after class %d at %v", i, a.Class, a.At, last.Class, last.At)
		case a.At >= 10*time.Second:
			t.Fatalf("arrival %d is due at %v", i, a.At)
		case a.Cost < 1 || a.Size < 0:
			t.Fatalf("arrival %d has cost %d, size %d", i, a.Cost, a.Size)
		case a.KeyID == NoKeyID && a.Class != 3:
			t.Fatalf("arrival %d has key %s without a number", i, a.Key)
		case a.KeyID != NoKeyID && w.KeyName(a.KeyID) != a.Key:
			t.Fatalf("arrival %d has key %s and number %d, which is %s", i, a.Key, a.KeyID, w.KeyName(a.KeyID))
		}
		last = a
		perClass[a.Class]++
	}
	if perClass[0] != 1000 || perClass[2] != 4 || perClass[3] != 2000 {
		t.Errorf("arrivals per class are %v; want 1000, about 7000, 4, 2000", perClass)
	}
	if got := w.Classes(); !slices.Equal(got, []string{"quiet", "noisy", "log", "vast"}) {
		t.Errorf("classes are %v", got)
	}
	if again := arrivals(t, mixed(t, 7).Schedule(10*time.Second), math.MaxInt); !slices.Equal(again, all) {
		t.Error("the same seed gives another schedule")
	}
	if other := arrivals(t, mixed(t, 8).Schedule(10*time.Second), math.MaxInt); slices.Equal(other, all) {
		t.Error("another seed gives the same schedule")
	}
}

// TestShards deals a schedule out: disjoint, jointly identical, digests add up.
func TestShards(t *testing.T) {
	w := mixed(t, 7)
	whole := arrivals(t, w.Schedule(3*time.Second), math.MaxInt)
	var want Digest
	for i := range whole {
		want.Add(&whole[i])
	}
	for _, n := range []int{1, 2, 3, 5, 7, 8} {
		var sum Digest
		var joined []Arrival
		for i := range n {
			for _, a := range arrivals(t, w.Shard(3*time.Second, i, n), math.MaxInt) {
				if a.Seq%uint64(n) != uint64(i) {
					t.Fatalf("shard %d of %d holds arrival %d", i, n, a.Seq)
				}
				sum.Add(&a)
				joined = append(joined, a)
			}
		}
		slices.SortFunc(joined, func(a, b Arrival) int { return int(a.Seq) - int(b.Seq) })
		if !slices.Equal(joined, whole) {
			t.Errorf("%d shards do not add up to the schedule", n)
		}
		for _, kind := range []DigestKind{DigestAll, DigestTimes, DigestKeys} {
			if got := sum.Hex(kind); got != want.Hex(kind) {
				t.Errorf("%d shards: digest of %v is %s; want %s", n, kind, got, want.Hex(kind))
			}
		}
	}
}

// TestLawsAreIndependent changes one law at a time: nothing else moves.
func TestLawsAreIndependent(t *testing.T) {
	base := Stream{Process: poissonAt(t, "1k/s"), Keys: zipf(t, 1.1, 1000)}
	schedule := func(change func(*Stream)) []Arrival {
		s := base
		change(&s)
		return arrivals(t, mustWorkload(t, 3, s).Schedule(time.Second), math.MaxInt)
	}
	want := schedule(func(*Stream) {})
	for _, tt := range []struct {
		name   string
		change func(*Stream)
		keep   func(a Arrival) string
	}{
		{
			"keys", func(s *Stream) { s.Keys = must(NewUniform(UniformConfig{50}))(t) },
			func(a Arrival) string { return fmt.Sprint(a.Seq, a.At, a.Cost, a.Size) },
		},
		{
			"cost", func(s *Stream) { s.Cost = must(NewBetween(BetweenConfig[tally]{1, 9}))(t) },
			func(a Arrival) string { return fmt.Sprint(a.Seq, a.At, a.Key, a.KeyID, a.Size) },
		},
		{
			"size", func(s *Stream) { s.Size = must(NewBetween(BetweenConfig[sizes]{1, 9}))(t) },
			func(a Arrival) string { return fmt.Sprint(a.Seq, a.At, a.Key, a.KeyID, a.Cost) },
		},
		{
			"process", func(s *Stream) { s.Process = constant(t, "900/s") },
			func(a Arrival) string { return fmt.Sprint(a.Seq, a.Key, a.KeyID, a.Cost, a.Size) },
		},
	} {
		got := schedule(tt.change)
		for i := range min(len(got), len(want)) {
			if tt.keep(got[i]) != tt.keep(want[i]) {
				t.Fatalf("another %s makes arrival %d %s; want %s", tt.name, i, tt.keep(got[i]), tt.keep(want[i]))
			}
		}
		if slices.Equal(got, want) {
			t.Errorf("another %s makes no difference", tt.name)
		}
	}
}

// TestStreamsAreIndependent adds and reorders streams: each stays as it was.
func TestStreamsAreIndependent(t *testing.T) {
	a := Stream{Name: "a", Process: poissonAt(t, "1k/s"), Keys: zipf(t, 1, 100)}
	b := Stream{Name: "b", Process: poissonAt(t, "1k/s"), Keys: zipf(t, 1, 100)}
	render := func(class uint8, streams ...Stream) (all []string) {
		for _, a := range arrivals(t, mustWorkload(t, 3, streams...).Schedule(time.Second), math.MaxInt) {
			if a.Class == class {
				all = append(all, fmt.Sprint(a.At, a.Key))
			}
		}
		return all
	}
	alone := render(0, a)
	if !slices.Equal(render(0, a, b), alone) || !slices.Equal(render(1, b, a), alone) {
		t.Error("stream a depends on the streams beside it")
	}
	if slices.Equal(render(0, b), alone) {
		t.Error("streams of different names are the same")
	}
}

// TestKeysAreShared gives streams one prefix: one name, one key, one number.
func TestKeysAreShared(t *testing.T) {
	log := "1,k7\n2,k2000\n3,k07\n4,v5\n5,extra\n"
	w := mustWorkload(t, 1,
		Stream{Name: "few", Process: constant(t, "100/s"), Keys: must(NewUniform(UniformConfig{10}))(t)},
		Stream{Name: "many", Process: constant(t, "100/s"), Keys: must(NewUniform(UniformConfig{1000}))(t)},
		Stream{Name: "single", Process: constant(t, "1/s"), Prefix: "only"},
		Stream{Name: "vast", Process: constant(t, "100/s"), Prefix: "v", Keys: must(NewUniform(UniformConfig{1 << 30}))(t)},
		Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: traceFile(t, log)}))(t)})
	if got := w.KeyCount(); got != 1000+1+3 {
		t.Errorf("%d keys are numbered; want 1000 of k, 1 of only, and k2000, k07, extra", got)
	}
	numbers := make(map[string]uint32)
	for _, a := range arrivals(t, w.Schedule(5*time.Second), math.MaxInt) {
		if id, seen := numbers[a.Key]; seen && id != a.KeyID {
			t.Fatalf("key %s has numbers %d and %d", a.Key, id, a.KeyID)
		}
		numbers[a.Key] = a.KeyID
	}
	if numbers["only0"] != 1000 || numbers["k7"] != 7 || numbers["extra"] != 1003 || numbers["v5"] != NoKeyID {
		t.Errorf("only0, k7, extra, v5 are numbered %d, %d, %d, %d; want 1000, 7, 1003 and not at all",
			numbers["only0"], numbers["k7"], numbers["extra"], numbers["v5"])
	}
	seen := make(map[string]bool)
	for id := range uint32(w.KeyCount()) {
		if name := w.KeyName(id); seen[name] {
			t.Fatalf("key %s has two numbers", name)
		} else {
			seen[name] = true
		}
	}
}

// TestKeysBeyondMemory fills the table: further spaces and recordings go without numbers.
func TestKeysBeyondMemory(t *testing.T) {
	u := func(n tally) Keys { return must(NewUniform(UniformConfig{n}))(t) }
	w := mustWorkload(t, 1,
		Stream{Name: "most", Process: constant(t, "10/s"), Keys: u(MaxInterned - 1), Prefix: "m"},
		Stream{Name: "none", Process: constant(t, "10/s"), Keys: u(2), Prefix: "n"},
		Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: traceFile(t, "1,x\n2,y\n3,x\n")}))(t)})
	if got := w.KeyCount(); got != MaxInterned {
		t.Errorf("%d keys are numbered; want %d", got, MaxInterned)
	}
	var got []string
	for _, a := range arrivals(t, w.Schedule(time.Minute), math.MaxInt) {
		if (a.Class == 1) != (a.KeyID == NoKeyID) && a.Key != "y" {
			t.Fatalf("key %s is numbered %d", a.Key, a.KeyID)
		}
		if a.Class == 2 {
			got = append(got, fmt.Sprint(a.Key, a.KeyID == NoKeyID))
		}
	}
	if want := []string{"xfalse", "ytrue", "xfalse"}; !slices.Equal(got, want) {
		t.Errorf("recorded keys without number are %v; want %v", got, want)
	}
}

// TestRequests reads the work of a closed loop.
func TestRequests(t *testing.T) {
	w := mustWorkload(t, 1,
		Stream{Name: "a", Process: constant(t, "10/s"), Keys: must(NewSequential(SequentialConfig{3}))(t)},
		Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: traceFile(t, "2,y,5\n1,x\n")}))(t)},
		Stream{
			Name: "log keyed", Process: must(NewTrace(TraceConfig{File: traceFile(t, "1,x,9\n")}))(t),
			Keys: must(NewSequential(SequentialConfig{9}))(t),
		})
	var got []string
	for i, a := range arrivals(t, w.Requests(), 12) {
		if a.Seq != uint64(i) || a.At != 0 || int(a.Class) != i%3 {
			t.Errorf("request %d is %+v; want the streams in turn, at 0", i, a)
		}
		got = append(got, fmt.Sprint(a.Key, "/", a.Cost))
	}
	want := strings.Fields("k0/1 x/1 k0/9 k1/1 y/5 k1/9 k2/1 x/1 k2/9 k0/1 y/5 k3/9")
	if !slices.Equal(got, want) {
		t.Errorf("requests are %v; want %v", got, want)
	}
	open := arrivals(t, mixed(t, 5).Schedule(time.Second), math.MaxInt)
	one := mustWorkload(t, 5, Stream{Name: "quiet", Process: constant(t, "1/s"), Keys: zipf(t, 0.99, 1000)})
	closed := arrivals(t, one.Requests(), 20)
	for _, a := range open {
		if a.Class == 0 && len(closed) > 0 {
			if a.Key != closed[0].Key {
				t.Fatalf("closed loop asks for %s where the open one asks for %s", closed[0].Key, a.Key)
			}
			closed = closed[1:]
		}
	}
}

func TestWorkloadsRefuse(t *testing.T) {
	c := constant(t, "1/s")
	vast := must(NewFixed(FixedConfig[sizes]{1 << 40}))(t)
	zero := must(NewBetween(BetweenConfig[tally]{0, 4}))(t)
	for _, tt := range []struct {
		streams []Stream
		want    string
	}{
		{nil, "workload has 0 streams; want 1 to 256"},
		{make([]Stream, 257), "workload has 257 streams; want 1 to 256"},
		{[]Stream{{}, {Name: "0", Process: c}}, "stream 0: name is taken; want one of its own"},
		{[]Stream{{Process: c, Cost: zero, Size: vast}}, "stream 0: cost is from 0 to 4; want at least 1\n" +
			"size is from 1099511627776 to 1099511627776 bytes; want 0 to 2^31-1"},
		{
			[]Stream{{Process: c, Prefix: "k1"}, {Process: c, Prefix: "k"}, {Process: c, Prefix: "kx"}},
			`prefix "k1" is prefix "k" and digits; want prefixes whose keys differ, such as "k1-"`,
		},
	} {
		w, err := NewWorkload(1, tt.streams)
		if err == nil || err.Error() != tt.want || w != nil {
			t.Errorf("workload is %v, error is %v; want %s", w, err, tt.want)
		}
	}
}

func TestShardRefuses(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "shard is 3 of 3; want 0 to n-1") {
			t.Errorf("panic is %s", got)
		}
	}()
	mixed(t, 1).Shard(time.Second, 3, 3)
}

// TestNextAllocatesNothing covers every process and law on the path of an arrival.
func TestNextAllocatesNothing(t *testing.T) {
	r := rate(t, "10k/s")
	for name, s := range map[string]Stream{
		"constant, zipf":  {Process: constant(t, "10k/s"), Keys: zipf(t, 1.1, 1000)},
		"poisson, hotset": {Process: poissonAt(t, "10k/s"), Keys: must(NewHotSet(HotSetConfig{100, 5, 0.9}))(t)},
		"gaps, hot-flip":  {Process: gapsOf(t, "1us,3us", 2), Keys: must(NewHotFlip(HotFlipConfig{100, 0.5, 10}))(t)},
		"burst, latest":   {Process: must(NewBurst(BurstConfig{Rate: r}))(t), Keys: must(NewLatest(LatestConfig{1, 10}))(t)},
		"ramp, scrambled": {Process: must(NewRamp(RampConfig{Rate: r}))(t), Keys: must(NewScrambledZipf(ScrambledZipfConfig{1, 100}))(t)},
		"sine, exponential": {
			Process: must(NewSine(SineConfig{Rate: r}))(t), Keys: must(NewExponential(ExponentialConfig{5, 100}))(t),
			Cost: must(NewBetween(BetweenConfig[tally]{1, 5}))(t),
			Size: must(NewLognormal(LognormalConfig[sizes]{Median: 512, Sigma: 1}))(t),
		},
	} {
		w := mustWorkload(t, 1, s)
		for kind, schedule := range map[string]*Schedule{"open": w.Schedule(time.Hour), "shard": w.Shard(time.Hour, 1, 3), "closed": w.Requests()} {
			var a Arrival
			var d Digest
			p := NewProfile(w, time.Hour)
			d.Add(&Arrival{KeyID: uint32(w.KeyCount() - 1)})
			if n := testing.AllocsPerRun(1000, func() {
				schedule.Next(&a)
				d.Add(&a)
				p.Add(&a)
			}); n != 0 {
				t.Errorf("%s, %s: %v allocations per arrival; want 0", name, kind, n)
			}
		}
	}
}

// TestStreamWithoutProcess: it takes its turn in closed loops and is in no schedule.
func TestStreamWithoutProcess(t *testing.T) {
	w, err := NewWorkload(1, []Stream{{}})
	if err != nil {
		t.Fatal(err)
	}
	var a Arrival
	if w.Schedule(time.Hour).Next(&a) {
		t.Errorf("schedule has arrival %+v; want none", a)
	}
	if !w.Requests().Next(&a) || a.Key != "k0" {
		t.Errorf("request is %+v; want one for k0", a)
	}
}
