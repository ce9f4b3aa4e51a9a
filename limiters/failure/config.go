package failure

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// Mode is what happens to a request about which the primary says nothing.
type Mode uint8

// The modes.
const (
	Error  Mode = iota // the error is the caller's
	Open               // it passes
	Closed             // it is denied
	Local              // a limiter in this process decides
)

// modes are their names in scenario files.
var modes = [...]string{"error", "open", "closed", "local"}

// String returns the mode's name in scenario files.
func (m Mode) String() string { return modes[m] }

// Config is a [Policy] as users describe it.
type Config struct {
	OnError  string         `yaml:"on_error"` // error (as does none), open, closed or local
	Deadline units.Duration `yaml:"deadline"`
	Failures int            `yaml:"breaker"`
	Cooldown units.Duration `yaml:"cooldown"`
}

// Validate reports everything that is wrong.
func (c Config) Validate() error {
	policy, err := c.policy()
	return errors.Join(err, policy.limits())
}

// Policy returns the policy, whose fallback is local. Only mode local needs one.
func (c Config) Policy(local limiters.Limiter) (Policy, error) {
	policy, err := c.policy()
	policy.Local = local
	if err = errors.Join(err, policy.validate()); err != nil {
		return Policy{}, err
	}
	return policy, nil
}

func (c Config) policy() (Policy, error) {
	policy := Policy{Deadline: c.Deadline.Std(), Failures: c.Failures, Cooldown: c.Cooldown.Std()}
	mode := slices.Index(modes[:], c.OnError)
	if c.OnError == "" {
		mode = int(Error)
	}
	if mode < 0 {
		return policy, fmt.Errorf("on_error is %q; want error, open, closed or local", c.OnError)
	}
	policy.Mode = Mode(mode)
	return policy, nil
}

// limits reports the numbers that are out of range.
func (p Policy) limits() error {
	var problems []error
	if p.Deadline < 0 {
		problems = append(problems, fmt.Errorf("deadline is %v; want more than 0, or none", p.Deadline))
	}
	if p.Failures < 0 {
		problems = append(problems, fmt.Errorf("breaker is %d; want a number of failures in a row, or none", p.Failures))
	}
	switch {
	case p.Cooldown < 0:
		problems = append(problems, fmt.Errorf("cooldown is %v; want more than 0", p.Cooldown))
	case p.Failures > 0 && p.Cooldown == 0:
		problems = append(problems, errors.New("cooldown is not given; want one for the breaker, such as 1s"))
	case p.Failures == 0 && p.Cooldown > 0:
		problems = append(problems, fmt.Errorf("cooldown is %v, but there is no breaker; want both or neither", p.Cooldown))
	}
	return errors.Join(problems...)
}

func (p Policy) validate() error {
	err := p.limits()
	if p.Mode > Local {
		err = errors.Join(err, fmt.Errorf("mode is %d; want one of %v", p.Mode, modes))
	}
	if p.Mode == Local && p.Local == nil {
		err = errors.Join(err, errors.New("local is not given; want a limiter to fall back to"))
	}
	return err
}
