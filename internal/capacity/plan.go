package capacity

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Plan is all that decides a search beside what the trials observe.
type Plan struct {
	Over       string        `json:"over"` // what is searched: "rate", or the path of a value
	Goals      []Goal        `json:"goals"`
	From       float64       `json:"from"`           // the lowest value, which has to keep the goals
	Most       float64       `json:"most,omitempty"` // never more than that; 0 for no limit
	Whole      bool          `json:"whole,omitempty"`
	Precision  float64       `json:"precision"` // half-width of the interval to be reached, as a share
	Confidence float64       `json:"confidence"`
	Budget     time.Duration `json:"budget_ns"`   // time that trials may take altogether
	Length     time.Duration `json:"length_ns"`   // of a local trial
	Overhead   time.Duration `json:"overhead_ns"` // that a trial takes beside its warm-up and its length
	// Calibration is how long it takes to find how fast the generator goes, before the search; 0 for
	// a search that does not ask.
	Calibration time.Duration `json:"calibration_ns,omitempty"`
	Soak        time.Duration `json:"soak_ns,omitempty"`
	Fade        time.Duration `json:"ramp_down_ns,omitempty"` // in which the load of trials that may be an overload goes
	Seed        uint64        `json:"seed"`
	Strategy    Strategy      `json:"strategy,omitempty"` // "" for Guarded
	Terms       Terms         `json:"mlrsearch,omitzero"` // of MLRsearch
}

// Strategy is how a search chooses its loads, and what its interval is.
type Strategy string

// The strategies. The interval of a guarded search is one of confidence, that of MLRsearch
// is between two loads that were classified.
const (
	Guarded   Strategy = "guarded"
	MLRsearch Strategy = "mlrsearch"
)

// by is the strategy.
func (p Plan) by() Strategy {
	if p.Strategy == "" {
		return Guarded
	}
	return p.Strategy
}

// The numbers of trials that a search takes in its phases, as they are expected:
// how long the ramp is, only the search itself finds out.
const (
	shortTrials = 14 // floor, ramp, return
	halfTrials  = 3  // bisect
	localTrials = 16 // that an answer stands on, beside those at the ends
	atEachEnd   = 3
	descents    = 3
)

// Expect is how long a search takes when nothing surprises it.
func (p Plan) Expect() time.Duration {
	if p.Strategy == MLRsearch {
		return p.Calibration + shortTrials*(p.takes(brief)+p.Fade) + p.classifying() + p.afterwards()
	}
	return p.Calibration + shortTrials*(p.takes(brief)+p.Fade) + halfTrials*p.takes(half) + (localTrials+2*atEachEnd)*p.takes(whole) + p.afterwards()
}

// takes is how long a trial takes altogether.
func (p Plan) takes(t trialLength) time.Duration {
	warmup, length := t(p)
	return warmup + length + p.Overhead
}

// afterwards is how long it takes to look at the recovery, and to soak.
func (p Plan) afterwards() time.Duration {
	d := descents*p.takes(brief) + p.Fade
	if p.Soak > 0 {
		d += p.takes(soaking)
	}
	return d
}

// Fit chooses the length of the local trials: as long as the budget allows.
func (p *Plan) Fit() {
	for p.Length = max(longest, p.leastLength()); p.Length > p.leastLength() && p.Expect() > p.Budget*19/20; {
		p.Length -= 100 * time.Millisecond
	}
	if p.Terms.Final > 0 {
		p.Length = p.Terms.Final
	}
}

// The lengths of a local trial: the shortest there is, and the longest where shorter
// ones can tell the precision, since more of them say more than longer ones.
const (
	shortest = time.Second
	longest  = 10 * time.Second
)

// leastLength is that of the local trials which can tell the precision.
func (p Plan) leastLength() time.Duration {
	return max(shortest, p.telling(p.Precision), p.seeing())
}

// fewest is how many requests the goals have to let be bad in all local trials together:
// of fewer no curve can be told.
const fewest = 20

// seeing is how long they have to be for that at the highest value that is allowed, by the
// goal that allows most.
func (p Plan) seeing() time.Duration {
	allowed := 0.0
	for _, g := range p.Goals {
		allowed = max(allowed, g.Budget)
		if g.Hard() {
			return 0
		}
	}
	if p.Over != "rate" || p.Most == 0 || allowed == 0 {
		return 0
	}
	return tenths(fewest / (allowed * p.Most * (localTrials + 2*atEachEnd)))
}

// coarsely is what trials of the ramp have to tell: local ones find the rest.
const coarsely = 0.1

// filling is how long a load that is over the capacity by a share takes to bring
// responses over their bound: it leaves so many seconds of work behind in a second.
func (p Plan) filling(excess float64) time.Duration {
	return tenths(p.within().Seconds() / excess)
}

// A trial has to be so many times as long for that load to miss the goals, else it passes.
const outlasting = 1.5

// telling is how long such a trial has to be.
func (p Plan) telling(excess float64) time.Duration {
	return tenths(outlasting * p.within().Seconds() / excess)
}

// coldest is the shortest warm-up: connections are new.
const coldest = time.Second

// warming is the warm-up of a trial that is to tell an excess. It begins with an empty
// queue, and one that is not yet as long as it becomes lets the goals be kept by too
// high a load.
func (p Plan) warming(excess float64) time.Duration { return max(coldest, p.filling(excess)) }

// tenths rounds seconds up to a tenth; so many that nobody waits for them are a million.
func tenths(seconds float64) time.Duration {
	return time.Duration(math.Ceil(min(seconds, 1e6)*10-1e-6)) * (time.Second / 10)
}

// within is the longest bound of a response; 0 where no goal has one.
func (p Plan) within() (d time.Duration) {
	for _, g := range p.Goals {
		d = max(d, g.Within)
	}
	return d
}

// perRoot is the half-width of an interval times the root of the seconds in local
// trials, for a queue near its knee: M/M/1 at 91 % of 10k/s with 1 % over 5 ms allowed.
const perRoot = 0.125

// Width is the half-width that a queue like M/M/1 would leave, as a share.
func (p Plan) Width() float64 {
	return perRoot / math.Sqrt((localTrials+2*atEachEnd)*p.Length.Seconds())
}

// Needs is the budget that the precision asks for.
func (p Plan) Needs() time.Duration {
	seconds := (perRoot / p.Precision) * (perRoot / p.Precision) / (localTrials + 2*atEachEnd)
	switch {
	case p.Strategy != MLRsearch:
		p.Length = max(p.leastLength(), tenths(seconds))
	case p.Terms.Final == 0:
		p.Length = p.leastLength()
	}
	return (p.Expect()*20/19 + time.Second).Truncate(time.Second)
}

// Check says all that is wrong with a plan.
func (p Plan) Check() error {
	var problems []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	wrong(len(p.Goals) == 0, "there are no goals; want at least one, such as --goal 'response.ok.p99 < 5ms'")
	for i, g := range p.Goals {
		wrong(g.Budget < 0 || g.Budget >= 1 || math.IsNaN(g.Budget), "goal %q allows a share of %g; want 0 to 1", g.Name, g.Budget)
		for _, other := range p.Goals[:i] {
			wrong(other == g, "goal %q is given twice", g.Name)
		}
	}
	wrong(!(p.From > 0) || math.IsInf(p.From, 1), "the lowest value is %g; want more than 0", p.From)
	wrong(p.Most != 0 && !(p.Most > p.From), "the highest value is %g; want more than the lowest, %g", p.Most, p.From)
	wrong(!(p.Precision >= 0.001 && p.Precision <= 0.2), "precision is %g %%; want 0.1 %% to 20 %%", 100*p.Precision)
	wrong(!(p.Confidence >= 0.5 && p.Confidence <= 0.999), "confidence is %g %%; want 50 %% to 99.9 %%", 100*p.Confidence)
	wrong(p.Soak < 0, "soak is %v; want 0s or more", p.Soak)
	wrong(p.Calibration < 0, "the calibration is %v; want 0s or more", p.Calibration)
	wrong(p.Fade < 0, "the ramp down is %v; want 0s or more", p.Fade)
	if err := p.checkTerms(); err != nil {
		problems = append(problems, err)
	}
	if len(problems) == 0 {
		needs := p.Needs()
		wrong(needs > p.Budget, "a budget of %v is too short for ±%g %%%s; want at least %v%s", p.Budget, 100*p.Precision, p.andSoak(), needs, p.whyLong())
	}
	return errors.Join(problems...)
}

// andSoak is what else the budget has to be for.
func (p Plan) andSoak() string {
	if p.Soak == 0 {
		return ""
	}
	return fmt.Sprintf(" and a soak of %v", p.Soak)
}

// whyLong explains trials that are long because of their goals.
func (p Plan) whyLong() string {
	switch p.leastLength() {
	case shortest:
		return ""
	case p.seeing():
		return fmt.Sprintf(" (for trials of %v: in shorter ones of at most %.6g a second the goals let fewer than %d requests be bad in all, which tell nothing)",
			p.leastLength(), p.Most, fewest)
	}
	return fmt.Sprintf(" (for trials of %v after a warm-up of %v: a load that is %g %% too high takes %v to bring responses over %v)",
		p.leastLength(), p.warming(p.Precision), 100*p.Precision, p.filling(p.Precision), p.within())
}
