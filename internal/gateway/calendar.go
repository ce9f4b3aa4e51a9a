package gateway

import (
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// calendar says when the service stands still: for so long, every so often, first
// at an instant. Nothing is served then and nothing begun goes on. The zero calendar
// has no such times.
type calendar struct{ length, every, first time.Duration }

// end is when a service is over that may begin at start and takes need of the time
// in which the service does not stand still.
func (c calendar) end(start, need time.Duration) time.Duration {
	if c.every == 0 {
		return start + need
	}
	if since := start - c.first; since >= 0 && since%c.every < c.length {
		start += c.length - since%c.every
	}
	if need == 0 {
		return start
	}
	return c.after(c.worked(start) + need)
}

// worked is the time before t in which it did not stand still.
func (c calendar) worked(t time.Duration) time.Duration {
	since := t - c.first
	if since <= 0 {
		return t
	}
	return c.first + since/c.every*(c.every-c.length) + max(0, since%c.every-c.length)
}

// after is the first instant at which so much is worked.
func (c calendar) after(work time.Duration) time.Duration {
	rest := work - c.first
	if rest <= 0 {
		return work
	}
	part := c.every - c.length
	periods := (rest - 1) / part
	return c.first + periods*c.every + c.length + rest - periods*part
}

// stallDocument is a calendar as users write it: FOR/EVERY, or a map.
type stallDocument struct {
	For   units.Duration  `yaml:"for"`
	Every units.Duration  `yaml:"every"`
	At    *units.Duration `yaml:"at"` // the first; none: at the end of the first period
}

const wantStall = "such as 1s/10s, for one second at the end of every ten, or {for: 1s, every: 10s, at: 5s}"

func (c *checker) stall(n *strictyaml.Node) calendar {
	if n == nil {
		return calendar{}
	}
	var d stallDocument
	before := len(c.problems)
	if n.Kind() == strictyaml.Scalar {
		parts := strings.Split(n.String(), "/")
		if len(parts) != 2 {
			c.problem(n, "stall is %q; want FOR/EVERY, %s", n, wantStall)
			return calendar{}
		}
		c.add(strictyaml.DecodePositional(parts, n.Pos().String(), &d))
	} else {
		c.add(strictyaml.Decode(n, &d))
	}
	if len(c.problems) > before {
		return calendar{}
	}
	return c.calendar(n, d)
}

func (c *checker) calendar(n *strictyaml.Node, d stallDocument) calendar {
	switch {
	case d.For <= 0 || d.For >= d.Every:
		c.problem(n, "stall is for %v of every %v; want more than 0s, and less than all of it, %s", d.For, d.Every, wantStall)
		return calendar{}
	case d.Every.Std() > longestPeriod:
		c.problem(n, "stall is every %v; want at most %v", d.Every, units.Duration(longestPeriod))
		return calendar{}
	}
	out := calendar{d.For.Std(), d.Every.Std(), (d.Every - d.For).Std()}
	if d.At != nil {
		out.first = d.At.Std()
		if *d.At < 0 || d.At.Std() > longestPeriod {
			c.problem(n, "stall is first at %v; want 0s to %v", *d.At, units.Duration(longestPeriod))
		}
	}
	return out
}

// longestPeriod keeps sums of instants far from overflow.
const longestPeriod = 365 * 24 * time.Hour
