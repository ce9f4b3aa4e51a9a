package gateway

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// errorPlan are errors on purpose: a share of what is served from an instant on, for
// so long, every so often.
type errorPlan struct {
	below            uint64 // of random numbers: the share of 2^64
	all              bool
	status           int
	from, for_, each time.Duration
}

// at reports whether there are any at now.
func (e *errorPlan) at(now time.Duration) bool {
	since := now - e.from
	if e.each > 0 && since >= 0 {
		since %= e.each
	}
	return since >= 0 && (e.for_ == 0 || since < e.for_)
}

// meets reports whether who drew u is met.
func (e *errorPlan) meets(u uint64) bool { return e.all || u < e.below }

// share is a part of all, written as 5% or 0.05.
type share float64

// UnmarshalText reads a share.
func (s *share) UnmarshalText(text []byte) error {
	v, err := units.ParseShare(string(text))
	if err != nil || !(v > 0 && v <= 1) {
		return fmt.Errorf("share is %q; want more than 0 and at most all, such as 5%% or 0.05", text)
	}
	*s = share(v)
	return nil
}

// errorDocument is an errorPlan as users write it: SHARE, SHARE:STATUS, or a map.
type errorDocument struct {
	Share  share          `yaml:"share"`
	Status int            `yaml:"status"`
	At     units.Duration `yaml:"at"`
	For    units.Duration `yaml:"for"`
	Every  units.Duration `yaml:"every"`
}

const defaultStatus = 500

// errors reads one plan, or a list of them of which the first that meets counts.
func (c *checker) errors(n *strictyaml.Node) (all []errorPlan) {
	switch {
	case n == nil:
		return nil
	case n.Kind() == strictyaml.List:
		for _, item := range n.Items() {
			all = append(all, c.oneError(item))
		}
		return all
	}
	return []errorPlan{c.oneError(n)}
}

func (c *checker) oneError(n *strictyaml.Node) errorPlan {
	d := errorDocument{Share: 1, Status: defaultStatus}
	if n.Kind() == strictyaml.Scalar {
		c.add(strictyaml.DecodePositional(strings.Split(n.String(), ":"), n.Pos().String(), &d))
	} else {
		c.add(strictyaml.Decode(n, &d))
	}
	if d.Status < 400 || d.Status > 599 {
		c.problem(at(n, "status"), "status is %d; want 400 to 599", d.Status)
	}
	for key, v := range map[string]units.Duration{"at": d.At, "for": d.For, "every": d.Every} {
		if v < 0 || v.Std() > longestPeriod {
			c.problem(at(n, key), "%s is %v; want 0s to %v", key, v, units.Duration(longestPeriod))
		}
	}
	if d.Every > 0 && (d.For <= 0 || d.For >= d.Every) {
		c.problem(n, "errors are for %v of every %v; want more than 0s, and less than all of it", d.For, d.Every)
	}
	return errorPlan{
		below: uint64(math.Min(float64(d.Share)*(1<<64), math.MaxUint64>>11<<11)), all: d.Share == 1,
		status: d.Status, from: d.At.Std(), for_: d.For.Std(), each: d.Every.Std(),
	}
}
