package paired

import (
	"fmt"
	"math"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Plan is what a gate can find, said before it is run.
type Plan struct {
	Looks  []PlannedLook
	Claims []PlannedClaim
	Family int     // claims that the correction counts
	Fail   float64 // chance of any false alarm, at most
}

// PlannedLook is what a look can find whatever the noise.
type PlannedLook struct {
	Pairs   int
	LeastP  float64       // the least p-value that so many pairs can have
	NeedP   float64       // what one claim of all needs
	CanFail bool          // LeastP is small enough
	Time    time.Duration // that the pairs until then take
}

// PlannedClaim is what a gate can find of a claim with its noise. Differences are signed
// and scaled as those of a [Result]; [PlannedClaim.Percent] turns them into shares.
type PlannedClaim struct {
	Name       string
	Margin     float64 // on the scale of differences
	Twice      float64 // twice the claim's margin: the difference that Power is of
	PairSD     float64 // of the noise
	Power      float64 // chance that the gate goes red where B is worse by Twice
	Detectable float64 // the least difference that is found nine times of ten; infinite where none is
	// Enough is how many pairs the last look must have for Power to be at least 95 %; an
	// estimate where it is more than [MostPairs].
	Enough int
	// Warning says in words why this gate is unlikely to find what it is for; "" where
	// it is not.
	Warning string

	scale Scale
}

// Percent turns a difference into a share of A.
func (c PlannedClaim) Percent(difference float64) float64 {
	return (&Result{scale: c.scale}).Percent(difference)
}

// text writes a difference.
func (c PlannedClaim) text(difference float64) string {
	if c.scale == Ratio {
		return fmt.Sprintf("%.2g %%", 100*c.Percent(difference))
	}
	return fmt.Sprintf("%.2g", difference)
}

// What a plan promises.
const (
	wantPower     = 0.95 // of finding twice the margin
	detectPower   = 0.90
	plannedGates  = 4000 // played for what is printed: right to within a point
	searchedGates = 400  // for each step of a search
)

// Plan says what a gate with this design can find of claims whose noise is known,
// one of each, where a pair takes so long. It plays gates through the same judge, with
// draws of its own that are always the same. Exact claims have no noise; their place
// in noise may be nil, and they are left out.
func (d Design) Plan(claims []Claim, noise []Noise, pair time.Duration) (Plan, error) {
	if len(noise) != len(claims) {
		return Plan{}, fmt.Errorf("noise is of %d claims; want it of %d", len(noise), len(claims))
	}
	if _, err := NewJudge(d, claims); err != nil {
		return Plan{}, err
	}
	d.Family = d.family(chancy(claims))
	p := Plan{Family: d.Family, Fail: d.Fail()}
	for _, l := range d.Looks {
		p.Looks = append(p.Looks, PlannedLook{
			Pairs: l.Pairs, LeastP: math.Ldexp(1, -l.Pairs), NeedP: l.Fail / float64(d.Family),
			CanFail: l.reaches(d.Family), Time: time.Duration(l.Pairs) * pair,
		})
	}
	for i, c := range claims {
		if c.Scale == Exact {
			continue
		}
		one, err := d.planClaim(c, noise[i])
		if err != nil {
			return Plan{}, err
		}
		p.Claims = append(p.Claims, one)
	}
	return p, nil
}

// Power is the chance that the gate goes red where B is worse by twice the margin of a
// claim with such noise, over so many gates that are played. [Design.Family] says among
// how many claims.
func (d Design) Power(c Claim, noise Noise, gates int) (float64, error) {
	out := planned(c)
	t, err := newTrials(d, out.Margin, noise)
	if err != nil {
		return 0, err
	}
	return t.power(out.Twice, gates), nil
}

// planned is a claim on the scale of differences.
func planned(c Claim) PlannedClaim {
	out := PlannedClaim{Name: c.Name, Margin: c.Margin, Twice: 2 * c.Margin, scale: c.Scale}
	if c.Scale == Ratio {
		out.Margin, out.Twice = math.Log1p(c.Margin), math.Log1p(2*c.Margin)
		if c.Better == results.Higher { // of which 2 % less is worse by 2 %, not 2 % more
			out.Twice = -math.Log1p(-min(2*c.Margin, 0.99))
		}
	}
	return out
}

func (d Design) planClaim(c Claim, noise Noise) (PlannedClaim, error) {
	out := planned(c)
	t, err := newTrials(d, out.Margin, noise)
	if err != nil {
		return out, err
	}
	out.PairSD = t.sd()
	out.Power = t.power(out.Twice, plannedGates)
	out.Detectable = t.detectable(out.PairSD)
	if out.Enough, err = d.enoughPairs(out, noise); err != nil {
		return out, err
	}
	if out.Power < wantPower {
		out.Warning = fmt.Sprintf("finds %.0f %% of regressions of twice the margin; want %d pairs, or less noise, or a margin of %s",
			100*out.Power, out.Enough, out.text(out.Detectable/2))
	}
	return out, nil
}

// sd is the standard deviation of the noise.
func (t *trials) sd() float64 {
	n, squares, sum := 0.0, 0.0, 0.0
	for g := range searchedGates {
		t.gate(uint64(g), 0)
		for _, b := range t.sample[0].B { // signed by lot, so that what the place does counts
			n, sum, squares = n+1, sum+b, squares+b*b
		}
	}
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}

// detectable is the least difference that is found nine times of ten, to within
// two hundredths of it; infinite where a hundred standard deviations and margins are not found.
func (t *trials) detectable(sd float64) float64 {
	low, high := 0.0, 2*(t.margin+sd)
	for t.power(high, searchedGates) < detectPower {
		if low, high = high, 2*high; high > 100*(t.margin+sd) {
			return math.Inf(1)
		}
	}
	for high-low > high/50 {
		if half := (low + high) / 2; t.power(half, searchedGates) < detectPower {
			low = half
		} else {
			high = half
		}
	}
	return high
}

// enoughPairs is how many pairs the last look must have.
func (d Design) enoughPairs(c PlannedClaim, noise Noise) (int, error) {
	if c.Power >= wantPower {
		return d.Pairs(), nil
	}
	low, high := d.Pairs(), MostPairs
	for high-low > 2 {
		half := (low + high) / 4 * 2 // balanced
		t, err := newTrials(d.until(half), c.Margin, noise)
		if err != nil {
			return 0, err
		}
		if t.power(c.Twice, searchedGates) < wantPower {
			low = half
		} else {
			high = half
		}
	}
	if high < MostPairs {
		return high, nil
	}
	return max(MostPairs, d.estimatedPairs(c)), nil
}

// until is the design with its last look after so many pairs.
func (d Design) until(pairs int) Design {
	looks := append([]Look{}, d.Looks...)
	looks[len(looks)-1].Pairs = pairs
	d.Looks = looks
	return d
}

// estimatedPairs is how many pairs a test on normal noise needs at the last look: to be
// sure that there is a difference, and that it is not less than the margin.
func (d Design) estimatedPairs(c PlannedClaim) int {
	last := d.Looks[len(d.Looks)-1]
	z := func(tail float64) float64 { return math.Sqrt2 * math.Erfinv(1-2*tail) }
	const efficiency = 3 / math.Pi // of ranks against means
	sure := (z(last.Fail/float64(d.Family)) + z(1-wantPower)) / c.Twice
	large := z(1-wantPower) / (c.Twice - c.Margin)
	need := max(sure, large) * c.PairSD
	return 2 * int(math.Ceil(need*need/efficiency/2))
}
