package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// Reference names all of fcbench's own algorithms, in this process and on Redis.
const Reference = "reference"

// Select returns the kinds that names stand for, in the order of the catalogue
// where a name stands for several: [Reference], or all there are.
//
// Of all there are, some may need more than a limit; they are reported as such.
// One that is named must be one that can be made under some of limits, unless its
// arguments state one, which then is the only one.
func Select(names []string, all bool, limits []limiters.Limit) (kinds []string, err error) {
	if all {
		names = inAllModes(builtin.Limiters(builtin.Env{}).Names())
	}
	for _, name := range names {
		if name == Reference {
			for _, own := range reference() {
				err = errors.Join(err, nameable(own, limits))
				kinds = append(kinds, own)
			}
			continue
		}
		if !all {
			err = errors.Join(err, nameable(name, limits))
		}
		kinds = append(kinds, name)
	}
	if len(kinds) == 0 && err == nil {
		err = errors.New("no limiter is named; want some, or " + Reference + ", or --all")
	}
	return unique(kinds), err
}

func nameable(name string, limits []limiters.Limit) error {
	k, err := (&Plan{Limits: orDefault(limits)}).kind(name)
	switch {
	case err != nil:
		return err
	case k.own != nil && len(limits) > 0:
		return fmt.Errorf("limiter %s states a limit beside --limit; want one or the other", name)
	case k.refused != nil:
		return fmt.Errorf("limiter %s: %w", name, k.refused)
	}
	return nil
}

func unique(names []string) (out []string) {
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// reference has fcbench's own algorithms, as far as a limit is all they need.
func reference() (names []string) {
	var env builtin.Env
	own := slices.Concat(builtin.Local(env).Names(), builtin.OnRedis(env).Names(), builtin.Combined(env).Names())
	return inAllModes(slices.DeleteFunc(own, func(name string) bool { return nameable(name, nil) != nil }))
}

// inAllModes puts beside a kind that is several its other modes, with their arguments.
func inAllModes(names []string) (all []string) {
	for _, name := range names {
		all = append(all, name)
		if name == "instances" {
			all = append(all, "instances:::4:central:5ms", "instances:::4:split:5ms", "instances:::4:leased:5ms:10")
		}
	}
	return all
}

// NeedsRedis reports whether any of the kinds lives on a Redis.
func NeedsRedis(kinds []string) bool {
	p := Plan{Limits: defaultLimits()}
	return slices.ContainsFunc(kinds, func(name string) bool {
		k, err := p.kind(name)
		return err == nil && k.info.Scope == "redis"
	})
}

// kind is one of the catalogue with its arguments, and how to make it.
type kind struct {
	plan     *Plan
	number   int64       // among all kinds and limiters
	shared   builtin.Env // what all its limiters have
	name     string      // as it was given
	info     limiters.Info
	limits   []limiters.Limit                  // of the plan, as far as its config has a place for them, or only its own
	own      *limiters.Limit                   // that its arguments state; nil where they do not
	here     catalog.Catalog[limiters.Limiter] // of what needs no Redis, and can be told the time
	specimen bool
	several  bool     // limits at once
	costly   bool     // to make: one serves all schedules, each on keys of its own
	configs  sync.Map // that limits make of the arguments, by configured
	refused  error    // why it cannot be made under any of the limits
}

// configured is what a config depends on.
type configured struct {
	limit  limiters.Limit
	inject bool
}

func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, ":")
	return kind
}

// kind makes one limiter to see what it is. Nothing is asked of it, nor of any Redis.
func (p *Plan) kind(name string) (*kind, error) {
	here := builtin.Limiters(builtin.Env{InjectTime: true})
	of, err := here.Kind(kindOf(name))
	if err != nil {
		return nil, err
	}
	k := &kind{
		plan: p, name: name, number: p.made.Add(1), shared: builtin.Env{Redis: p.Redis},
		here: here, limits: expressible(p.Limits, of.Config),
	}
	if args := strings.Split(name, ":")[1:]; limits(of.Config, args) {
		if err := k.keepTo(args); err != nil {
			return nil, err
		}
	}
	k.several = hasAny(of.Config, "limits")
	k.specimen = slices.Contains(builtin.Specimens(builtin.Env{}).Names(), of.Name)
	for _, limit := range k.limits {
		l, err := k.construct(builtin.Env{InjectTime: true}, limit)
		if err != nil {
			k.refused = cmp.Or(k.refused, err)
			continue
		}
		k.refused = nil
		d := builtin.Describe(l)
		if d.Bound == nil {
			return nil, errors.New("the limiter does not say what it is")
		}
		k.info = d.Info
		k.costly = d.Closes && !k.info.Unkeyed
		return k, nil
	}
	return k, nil
}

// keepTo has the limit that the arguments state be the only one.
func (k *kind) keepTo(args []string) error {
	_, config, err := k.here.Build(kindOf(k.name), positional(args))
	if config == nil { // else construct says what is wrong
		return fmt.Errorf("limiter %s: %w", k.name, err)
	}
	limit := stated(config)
	k.own, k.limits = &limit, []limiters.Limit{limit}
	return nil
}

// build makes a limiter whose time is injected, if it can be, and opens it.
func (k *kind) build(limit limiters.Limit) (limiters.Limiter, error) { return k.open(limit, true) }

// buildLive makes one that goes by its own clock.
func (k *kind) buildLive(limit limiters.Limit) (limiters.Limiter, error) { return k.open(limit, false) }

// prefix is what the prefixes of all its limiters begin with.
func (k *kind) prefix() string {
	return fmt.Sprintf("%s:%s:%d:", k.plan.Prefix, kindOf(k.name), k.number)
}

func (k *kind) open(limit limiters.Limit, inject bool) (limiters.Limiter, error) {
	env := k.shared
	env.InjectTime = inject && k.info.Scope != "process" // a program says by itself what its time is
	env.Prefix = fmt.Sprintf("%s%d:", k.prefix(), k.plan.made.Add(1))
	l, err := k.construct(env, limit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", conformance.ErrRefused, err)
	}
	if o, ok := limiters.As[limiters.Opener](l); ok {
		if err := o.Open(context.Background()); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// construct makes a limiter from its arguments and, where they do not state that
// very limit and its kind has such values, the limit.
func (k *kind) construct(env builtin.Env, limit limiters.Limit) (limiters.Limiter, error) {
	decode := func(into any) error {
		args := strings.Split(k.name, ":")
		err := errors.Join(positional(args[1:])(into), strictyaml.Decode(examined(into, env.InjectTime), into).Err())
		if err != nil || k.own != nil && limit == *k.own {
			return err
		}
		return strictyaml.Decode(document(into, limit), into).Err()
	}
	config, known := k.configs.Load(configured{limit, env.InjectTime})
	if known { // thousands are made, all alike
		decode = func(into any) error {
			reflect.ValueOf(into).Elem().Set(reflect.ValueOf(config))
			return nil
		}
	}
	catalogue := k.here
	if k.info.Scope == "redis" || !env.InjectTime {
		catalogue = builtin.Limiters(env)
	}
	l, config, err := catalogue.Build(kindOf(k.name), decode)
	if err == nil && !known {
		k.configs.Store(configured{limit, env.InjectTime}, config)
	}
	return l, err
}

// positional decodes arguments.
func positional(args []string) func(into any) error {
	return func(into any) error { return strictyaml.DecodePositional(args, "arguments", into).Err() }
}
