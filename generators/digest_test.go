package generators

import (
	"math"
	"testing"
	"time"
)

// TestGoldenDigests pins schedules down to the bit. It runs on every
// architecture; a digest that changes is a different workload for every user
// who compares with an earlier result.
func TestGoldenDigests(t *testing.T) {
	r := rate(t, "1230/s")
	stages := Stages{{2e9, rate(t, "50")}, {1e9, rate(t, "0/s")}, {3e9, rate(t, "777")}}
	for _, tt := range []struct {
		name             string
		stream           Stream
		all, times, keys string
	}{
		{
			"constant, one key",
			Stream{Process: constant(t, "3000001/s")},
			"2efbcbe44645e51d90c1618bb9852935", "e3447f55117911987c6ee9510ea88fca", "c96b823cd48985f778299ed390f154b0",
		},
		{
			"poisson, zipf",
			Stream{Process: poissonAt(t, "10k/s"), Keys: zipf(t, 1.1, 10_000)},
			"2fa1d9cdd7e86868d93ee1d21488130c", "a1e211caae3cd4c7748cb214f652f574", "2da2597c4584492532d033f638a935c4",
		},
		{
			"burst, scrambled-zipf",
			Stream{Process: must(NewBurst(BurstConfig{Rate: r}))(t), Keys: must(NewScrambledZipf(ScrambledZipfConfig{0.99, 1000}))(t)},
			"ba7e85e827f3cbb5876b1904da82268e", "b8bd9c35011c7259682f865427308699", "5fe007dc3df1e42f874fc842c5fa9f77",
		},
		{
			"spike, zipf of 2^40",
			Stream{Process: must(NewSpike(SpikeConfig{Rate: r}))(t), Keys: zipf(t, 1.01, 1<<40)},
			"b199a82de3429da2570e58b9b15fadf0", "6560e98321fb8d5dc212527412954e64", "0ecfc5f85cb44625c0dfb3ba336525af",
		},
		{
			"ramp, exponential",
			Stream{Process: must(NewRamp(RampConfig{Rate: r}))(t), Keys: must(NewExponential(ExponentialConfig{30, 1000}))(t)},
			"829f8cc30ecfe6f0b1d9f78ff984e853", "ee2948aee2193411b5df95eced29e359", "2696a95a01d34e87f9445fc56d4ffc5a",
		},
		{
			"stages, latest",
			Stream{Process: must(NewStages(StagesConfig{stages}))(t), Keys: must(NewLatest(LatestConfig{0.5, 1 << 21}))(t)},
			"932905a073c4c69b1d6dd5c9b4b86ae1", "e1579087fd6d20da6156e4e277f6ce70", "b08a8bd409cfd60159207eb706b027c0",
		},
		{
			"sine, hotset",
			Stream{Process: must(NewSine(SineConfig{Rate: r}))(t), Keys: must(NewHotSet(HotSetConfig{1000, 10, 0.9}))(t)},
			"309719643635e4dea454e133e617cb4a", "e464b951409831c2d66273b27d2fe97e", "d304fabdb9b22501d33023148f90977d",
		},
		{
			"costs and sizes",
			Stream{
				Process: constant(t, "1k/s"), Keys: must(NewExponential(ExponentialConfig{1e5, 1 << 30}))(t),
				Cost: must(NewWeightedList(WeightedListConfig[tally]{Choices[tally]{{1, 8}, {5, 2}, {7, 0.3}}}))(t),
				Size: must(NewLognormal(LognormalConfig[sizes]{Median: 4096, Sigma: 1.3}))(t),
			},
			"946c424176e1dd91f1131993f680636c", "3c97572a4a7bf4ecc3744b2d6cd9de52", "89f8157184a329991062c10d0c01e202",
		},
		{
			"gaps, hot-flip",
			Stream{Process: gapsOf(t, "499ms,1ms", 50), Keys: must(NewHotFlip(HotFlipConfig{1000, 0.7, 40}))(t)},
			"a12f5c4bc7b07a15a82f1a679dbc74d1", "dd9e4dd8658a1043ee21bcf49e8cbcdd", "e8867f053c366c8eb1514001dcd973d0",
		},
		{
			"trace",
			Stream{Process: must(NewTrace(TraceConfig{File: traceFile(t, accessLog), Speed: 0.7}))(t)},
			"7721111efda78082dec0c3c1bff5f6f0", "a3805bd69df692f68325b60b5a83483e", "685a76f0f20af17e574191a00c317751",
		},
	} {
		var d Digest
		s := mustWorkload(t, 42, tt.stream).Schedule(6 * time.Second)
		var a Arrival
		for n := 0; n < 100_000 && s.Next(&a); n++ {
			d.Add(&a)
		}
		if all, times, keys := d.Hex(DigestAll), d.Hex(DigestTimes), d.Hex(DigestKeys); all != tt.all || times != tt.times || keys != tt.keys {
			t.Errorf("%s: digests are\n\"%s\", \"%s\", \"%s\"", tt.name, all, times, keys)
		}
	}
}

// TestDigestSeesEveryField changes each field of an arrival in turn.
func TestDigestSeesEveryField(t *testing.T) {
	base := Arrival{Seq: 5, At: 7, Key: "k1", KeyID: NoKeyID, Cost: 2, Size: 3, Class: 1}
	hex := func(a Arrival, kind DigestKind) string {
		var d Digest
		d.Add(&a)
		return d.Hex(kind)
	}
	for _, tt := range []struct {
		field            string
		change           func(*Arrival)
		all, times, keys bool
	}{
		{"nothing", func(*Arrival) {}, false, false, false},
		{"Seq", func(a *Arrival) { a.Seq++ }, true, true, true},
		{"At", func(a *Arrival) { a.At++ }, true, true, false},
		{"Key", func(a *Arrival) { a.Key = "k2" }, true, false, true},
		{"length of Key", func(a *Arrival) { a.Key = "k1\x00" }, true, false, true},
		{"KeyID", func(a *Arrival) { a.KeyID = 3 }, false, false, false},
		{"Cost", func(a *Arrival) { a.Cost++ }, true, false, false},
		{"Size", func(a *Arrival) { a.Size++ }, true, false, false},
		{"Class", func(a *Arrival) { a.Class++ }, true, false, false},
	} {
		a := base
		tt.change(&a)
		for kind, want := range map[DigestKind]bool{DigestAll: tt.all, DigestTimes: tt.times, DigestKeys: tt.keys} {
			if got := hex(a, kind) != hex(base, kind); got != want {
				t.Errorf("another %s changes the digest of %v: %v; want %v", tt.field, kind, got, want)
			}
		}
	}
}

// TestDigestSeesExchanges exchanges a field between two arrivals, which a mere
// sum of fields would miss.
func TestDigestSeesExchanges(t *testing.T) {
	a := Arrival{Seq: 1, At: 10, Key: "k1", KeyID: 1, Cost: 2, Size: 3}
	b := Arrival{Seq: 2, At: 20, Key: "k2", KeyID: 2, Cost: 4, Size: 5, Class: 1}
	sum := func(arrivals ...Arrival) string {
		var d Digest
		for i := range arrivals {
			d.Add(&arrivals[i])
		}
		return d.Hex(DigestAll)
	}
	want := sum(a, b)
	if sum(b, a) != want {
		t.Error("digest depends on the order of taking in")
	}
	for field, exchange := range map[string]func(a, b *Arrival){
		"Seq":   func(a, b *Arrival) { a.Seq, b.Seq = b.Seq, a.Seq },
		"At":    func(a, b *Arrival) { a.At, b.At = b.At, a.At },
		"Key":   func(a, b *Arrival) { a.Key, b.Key, a.KeyID, b.KeyID = b.Key, a.Key, b.KeyID, a.KeyID },
		"Cost":  func(a, b *Arrival) { a.Cost, b.Cost = b.Cost, a.Cost },
		"Size":  func(a, b *Arrival) { a.Size, b.Size = b.Size, a.Size },
		"Class": func(a, b *Arrival) { a.Class, b.Class = b.Class, a.Class },
	} {
		x, y := a, b
		exchange(&x, &y)
		if sum(x, y) == want {
			t.Errorf("digest does not see that two arrivals exchanged %s", field)
		}
	}
	if sum(a, a) == sum() || sum(a, b, b) == want {
		t.Error("digest does not see arrivals that come twice")
	}
}

func TestDigestKindString(t *testing.T) {
	for kind, want := range map[DigestKind]string{DigestAll: "all", DigestTimes: "times", DigestKeys: "keys", 9: "DigestKind(9)"} {
		if got := kind.String(); got != want {
			t.Errorf("kind %d is %q; want %q", kind, got, want)
		}
	}
}

// TestDigestSpreads counts how many bits of a digest one changed bit of an
// arrival changes: half of them.
func TestDigestSpreads(t *testing.T) {
	changed, samples := 0, 0
	for seq := range uint64(200) {
		var before Digest
		before.Add(&Arrival{Seq: seq, At: 1000, Key: "k", KeyID: NoKeyID, Cost: 1})
		for bit := range 30 {
			var after Digest
			after.Add(&Arrival{Seq: seq, At: 1000 ^ 1<<bit, Key: "k", KeyID: NoKeyID, Cost: 1})
			changed += ones(before.all, after.all)
			samples++
		}
	}
	if mean := float64(changed) / float64(samples); math.Abs(mean-64) > 2 {
		t.Errorf("%v of 128 bits change on average; want 64", mean)
	}
}
