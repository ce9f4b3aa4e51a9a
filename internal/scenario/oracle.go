package scenario

import (
	"errors"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/targets"
)

// Oracle is what the decisions of a run are held against.
type Oracle interface {
	Observe(oracle.Observation)
	// Report is what was found, or why nothing can be.
	Report() (oracle.Report, error)
}

// Oracle returns that of a trial of target, which the subject made. It is
// settled with the first decision, as some limiters say all that they are only
// once they are open.
func (s Subject) Oracle(target targets.Target) Oracle {
	return &onDemand{subject: s, target: target}
}

// onDemand is an oracle that is made with the first decision.
type onDemand struct {
	subject Subject
	target  targets.Target
	judges  judges // nil until it is needed
	changed int    // how many steps it has followed
	err     error  // why there is none
}

// judges are one of all decisions, or one for each class.
type judges interface {
	Observe(oracle.Observation)
	Report() oracle.Report
}

// Observe judges a decision.
func (d *onDemand) Observe(o oracle.Observation) {
	d.settle()
	for d.changed < len(d.subject.steps) && d.err == nil && d.change(o.At) {
		d.changed++
	}
	if d.err == nil {
		d.judges.Observe(o)
	}
}

// change follows the next step, if its limit counts at now.
func (d *onDemand) change(now time.Duration) bool {
	c, made := d.target.Info().Changed(d.changed)
	if !made || now < c.At && c.Err == nil {
		return false
	}
	if d.err = c.Err; d.err == nil {
		d.err = d.judges.(*oracle.Judge).SetLimit(c.At, oracle.Limit(d.subject.steps[d.changed].Limit))
	}
	return true
}

// Report says what was found.
func (d *onDemand) Report() (oracle.Report, error) {
	if d.settle(); d.err != nil {
		return oracle.Report{}, d.err
	}
	return d.judges.Report(), nil
}

func (d *onDemand) settle() {
	if d.judges == nil && d.err == nil {
		d.judges, d.err = d.subject.judges(d.target)
	}
}

// judges makes the judges of what the limiters say they are by now.
func (s Subject) judges(target targets.Target) (judges, error) {
	if s.limit != nil {
		one, err := judgeOf(s.limit)
		return onlyAnswers{one}, err
	}
	info := target.Info()
	if len(s.steps) > 0 { // what the limiter says may be of the next limit already
		return judgeOf(asWritten{s.limiter.Info, s.limiter.Bound})
	}
	if len(s.classes) == 0 {
		return judgeOf(info.Described(0))
	}
	var common *oracle.Judge
	all := make(oracle.Classes, len(s.classes))
	for i, c := range s.classes {
		if !c.own && common != nil {
			all[i] = common
			continue
		}
		one, err := judgeOf(info.Described(uint8(i)))
		if err != nil {
			return nil, err
		}
		if all[i] = one; !c.own {
			common = one
		}
	}
	return all, nil
}

// Info is what the limiter behind target says of itself by now,
// or what a service is believed to limit; nothing where there is neither.
func (s Subject) Info(target targets.Target) (info limiters.Info) {
	d := s.limit
	if d == nil {
		d = target.Info().Described(0)
	}
	if d != nil {
		info = d.Info()
	}
	return info
}

// Claimed is what its limiter says it is, before it is opened.
func (s Subject) Claimed() limiters.Info { return s.limiter.Info }

// ClaimedOf is the same of the limiter that a class of arrivals has of its own; own is
// false where they ask the common one.
func (s Subject) ClaimedOf(class int) (info limiters.Info, own bool) {
	if class < len(s.classes) && s.classes[class].own {
		return s.classes[class].info, true
	}
	return limiters.Info{}, false
}

// asWritten is a limiter as the scenario describes it.
type asWritten struct {
	info  limiters.Info
	bound func(time.Duration) int64
}

func (a asWritten) Info() limiters.Info         { return a.info }
func (a asWritten) Bound(w time.Duration) int64 { return a.bound(w) }

func judgeOf(d limiters.Described) (*oracle.Judge, error) {
	if d == nil {
		return nil, errors.New("the limiter does not say what it is")
	}
	o := Claims(d.Info())
	o.Bound = d.Bound
	return oracle.NewJudge(o)
}

// Claims is what a limiter says it is, in the words of the oracle; without its bound.
func Claims(info limiters.Info) oracle.Options {
	o := oracle.Options{
		Algorithm: info.Algorithm, Limit: oracle.Limit(info.Limit),
		Shaper: info.Shaper, Resolution: info.Resolution, OneKey: info.Unkeyed,
	}
	for _, also := range info.Also {
		o.Also = append(o.Also, oracle.Limit(also))
	}
	return o
}
