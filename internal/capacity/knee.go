package capacity

import (
	"fmt"
	"math"
)

// knee is what queueing theory says of the requests that are over the bound of a
// queue near its capacity. In heavy traffic the time that a request waits is
// exponentially distributed, whatever the arrivals and the services are like, and slow
// ones come in clumps, each of them an excursion of the queue above the bound
// (Aldous, "Probability Approximations via the Poisson Clumping Heuristic", ch. B). All
// that has to be known of the queue is how steeply the share of slow ones rises with
// the load. The zero knee is of a goal that is about no queue.
type knee struct {
	budget float64
	inside float64 // arrivals in as much time as the bound is
}

// knee is that of a goal, by how much its trials brought.
func (l *local) knee(goal int) knee {
	g := l.Goals[goal]
	if g.Within == 0 || g.Hard() || g.Budget > rare || l.Over != "rate" {
		return knee{}
	}
	var arrivals, seconds float64
	for _, m := range l.trials {
		arrivals, seconds = arrivals+float64(m.Goals[goal].Of), seconds+m.Length.Seconds()
	}
	if arrivals == 0 {
		return knee{}
	}
	return knee{g.Budget, g.Within.Seconds() * arrivals / seconds}
}

// rare is how much of what arrives may be slow for all this to hold.
const rare = 0.1

// sizes is the variance of what clumps bring over its mean, in units of their mean
// size: those of M/M/1 at 91 % of its load, measured.
const sizes = 2.9

// clump is how much more the slow requests of trials differ than independent ones
// would, at the capacity, where their share grows by a factor exp(slope·z): the size of
// clumps. Few trials have seen few of them, and may look as if they differed less.
func (k knee) clump(slope float64) float64 {
	if k == (knee{}) {
		return 1
	}
	rarity := math.Log(k.budget)
	return sizes * k.inside * slope / (rarity * rarity)
}

// scarcely is how many clumps all local trials together have to have at the capacity for the
// interval to be what it says: of fewer the estimate is 1 % and more too high, as measured.
const scarcely = 8

// scarce says of the goal that binds that there were fewer, by theory; "" where there were not.
func (l *local) scarce() string {
	for i, g := range l.Goals {
		k := l.knee(i)
		if g.Name != l.answer.Goal || k == (knee{}) || l.answer.Shape != "smooth" {
			continue
		}
		allowed := 0.0
		for _, m := range l.trials {
			allowed += g.Budget * float64(m.Goals[i].Of)
		}
		if size := k.clump(k.typical()) / sizes; allowed < scarcely*size {
			return fmt.Sprintf("slow requests of such a queue come in clumps of about %.0f, of which %d trials have about %.2g at the capacity: of so few it may be 1 %% to 2 %% less, beyond the interval too",
				size, len(l.trials), allowed/size)
		}
	}
	return ""
}

// Where trials have seen fewer clumps than that each, theory has a word about the
// dispersion too, and foreknown is what it is worth, in trials.
const (
	tellingClumps = 3.0
	foreknown     = 16
)

// dispersion is how much more trials differ from a curve than independent requests
// would, at least 1, and of how many trials that is known.
func (k knee) dispersion(c curve, points []point) (phi float64, free int) {
	var bad float64
	for _, p := range points {
		bad += p.bad
	}
	chi, free := c.pearson(points), len(points)-2
	if size := k.clump(c.b); k != (knee{}) && sizes*bad < tellingClumps*size*float64(len(points)) {
		chi, free = chi+foreknown*size, free+foreknown
	}
	return max(1, chi/float64(free)), free
}

// variety is by how much, as a factor of e, the slope of a queue may differ from that of one
// with random arrivals and services (M/M/c), as a standard deviation: at constant services it is
// twice as steep, with a few that take ten times as long half as steep.
const variety = 0.5

// typical is the slope of M/M/c: exp(−(c·µ−λ)·x) of the requests wait longer than x.
func (k knee) typical() float64 { return k.inside }

// begin is the slope that a fit begins with.
func (k knee) begin() float64 {
	if k == (knee{}) {
		return 30
	}
	return clamp(k.typical(), flattest, steepest)
}

// unlikely is what the likelihood of a curve loses by a slope that queues do not have:
// as much as if it had been measured once, which counts where trials have seen a few
// clumps only.
func (k knee) unlikely(slope float64) float64 {
	if k == (knee{}) {
		return 0
	}
	off := math.Log(slope/k.typical()) / variety
	return max(1, k.clump(k.typical())) * off * off / 2
}

// pull is the derivative of that, towards the typical slope, and how stiff it is.
func (k knee) pull(slope float64) (pull, stiffness float64) {
	if k == (knee{}) {
		return 0, 0
	}
	stiff := max(1, k.clump(k.typical())) / (variety * variety * slope * slope)
	return -stiff * slope * math.Log(slope/k.typical()), stiff
}

// lightest and heaviest are the bounds of what weights may be.
const (
	lightest = 0.05
	heaviest = 4.0
)

// weight is what a request counts in a trial whose share of slow ones is
// exp(excess) times the budget, against one at the capacity: clumps are the larger the nearer the
// queue is to having no end.
func (k knee) weight(excess float64) float64 {
	if k == (knee{}) {
		return 1
	}
	rarity := math.Log(k.budget)
	there := min(rarity+excess, math.Log(0.5))
	return clamp(there*there/(rarity*rarity), lightest, heaviest)
}
