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
	From       float64       `json:"from"`                // the lowest value, which has to keep the goals
	Most       float64       `json:"most,omitempty"`      // never more than that; 0 for no limit
	Generator  float64       `json:"generator,omitempty"` // never more than that, since more cannot be generated
	Whole      bool          `json:"whole,omitempty"`
	Precision  float64       `json:"precision"` // half-width of the interval to be reached, as a share
	Confidence float64       `json:"confidence"`
	Budget     time.Duration `json:"budget_ns"` // time that trials may take altogether
	Length     time.Duration `json:"length_ns"` // of a local trial
	Overhead   time.Duration `json:"overhead_ns"`
	Soak       time.Duration `json:"soak_ns,omitempty"`
	Seed       uint64        `json:"seed"`
}

// The numbers of trials that a search takes in its phases, as they are expected:
// how long the ramp is, only the search itself finds out.
const (
	shortTrials = 14 // floor, ramp, return
	halfTrials  = 3  // bisect
	coarse      = 7  // centre and first local ones
	least       = 16 // that an answer stands on
	atEachEnd   = 3
	descents    = 3
)

const short = 2 * time.Second // of a trial of the ramp

// Expect is how long a search takes when nothing surprises it.
func (p Plan) Expect() time.Duration {
	long := coarse + least - coarse + 2*atEachEnd
	return shortTrials*(short+p.Overhead) + halfTrials*(p.Length/2+p.Overhead) +
		time.Duration(long)*(p.Length+p.Overhead) + descents*(short+p.Overhead) + p.Soak
}

// Fit chooses the length of the local trials: as long as the budget allows.
func (p *Plan) Fit() {
	for p.Length = longest; p.Length > shortest && p.Expect() > p.Budget*19/20; {
		p.Length -= 100 * time.Millisecond
	}
}

// shortest is the least that a local trial takes.
const shortest = time.Second

// longest is the most that a local trial takes: more of them say more than longer
// ones.
const longest = 10 * time.Second

// perRoot is the half-width of an interval times the root of the seconds in local
// trials, for a queue near its knee: M/M/1 at 91 % of 10k/s with 1 % over 5 ms allowed.
const perRoot = 0.125

// Width is the half-width that a queue like M/M/1 would leave, as a share.
func (p Plan) Width() float64 {
	return perRoot / math.Sqrt((least+2*atEachEnd)*p.Length.Seconds())
}

// Needs is the budget that the precision asks for.
func (p Plan) Needs() time.Duration {
	seconds := (perRoot / p.Precision) * (perRoot / p.Precision) / (least + 2*atEachEnd)
	p.Length = max(shortest, time.Duration(math.Ceil(seconds*10))*time.Second/10)
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
	if len(problems) == 0 {
		needs := p.Needs()
		wrong(needs > p.Budget, "a budget of %v is too short for ±%g %%; want at least %v", p.Budget, 100*p.Precision, needs)
	}
	return errors.Join(problems...)
}
