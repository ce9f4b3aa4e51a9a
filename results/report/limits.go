package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// limit is what a subject was set to, as it was written.
type limit struct{ rate, burst, window string }

func (l limit) String() string {
	text := l.rate
	if l.burst != "" {
		text += " burst " + l.burst
	}
	if l.window != "" {
		text += " in windows of " + l.window
	}
	return text
}

// perKey is a limit that all subjects share, of buckets and of windows alike.
func (l limit) perKey() string {
	if l.burst != "" && l.window != "" {
		return "limit " + l.rate + " per key (buckets: burst " + l.burst + "; windows: " + l.window + ")"
	}
	return "limit " + l.String() + " per key"
}

// limitIn reads the limit of a limiter's settings; the zero limit when it has none.
func limitIn(object json.RawMessage) (l limit) {
	for _, s := range results.Settings(object) {
		switch s.Name {
		case "rate":
			l.rate = s.Text()
		case "burst":
			l.burst = s.Text()
		case "window":
			l.window = s.Text()
		case "limit": // how much may be held, or what a service is believed to limit
			if stated := limitIn(s.Value); stated.rate != "" {
				return stated
			}
			l.rate = s.Text() + " at once"
		case "limits":
			l.rate = allOf(s.Value)
		}
	}
	return l
}

// allOf is several limits at once.
func allOf(list json.RawMessage) string {
	var objects []json.RawMessage
	_ = json.Unmarshal(list, &objects) // a note goes without what has another shape
	var limits []string
	for _, object := range objects {
		limits = append(limits, limitIn(object).String())
	}
	return strings.Join(limits, " and ")
}

func (t trial) limit() limit { return limitIn(t.repeats[0].Subject) }

// limit is that of all subjects that have one, where they agree. Algorithms
// without a burst or a window agree with any.
func (c comparison) limit() (l limit, same bool) {
	for _, t := range c.trials {
		one := t.limit()
		for _, part := range [...]struct {
			all *string
			one string
		}{{&l.rate, one.rate}, {&l.burst, one.burst}, {&l.window, one.window}} {
			if one.rate != "" && part.one != "" && *part.all != "" && *part.all != part.one {
				return limit{}, false
			}
			if one.rate != "" {
				*part.all = cmp.Or(*part.all, part.one)
			}
		}
	}
	return l, l.rate != ""
}

// limits are those of the subjects, one by one, where they differ or change. What a
// sweep varies of them, its columns say.
func (c comparison) limits() []string {
	_, same := c.limit()
	var lines []string
	for _, t := range c.trials {
		line := t.subject() + ": " + Plain(t.limit().String()+t.changes())
		told := t.stepped() || !same && t.limit().rate != "" && !c.varies(t)
		if told && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// stepped reports whether the limit changes while the subject runs.
func (t trial) stepped() bool { return len(t.repeats[0].Protocol.Steps) > 0 }

// changesTold is how many changes of a limit are worth a word.
const changesTold = 8

// changes says what a limit becomes, from when in the window on.
func (t trial) changes() (text string) {
	steps := slices.Clone(t.repeats[0].Protocol.Steps)
	slices.SortStableFunc(steps, func(a, b results.PlannedStep) int { return cmp.Compare(a.At, b.At) })
	for i, step := range steps {
		if i == changesTold {
			return text + fmt.Sprintf("; and %d more", len(steps)-i)
		}
		text += fmt.Sprintf("; from %v on", step.At)
		object, _ := json.Marshal(step.Set) // it was read from JSON
		for _, s := range results.Settings(object) {
			if s.Name != "subject" {
				text += " " + s.Name + " " + s.Text()
			}
		}
	}
	return text
}

// varies reports whether the subject of a trial has another limit in another
// combination.
func (c comparison) varies(t trial) bool {
	return slices.ContainsFunc(c.trials, func(other trial) bool {
		return other.subject() == t.subject() && other.limit() != t.limit()
	})
}
