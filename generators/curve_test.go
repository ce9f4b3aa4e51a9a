package generators

import (
	"math"
	"math/big"
	"testing"
	"time"
)

// A piece is a stretch of a rate in the slow model: from and to are arrivals
// per nanosecond at its ends.
type piece struct {
	length   int64
	from, to *big.Rat
}

// integral is the slow model of every deterministic process: the exact
// integral of a piecewise linear rate over [0, at), in rationals. A rate that
// repeats is given by its pieces up to the horizon.
func integral(pieces []piece, at int64) *big.Rat {
	sum := new(big.Rat)
	for _, p := range pieces {
		x := big.NewRat(min(at, p.length), 1)
		slope := new(big.Rat).Sub(p.to, p.from)
		slope.Quo(slope, big.NewRat(2*p.length, 1))
		level := new(big.Rat).Add(p.from, slope.Mul(slope, x))
		sum.Add(sum, level.Mul(level, x))
		if at -= p.length; at <= 0 {
			break
		}
	}
	return sum
}

func ceil(r *big.Rat) int64 {
	n := new(big.Int).Add(r.Num(), r.Denom())
	n.Sub(n, big.NewInt(1))
	return n.Quo(n, r.Denom()).Int64()
}

// checkAgainstModel asserts the definition: arrival k is due at the last
// nanosecond n with integral(n) ≤ k, and [0, horizon) holds ⌈integral⌉ of them.
func checkAgainstModel(t *testing.T, p Process, pieces []piece, horizon time.Duration) {
	t.Helper()
	times := p.Times(stream0(), horizon)
	count := int64(0)
	for {
		at, ok := times.Next()
		if !ok {
			break
		}
		k := big.NewRat(count, 1)
		if integral(pieces, int64(at)).Cmp(k) > 0 || integral(pieces, int64(at)+1).Cmp(k) <= 0 {
			t.Fatalf("arrival %d is due at %d ns; the integral is %v there and %v a nanosecond later",
				count, at, integral(pieces, int64(at)), integral(pieces, int64(at)+1))
		}
		count++
	}
	if want := ceil(integral(pieces, int64(horizon))); count != want {
		t.Fatalf("%d arrivals in %v; want %d", count, horizon, want)
	}
	if at, ok := times.Next(); ok {
		t.Fatalf("after the end there is an arrival at %v", at)
	}
}

func perSecond(num, den int64) *big.Rat { return big.NewRat(num, den*1e9) }

// flat returns pieces that take turns, each at a constant rate, up to a horizon.
func flat(horizon time.Duration, pieces ...piece) (all []piece) {
	for sum := int64(0); sum <= int64(horizon); {
		for _, p := range pieces {
			p.to = p.from
			all = append(all, p)
			sum += p.length
		}
	}
	return all
}

func TestConstantAgainstModel(t *testing.T) {
	for _, tt := range []struct {
		rate    string
		horizon time.Duration
	}{
		{"1/s", 10 * time.Second},
		{"1/s", 10*time.Second + 1},
		{"7/s", 3 * time.Second},
		{"3/7ns", 1000},
		{"1G/s", 2000},
		{"999999999/s", 3000},
		{"3000001/s", time.Millisecond},
		{"0.1/s", time.Hour},
		{"1/d", 40 * 24 * time.Hour},
		{"6/m", 61 * time.Second},
		{"5/s", 0},
	} {
		r := rate(t, tt.rate)
		pieces := flat(tt.horizon, piece{length: math.MaxInt64 / 2, from: perNanosecond(r)})
		checkAgainstModel(t, constant(t, tt.rate), pieces, tt.horizon)
	}
}

// TestConstantCounts counts over long horizons, where a period rounded to
// nanoseconds would be off by many arrivals.
func TestConstantCounts(t *testing.T) {
	for _, tt := range []struct {
		rate    string
		horizon time.Duration
		want    int
	}{
		{"3000001/s", time.Second, 3000001},
		{"3000001/s", time.Second + 1, 3000002},
		{"700k/s", 2 * time.Second, 1400000},
		{"1/d", 1000 * 24 * time.Hour, 1000},
		{"1/d", 1000*24*time.Hour + 1, 1001},
		{"1/365d", 290 * 365 * 24 * time.Hour, 290},
		{"333/s", 1000 * time.Second, 333000},
	} {
		if got := len(dueTimes(constant(t, tt.rate), tt.horizon, math.MaxInt)); got != tt.want {
			t.Errorf("%s for %v: %d arrivals; want %d", tt.rate, tt.horizon, got, tt.want)
		}
	}
}

func TestBurstAgainstModel(t *testing.T) {
	p := must(NewBurst(BurstConfig{Rate: rate(t, "100/s")}))(t)
	horizon := 3*time.Second + 20*time.Millisecond
	checkAgainstModel(t, p, flat(horizon,
		piece{length: 50e6, from: perSecond(1000, 1)},
		piece{length: 450e6, from: perSecond(0, 1)}), horizon)

	p = must(NewBurst(BurstConfig{Base: rate(t, "3/s"), Peak: rate(t, "333/s"), On: 7_000_001, Off: 91_000_003}))(t)
	checkAgainstModel(t, p, flat(horizon,
		piece{length: 7_000_001, from: perSecond(333, 1)},
		piece{length: 91_000_003, from: perSecond(3, 1)}), horizon)
}

// TestBurstSkipsEmptyCycles has far fewer arrivals than cycles.
func TestBurstSkipsEmptyCycles(t *testing.T) {
	p := must(NewBurst(BurstConfig{Rate: rate(t, "1/d")}))(t)
	times := dueTimes(p, 100*24*time.Hour, math.MaxInt)
	if len(times) != 100 {
		t.Fatalf("%d arrivals in 100 days; want 100", len(times))
	}
	for k, at := range times {
		if want := time.Duration(k) * 24 * time.Hour; at != want {
			t.Fatalf("arrival %d is due at %v; want %v, when a burst begins", k, at, want)
		}
	}
}

func TestSpikeAgainstModel(t *testing.T) {
	horizon := 10 * time.Second
	low, high := perSecond(190, 19), perSecond(1900, 19)
	p := must(NewSpike(SpikeConfig{Rate: rate(t, "19/s")}))(t)
	checkAgainstModel(t, p, flat(horizon,
		piece{length: 4.5e9, from: low}, piece{length: 1e9, from: high}, piece{length: 4.5e9, from: low}), horizon)
	if got := len(dueTimes(p, horizon, math.MaxInt)); got != 190 {
		t.Errorf("%d arrivals at a mean of 19/s for 10s; want 190", got)
	}

	p = must(NewSpike(SpikeConfig{Base: rate(t, "5/s"), Peak: rate(t, "70/s"), At: 1e9, For: 2e9}))(t)
	checkAgainstModel(t, p, flat(horizon,
		piece{length: 1e9, from: perSecond(5, 1)}, piece{length: 2e9, from: perSecond(70, 1)},
		piece{length: 90e9, from: perSecond(5, 1)}), horizon)
}

func TestRampAgainstModel(t *testing.T) {
	zero := new(big.Rat)
	for _, tt := range []struct {
		name    string
		config  RampConfig
		horizon time.Duration
		pieces  []piece
	}{
		{
			"up",
			RampConfig{Rate: rate(t, "50/s")},
			7 * time.Second,
			[]piece{{7e9, zero, perSecond(100, 1)}},
		},
		{
			"down to nothing",
			RampConfig{From: rate(t, "100/s"), To: rate(t, "0/s")},
			3 * time.Second,
			[]piece{{3e9, perSecond(100, 1), zero}},
		},
		{
			"then steady",
			RampConfig{From: rate(t, "10/s"), To: rate(t, "97/s"), Over: 1e9},
			3 * time.Second,
			[]piece{{1e9, perSecond(10, 1), perSecond(97, 1)}, {9e9, perSecond(97, 1), perSecond(97, 1)}},
		},
		{
			"steep",
			RampConfig{From: rate(t, "0/s"), To: rate(t, "1G/s")},
			2001,
			[]piece{{2001, zero, perSecond(1e9, 1)}},
		},
		{
			"slow",
			RampConfig{Rate: rate(t, "1/d")},
			200 * 24 * time.Hour,
			[]piece{{int64(200 * 24 * time.Hour), zero, big.NewRat(2, int64(24*time.Hour))}},
		},
		{
			"slow and down",
			RampConfig{From: rate(t, "10/d"), To: rate(t, "0/s")},
			90 * 24 * time.Hour,
			[]piece{{int64(90 * 24 * time.Hour), big.NewRat(10, int64(24*time.Hour)), zero}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkAgainstModel(t, must(NewRamp(tt.config))(t), tt.pieces, tt.horizon)
		})
	}
}

func TestStagesAgainstModel(t *testing.T) {
	var stages Stages
	if err := stages.UnmarshalText([]byte("30s@50, 20s@0,1m@7/s,10s@0/s")); err != nil {
		t.Fatal(err)
	}
	p := must(NewStages(StagesConfig{stages}))(t)
	checkAgainstModel(t, p, []piece{
		{30e9, perSecond(50, 1), perSecond(50, 1)},
		{20e9, new(big.Rat), new(big.Rat)},
		{60e9, perSecond(7, 1), perSecond(7, 1)},
		{3600e9, new(big.Rat), new(big.Rat)},
	}, time.Hour)
	times := dueTimes(p, time.Hour, math.MaxInt)
	if len(times) != 30*50+60*7 {
		t.Errorf("%d arrivals; want 50/s for 30s, none for 20s, 7/s for 1m, then none", len(times))
	}
	if got := times[1500]; got != 50*time.Second {
		t.Errorf("first arrival after the pause is due at %v; want 50s, the last instant with an integral of 1500", got)
	}
}

func TestSineAgainstModel(t *testing.T) {
	p := must(NewSine(SineConfig{Rate: rate(t, "10/s"), Amplitude: rate(t, "9/s"), Period: 1e9 + 2}))(t)
	c := p.(*curve)
	var pieces []piece
	for range 2 {
		for _, s := range c.segments {
			pieces = append(pieces, piece{
				int64(s.length),
				big.NewRat(int64(s.from), int64(c.period)), big.NewRat(int64(s.to), int64(c.period)),
			})
		}
	}
	checkAgainstModel(t, p, pieces, 1500*time.Millisecond)
}

// TestSineIsSine compares the table with the function, and its mean with the exact one.
func TestSineIsSine(t *testing.T) {
	for _, tt := range []struct {
		config    SineConfig
		mean, amp float64 // per second
		tolerance float64
	}{
		{SineConfig{Rate: rate(t, "1k/s")}, 1000, 1000, 1e-6},
		{SineConfig{Rate: rate(t, "1k/s"), Amplitude: rate(t, "250/s"), Period: 1e9 + 2}, 1000, 250, 1e-6},
		{SineConfig{Rate: rate(t, "1/d"), Period: 86_400e9}, 1. / 86_400, 1. / 86_400, 1e-4},
	} {
		c := must(NewSine(tt.config))(t).(*curve)
		length, at := float64(c.length), 0.0
		for j, s := range c.segments {
			got := float64(s.from) / float64(c.period) * 1e9
			want := tt.mean + tt.amp*math.Sin(2*math.Pi*at/length)
			if math.Abs(got-want) > tt.tolerance*tt.amp {
				t.Fatalf("%v: rate at point %d is %v; want %v", tt.config, j, got, want)
			}
			at += float64(s.length)
		}
		mean := new(big.Rat).SetFrac(c.area.Big(), new(big.Int).Mul(big.NewInt(2*int64(c.length)), new(big.Int).SetUint64(c.period)))
		if mean.Cmp(perNanosecond(tt.config.Rate)) != 0 {
			t.Errorf("%v: mean is %v arrivals per ns; want exactly the rate", tt.config, mean)
		}
	}
}

// FuzzCurve compares the engine with the model on arbitrary segments.
func FuzzCurve(f *testing.F) {
	f.Add(uint64(1000), uint64(10), uint64(20), uint64(5000), uint64(0), uint64(0), uint64(700), uint64(999), uint64(3), uint64(8000), true, uint64(50_000))
	f.Add(uint64(1)<<62, uint64(1)<<61, uint64(0), uint64(1)<<40, uint64(7), uint64(1)<<62, uint64(3), uint64(5), uint64(5), uint64(1)<<50, false, uint64(1)<<51)
	f.Add(uint64(86_400e9), uint64(1), uint64(1), uint64(1e9), uint64(0), uint64(2), uint64(1e9), uint64(0), uint64(0), uint64(1e9), true, uint64(1)<<59)
	f.Fuzz(func(t *testing.T, period, a0, b0, l0, a1, b1, l1, a2, b2, l2 uint64, repeats bool, horizon uint64) {
		period = period%(1<<62) + 1
		horizon %= 1 << 62
		if most := period + 1; a0%most+b0%most+a1%most+b1%most+a2%most+b2%most == 0 {
			b2 = 1 // no process is without arrivals for ever
		}
		var segments []segment
		var model []piece
		for _, s := range []segment{{l0, a0, b0}, {l1, a1, b1}, {l2, a2, b2}} {
			s = segment{s.length%(1<<60) + 1, s.from % (period + 1), s.to % (period + 1)}
			segments = append(segments, s)
			model = append(model, piece{
				int64(s.length),
				big.NewRat(int64(s.from), int64(period)), big.NewRat(int64(s.to), int64(period)),
			})
		}
		c := newCurve(period, repeats, segments...)
		checkCursor(t, c, model, horizon)
	})
}

// checkCursor checks the first few arrivals of a curve against a model that
// reduces time to one repetition.
func checkCursor(t *testing.T, c *curve, model []piece, horizon uint64) {
	cycle := integral(model, int64(c.length))
	area := func(at uint64) *big.Rat {
		if !c.repeats {
			return integral(model, int64(min(at, c.length)))
		}
		sum := new(big.Rat).SetInt(new(big.Int).SetUint64(at / c.length))
		return sum.Mul(sum, cycle).Add(sum, integral(model, int64(at%c.length)))
	}
	times := c.Times(stream0(), time.Duration(horizon))
	for k := int64(0); k < 50; k++ {
		at, ok := times.Next()
		if !ok {
			if want := ceil(area(horizon)); want != k {
				t.Fatalf("%d arrivals in %d ns; want %d", k, horizon, want)
			}
			return
		}
		bound := big.NewRat(k, 1)
		if area(uint64(at)).Cmp(bound) > 0 || area(uint64(at)+1).Cmp(bound) <= 0 || uint64(at) >= horizon {
			t.Fatalf("arrival %d is due at %d ns of %d; the integral is %v there, %v a nanosecond later",
				k, at, horizon, area(uint64(at)), area(uint64(at)+1))
		}
	}
}
