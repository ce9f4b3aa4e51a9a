package scenario

import (
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
)

// Judge is the oracle of a run.
type Judge interface {
	Observe(oracle.Observation)
	Report() oracle.Report
}

// claim is what a limiter says of itself, and what it is held to.
type claim struct {
	info  limiters.Info
	bound func(w time.Duration) int64
}

func (c claim) judge() (*oracle.Judge, error) {
	o := oracle.Options{
		Algorithm: c.info.Algorithm, Limit: oracle.Limit(c.info.Limit),
		Bound: c.bound, Shaper: c.info.Shaper, Resolution: c.info.Resolution,
	}
	for _, also := range c.info.Also {
		o.Also = append(o.Also, oracle.Limit(also))
	}
	return oracle.NewJudge(o)
}

// Judge returns the oracle for a limiter, on its own state.
func (s Subject) Judge() (Judge, error) {
	common, err := s.claim.judge()
	if err != nil || len(s.classes) == 0 {
		return common, err
	}
	all := make(oracle.Classes, len(s.classes))
	for i, c := range s.classes {
		if all[i] = common; c.node != nil {
			if all[i], err = c.claim.judge(); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}
