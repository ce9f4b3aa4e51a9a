package paired_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// family is a latency with a margin of 2 % among so many claims.
func family(claims int) (paired.Design, paired.Claim) {
	d := paired.Default()
	d.Family = claims
	return d, paired.Claim{Name: "p50", Better: results.Lower, Scale: paired.Ratio, Margin: 0.02}
}

func plan(t *testing.T, d paired.Design, c paired.Claim, n paired.Noise) paired.PlannedClaim {
	t.Helper()
	p, err := d.Plan([]paired.Claim{c}, []paired.Noise{n}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return p.Claims[0]
}

// What a plan says of the power is what it is known to be, and what it says would
// be enough is.
func TestPlannedPower(t *testing.T) {
	for _, c := range []struct {
		claims     int
		sd, power  float64
		enoughFrom int
		enoughTo   int
	}{{1, 0.05, 0.64, 26, 44}, {20, 0.05, 0.24, 38, 60}, {20, 0.02, 1, 20, 20}, {1, 0.2, 0.036, 300, 600}} {
		d, claim := family(c.claims)
		got := plan(t, d, claim, paired.Normal(c.sd))
		if math.Abs(got.Power-c.power) > 0.03 || math.Abs(got.PairSD-c.sd) > c.sd/20 {
			t.Errorf("%d claims at an SD of %v: %+v; want a power of %v", c.claims, c.sd, got, c.power)
		}
		if got.Enough < c.enoughFrom || got.Enough > c.enoughTo || (got.Warning == "") != (c.power > 0.95) {
			t.Errorf("%d claims at an SD of %v: %+v; want %d to %d pairs to be enough", c.claims, c.sd, got, c.enoughFrom, c.enoughTo)
		}
		if found := got.Percent(got.Detectable); found < 0.02 || got.Power > 0.9 && found > 0.04 || got.Power < 0.9 && found < 0.04 {
			t.Errorf("%d claims at an SD of %v: detects %v with a power of %v at 4 %%", c.claims, c.sd, found, got.Power)
		}
	}
}

// With the pairs that are said to be enough it is.
func TestEnoughPairs(t *testing.T) {
	d, claim := family(20)
	n := plan(t, d, claim, paired.Normal(0.05)).Enough
	d.Looks[2].Pairs = n
	if got := plan(t, d, claim, paired.Normal(0.05)); got.Power < 0.93 {
		t.Errorf("%d pairs have a power of %v; want 0.95", n, got.Power)
	}
}

// Noise that was recorded has what its place in a pair and its bursts do.
func TestRecordedNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	record := make([]float64, 5000)
	for i := range record {
		record[i] = 0.05 + 0.02*r.NormFloat64()
	}
	d, claim := family(1)
	if got := plan(t, d, claim, paired.Recorded(record)); math.Abs(got.PairSD-math.Hypot(0.05, 0.02)) > 0.002 || got.Power > 0.9 {
		t.Errorf("of a bias of 5 %% it says %+v", got)
	}
	if got := plan(t, d, claim, paired.Recorded([]float64{0.001, -0.001})); got.Power != 1 {
		t.Errorf("of hardly any noise it says %+v", got)
	}
}

func TestPlanLooks(t *testing.T) {
	var claims []paired.Claim
	var noise []paired.Noise
	for i := range 2 {
		claims, noise = append(claims, latency(fmt.Sprint(i))), append(noise, paired.Normal(0.01))
	}
	claims, noise = append(claims, paired.Claim{Name: "x", Better: results.Lower, Scale: paired.Exact}), append(noise, nil)
	d := paired.Default()
	d.Family = 6
	p, err := d.Plan(claims, noise, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if p.Family != 6 || len(p.Claims) != 2 || math.Abs(p.Fail-0.01) > 1e-15 {
		t.Errorf("plan is %+v; want two claims in a family of six", p)
	}
	for i, want := range []paired.PlannedLook{
		{8, 1. / 256, .004 / 6, false, 8 * time.Minute},
		{14, 1. / 16384, .003 / 6, true, 14 * time.Minute},
		{20, 1. / 1048576, .003 / 6, true, 20 * time.Minute},
	} {
		got := p.Looks[i]
		if math.Abs(got.NeedP-want.NeedP) > 1e-15 {
			t.Errorf("look %d needs %v; want %v", i+1, got.NeedP, want.NeedP)
		}
		if got.NeedP = want.NeedP; got != want {
			t.Errorf("look %d is %+v; want %+v", i+1, got, want)
		}
	}
	if _, err := paired.Default().Plan(claims, noise[:1], 0); err == nil {
		t.Error("noise of one of three claims: no error")
	}
}
