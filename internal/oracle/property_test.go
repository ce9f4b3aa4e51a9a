package oracle

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// bruteReport judges a history of one key the slow way, from the definitions.
type bruteReport struct {
	falseAdmits, falseDenials, entitled int64
	sigma                               *big.Rat // σ*, in tokens
}

func brute(algorithm string, l Limit, history []Observation) bruteReport {
	if r, _ := ruleOf(algorithm); r.windowed() {
		l.Burst = l.Rate
	}
	model, free := newReference(algorithm, l), correct(newReference("token-bucket", l))
	b := bruteReport{sigma: new(big.Rat)}
	for _, o := range history {
		switch granted := model.admits(o.At, o.N); {
		case o.Allowed && !granted:
			b.falseAdmits++
		case !o.Allowed && granted:
			b.falseDenials++
		}
		if o.Allowed {
			model.take(o.At, o.N)
		}
		if free(o.At, o.N) {
			b.entitled = sum(b.entitled, o.N)
		}
	}
	b.sigma = bruteSigma(l, history)
	return b
}

// bruteSigma is the maximum, over all pairs of admissions, of the tokens
// admitted from the one to the other less what the rate gives in between.
func bruteSigma(l Limit, history []Observation) *big.Rat {
	sigma := new(big.Rat)
	for i, first := range history {
		tokens := new(big.Rat)
		for _, o := range history[i:] {
			if !o.Allowed {
				continue
			}
			tokens.Add(tokens, ratio(o.N))
			refill := big.NewRat(l.Rate, int64(l.Period))
			refill.Mul(refill, ratio(int64(o.At-first.At)))
			if over := refill.Sub(tokens, refill); over.Cmp(sigma) > 0 {
				sigma = over
			}
		}
	}
	return sigma
}

// sigmaUnits is what the judge should hold as σ*: units of 1/period token, saturated.
func sigmaUnits(j *Judge, sigma *big.Rat) *big.Int {
	units := new(big.Rat).Mul(sigma, ratio(j.asked.scale.period))
	most := new(big.Int).Lsh(big.NewInt(1), 128)
	most.Sub(most, big.NewInt(1))
	if units.Num().Cmp(most) > 0 {
		return most
	}
	return units.Num()
}

func wantAgreement(t *testing.T, algorithm string, l Limit, history []Observation) {
	t.Helper()
	j := mustNew(t, algorithm, l)
	for _, o := range history {
		j.Observe(o)
	}
	got, want := j.Report(), brute(algorithm, l, history)
	if got.FalseAdmits != want.falseAdmits || got.FalseDenials != want.falseDenials || got.Entitled != want.entitled {
		t.Fatalf("%s %+v: %+v; want %+v\n%+v", algorithm, l, got, want, history)
	}
	if peak := j.asked.peak.Big(); peak.Cmp(sigmaUnits(j, want.sigma)) != 0 {
		t.Fatalf("%s %+v: σ* is %v units; want %v\n%+v", algorithm, l, peak, sigmaUnits(j, want.sigma), history)
	}
	wantWorstWindow(t, j.asked.scale, got.WorstWindow, history)
}

// wantWorstWindow recounts the window's tokens and bound. Start and End are whole instants:
// nothing at Start came before the level left zero, and nothing at End came
// after σ*, or σ* would be higher.
func wantWorstWindow(t *testing.T, s *scale, w Window, history []Observation) {
	t.Helper()
	var inside int64
	for _, o := range history {
		if o.Allowed && o.At >= w.Start && o.At <= w.End {
			inside = sum(inside, o.N)
		}
	}
	bound := new(big.Int)
	if inside > 0 {
		bound.Mul(big.NewInt(s.rate), big.NewInt(int64(w.End-w.Start))).Add(bound, s.capacity.Big())
		bound = smaller(bound.Div(bound, big.NewInt(s.period)), big.NewInt(math.MaxInt64))
	}
	if inside != w.Tokens || w.Bound != bound.Int64() {
		t.Fatalf("worst window %+v; want %d tokens in it, bound %v\n%+v", w, inside, bound, history)
	}
}

// Whatever a limiter decides, the judge agrees with brute force.
func TestAgreesWithBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, algorithm := range models() {
		for _, l := range limits() {
			tr := traffic{algorithm, l, 1, true, time.Nanosecond}
			for range 20 {
				reckless := func() subject {
					r := newReference(algorithm, l)
					return func(at time.Duration, n int64) bool {
						allowed := r.admits(at, n) != (rng.IntN(5) == 0)
						if allowed {
							r.take(at, n)
						}
						return allowed
					}
				}
				var history []Observation
				tr.drive(rng, 40, reckless, func(o Observation) { history = append(history, o) })
				wantAgreement(t, algorithm, l, history)
			}
		}
	}
}

// The free-running bucket does not care what the limiter did.
func TestEntitlementIsIndependentOfDecisions(t *testing.T) {
	for _, l := range limits() {
		honest, stingy := mustNew(t, "gcra", l), mustNew(t, "gcra", l)
		tr := traffic{"gcra", l, 3, true, time.Nanosecond}
		tr.drive(rand.New(rand.NewPCG(7, 8)), 2000,
			func() subject { return correct(newReference("gcra", l)) },
			func(o Observation) {
				honest.Observe(o)
				o.Allowed = false
				stingy.Observe(o)
			})
		h, s := honest.Report(), stingy.Report()
		if h.Entitled != s.Entitled || h.Admitted != h.Entitled || h.RateError != 0 || s.RateError != -1 {
			t.Errorf("%+v: %+v and %+v; want one entitlement, rate errors 0 and -1", l, h, s)
		}
	}
}

// FuzzJudge holds the judge against the reference with arbitrary limits, up to
// the ends of int64, arbitrary arrivals and arbitrary decisions.
func FuzzJudge(f *testing.F) {
	f.Add(uint8(0), int64(3_000_000), int64(time.Second), int64(1), []byte("\x01\x00\x01\x14\x50\x01\x01\x00\x03"))
	f.Add(uint8(1), int64(7), int64(3*time.Second), int64(5), []byte("\x00\x00\x71\x90\x01\x00\x80\x02\x05\x00\x00\x06"))
	f.Add(uint8(2), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), []byte("\xff\xff\x01\xff\xff\x01\xff\xff\x01"))
	f.Add(uint8(0), int64(1), int64(math.MaxInt64), int64(math.MaxInt64), []byte("\x00\xff\x01\x00\xff\x01\x00\xff\x01\xff\xff\x01"))
	// A window of 2^65 tokens, of which a fifth is still too much for the next one.
	f.Add(uint8(5), int64(math.MaxInt64/4), int64(time.Second), int64(1), []byte("\x00\xf7\x01\x00\xf7\x01\x00\xf7\x01\x00\xf7\x01\x00\xf7\x01\x00\x01\x02\x73\x01\x00"))
	f.Fuzz(func(t *testing.T, which uint8, rate, period, burst int64, ops []byte) {
		l := Limit{Rate: max(rate, 1), Period: max(time.Duration(period), 1), Burst: max(burst, 1)}
		names := append([]string{"leaky-bucket-meter", "gcra"}, models()...)
		algorithm := names[int(which)%len(names)]
		wantAgreement(t, algorithm, l, decode(ops, l))
	})
}

// decode reads three bytes per decision: a gap, a cost, and flags.
func decode(ops []byte, l Limit) []Observation {
	var history []Observation
	var at int64
	for ; len(ops) >= 3 && len(history) < 64; ops = ops[3:] {
		gap := magnitude(ops[0])
		switch ops[2] >> 1 & 3 {
		case 1:
			gap = int64(l.Period)
		case 2:
			gap = int64(l.Period) - 1
		case 3:
			gap = int64(l.Period)/l.Rate + int64(ops[0]&1)
		}
		at = sum(at, gap)
		history = append(history, Observation{N: max(magnitude(ops[1]), 1), At: time.Duration(at), Allowed: ops[2]&1 == 1})
	}
	return history
}

// magnitude reads a byte as a number with a five-bit exponent and three significant
// bits, which reaches from 0 to the end of int64.
func magnitude(b byte) int64 {
	return int64(uint64(b&7) << (2 * (b >> 3)) & math.MaxInt64)
}
