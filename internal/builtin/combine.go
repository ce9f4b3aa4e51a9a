package builtin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/combine"
	"github.com/fcbench/fcbench/limiters/external"
	"github.com/fcbench/fcbench/limiters/redislua"
)

// compositeConfig is several limiters that grant together or not at all.
type compositeConfig struct {
	Limits []*strictyaml.Node `yaml:"limits"`
}

func newComposite(env Env) func(compositeConfig) (limiters.Limiter, error) {
	return func(c compositeConfig) (limiters.Limiter, error) {
		var inner []limiters.Limiter
		var problems []error
		for _, n := range c.Limits {
			l, err := part(env, n)
			inner, problems = append(inner, l), append(problems, err)
		}
		if err := errors.Join(problems...); err != nil {
			return nil, err
		}
		return combine.NewComposite(inner...)
	}
}

// switchableConfig is a limiter and what follows it.
type switchableConfig struct {
	First *strictyaml.Node `yaml:"first"`
	Then  []takeover       `yaml:"then"`
}

// takeover is a limiter that takes over at an instant of the run.
type takeover struct {
	At      units.Duration   `yaml:"at"`
	Limiter *strictyaml.Node `yaml:"limiter"`
}

func newSwitchable(env Env) func(switchableConfig) (limiters.Limiter, error) {
	return func(c switchableConfig) (limiters.Limiter, error) {
		first, err := part(env, c.First)
		problems := []error{err}
		var then []combine.Change
		for _, t := range c.Then {
			l, err := part(env, t.Limiter)
			problems = append(problems, err)
			then = append(then, combine.Change{At: t.At.Std(), Limiter: l})
		}
		if err := errors.Join(problems...); err != nil {
			return nil, err
		}
		return combine.NewScheduled(first, then)
	}
}

// part builds a limiter that is a part of another one.
func part(env Env, n *strictyaml.Node) (limiters.Limiter, error) {
	if n == nil {
		return nil, errors.New("limiter is missing; want one, such as {kind: gcra, rate: 10/s}")
	}
	kinds := Local(env)
	name, decode := strictyaml.Part(n)
	if name == "" {
		return nil, n.At(fmt.Errorf("limiter has no kind; want one of %s", strings.Join(kinds.Names(), ", "))).Err()
	}
	l, _, err := kinds.Build(name, decode)
	if err != nil {
		return nil, n.At(err).Err()
	}
	return l, nil
}

func newExternal(env Env) func(external.Config) (limiters.Limiter, error) {
	return func(c external.Config) (limiters.Limiter, error) {
		c.InjectTime, c.Prefix = env.InjectTime, env.Prefix
		l, err := external.New(c)
		if err != nil {
			return nil, err
		}
		return l, nil
	}
}

// compositeInProcess is what may decide in the place of a composite on Redis.
func compositeInProcess(c redislua.CompositeLimit) (limiters.Limiter, error) {
	var inner []limiters.Limiter
	var problems []error
	for _, limit := range c.Limits {
		l, err := limiters.NewGCRA(limit)
		inner, problems = append(inner, l), append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return combine.NewComposite(inner...)
}

// concurrencyInProcess is what may decide in the place of leases on Redis.
func concurrencyInProcess(c redislua.ConcurrencyLimit) (*limiters.Concurrency, error) {
	return limiters.NewConcurrency(limiters.ConcurrencyConfig{Limit: c.Limit})
}
