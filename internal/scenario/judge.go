package scenario

import (
	"errors"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/targets"
)

// Judge is the oracle of a run.
type Judge interface {
	Observe(oracle.Observation)
	// Report is the verdict, or why there is none.
	Report() (oracle.Report, error)
}

// Judge returns the oracle for a trial of target, which the subject made. It is
// settled with the first decision, as some limiters say all that they are only
// once they are open.
func (s Subject) Judge(target targets.Target) Judge {
	return &judge{subject: s, target: target}
}

type judge struct {
	subject Subject
	target  targets.Target
	oracle  verdict // nil until it is needed
	changed int     // how many steps it has followed
	err     error   // why there is none
}

// verdict is one judge, or one for each class.
type verdict interface {
	Observe(oracle.Observation)
	Report() oracle.Report
}

// Observe judges a decision.
func (j *judge) Observe(o oracle.Observation) {
	j.settle()
	for j.changed < len(j.subject.steps) && j.err == nil && j.change(o.At) {
		j.changed++
	}
	if j.err == nil {
		j.oracle.Observe(o)
	}
}

// change follows the next step, if its limit counts at now.
func (j *judge) change(now time.Duration) bool {
	c, made := j.target.Info().Changed(j.changed)
	if !made || now < c.At && c.Err == nil {
		return false
	}
	if j.err = c.Err; j.err == nil {
		j.err = j.oracle.(*oracle.Judge).SetLimit(c.At, oracle.Limit(j.subject.steps[j.changed].Limit))
	}
	return true
}

// Report says what was found.
func (j *judge) Report() (oracle.Report, error) {
	if j.settle(); j.err != nil {
		return oracle.Report{}, j.err
	}
	return j.oracle.Report(), nil
}

func (j *judge) settle() {
	if j.oracle == nil && j.err == nil {
		j.oracle, j.err = j.subject.verdict(j.target)
	}
}

// verdict makes the judges of what the limiters say they are by now.
func (s Subject) verdict(target targets.Target) (verdict, error) {
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
	info := d.Info()
	o := oracle.Options{
		Algorithm: info.Algorithm, Limit: oracle.Limit(info.Limit),
		Bound: d.Bound, Shaper: info.Shaper, Resolution: info.Resolution, OneKey: info.Unkeyed,
	}
	for _, also := range info.Also {
		o.Also = append(o.Also, oracle.Limit(also))
	}
	return oracle.NewJudge(o)
}
