package worlds

import (
	"fmt"
	"math/rand/v2"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results/paired"
)

// Row is what gates of so many claims did in a world.
type Row struct {
	Name      string  `json:"name"`
	Claims    int     `json:"claims"`
	PairSD    float64 `json:"pair_sd"`
	Gates     int     `json:"gates"`  // in which nothing was worse, and as many in which one claim was
	Alarms    int     `json:"alarms"` // gates that went red where nothing was worse
	Power     float64 `json:"power_2delta"`
	Predicted float64 `json:"predicted_power"` // what the plan says of such noise
	Coverage  float64 `json:"coverage"`        // share of all intervals that hold the truth
}

// What a gate must reach. Nominal is the coverage of an interval whose lower end spends
// what alarms may, and whose upper end what passes may.
const (
	mostAlarms   = 0.01
	leastPower   = 0.95
	fromPlan     = 0.03
	fromCoverage = 0.01
)

// Nominal is the coverage of the intervals of the default design.
func Nominal() float64 {
	d := paired.Default()
	return 1 - d.Fail() - d.Pass()
}

// Enough is how many gates there must be for a row to be judged: with fewer it is chance
// that decides.
const Enough = 5000

// Missed says what of it a row has not, if it is of enough gates.
func (r Row) Missed() (all []string) {
	if r.Gates < Enough {
		return nil
	}
	missed := func(format string, args ...any) {
		all = append(all, fmt.Sprintf("%s, %d claims, pair SD %.3g %%: ", r.Name, r.Claims, 100*r.PairSD)+fmt.Sprintf(format, args...))
	}
	if float64(r.Alarms) > mostAlarms*float64(r.Gates) {
		missed("alarms is %d of %d; want at most %.0f", r.Alarms, r.Gates, mostAlarms*float64(r.Gates))
	}
	if r.PairSD <= Margin && r.Power < leastPower {
		missed("power is %.3f; want at least %.2f", r.Power, leastPower)
	}
	if off := r.Power - r.Predicted; r.PairSD > Margin && max(off, -off) > fromPlan {
		missed("power is %.3f; want %.3f as planned, give or take %.2f", r.Power, r.Predicted, fromPlan)
	}
	if r.Coverage < Nominal()-fromCoverage {
		missed("coverage is %.3f; want at least %.2f", r.Coverage, Nominal()-fromCoverage)
	}
	return all
}

// Counts are what some gates did. They add up.
type Counts struct{ Gates, Alarms, Found, Intervals, Held int }

// Add adds those of other gates.
func (c *Counts) Add(other Counts) {
	c.Gates += other.Gates
	c.Alarms += other.Alarms
	c.Found += other.Found
	c.Intervals += other.Intervals
	c.Held += other.Held
}

// Row sums counts up.
func (w World) Row(claims int, c Counts, predicted float64) Row {
	return Row{
		Name: w.Name, Claims: claims, PairSD: w.PairSD, Gates: c.Gates, Alarms: c.Alarms,
		Power: float64(c.Found) / float64(max(c.Gates, 1)), Predicted: predicted, Coverage: float64(c.Held) / float64(max(c.Intervals, 1)),
	}
}

// recorded is how many pairs of nothing a plan knows of a world, for each gate that
// it plays: what it says is not to depend on the record.
const recorded = 40

// Predict is what the plan says of the chance to find what is worse by twice the
// margin, from a record of the world: of one of so many claims, over so many gates.
func (w World) Predict(claims int, root uint64, gates int) (float64, error) {
	own := seed.New(root).Sub("record")
	r := rand.New(rand.NewPCG(own.Uint64(0), own.Uint64(1)))
	n := w.noise()
	n.start(r)
	record := make([]float64, recorded*gates)
	for i := range record {
		first := n.run(r, false)
		record[i] = n.run(r, true) - first
	}
	d := paired.Default()
	d.Family = claims
	return d.Power(claim(0), paired.Recorded(record), gates)
}
