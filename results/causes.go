package results

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// maxCauses bounds the distinct causes that are kept by name, so that a cause
// which carries an address or a number cannot fill the memory.
const maxCauses = 64

const otherCause = "other"

// causes counts why arrivals did not end ok.
type causes struct {
	counts map[cause]uint64
	named  int // distinct causes, without the overflow
}

type cause struct {
	outcome Outcome
	text    string
}

func (c cause) String() string { return c.outcome.String() + ": " + c.text }

// add counts n endings of outcome o for the reason text.
func (c *causes) add(o Outcome, text string, n uint64) {
	key := cause{o, text}
	if _, known := c.counts[key]; known {
		c.counts[key] += n
		return
	}
	c.admit(key, n)
}

// admit makes room for a new cause, or counts it under "other".
func (c *causes) admit(key cause, n uint64) {
	if c.counts == nil {
		c.counts = make(map[cause]uint64)
	}
	switch {
	case key.text == otherCause:
	case c.named == maxCauses:
		key.text = otherCause
	default:
		c.named++
		key.text = strings.Clone(key.text) // it may be a slice of a large answer
	}
	c.counts[key] += n
}

// merge adds other's counts, the largest first, so that what overflows is the
// rarest and does not depend on the order of a map.
func (c *causes) merge(other *causes) {
	keys := slices.SortedFunc(maps.Keys(other.counts), func(a, b cause) int {
		return cmp.Or(cmp.Compare(other.counts[b], other.counts[a]), cmp.Compare(a.outcome, b.outcome), cmp.Compare(a.text, b.text))
	})
	for _, key := range keys {
		c.add(key.outcome, key.text, other.counts[key])
	}
}

// become makes c what other is, which counted on from where c was.
func (c *causes) become(other *causes) {
	if c.counts == nil {
		c.counts = make(map[cause]uint64, len(other.counts))
	}
	maps.Copy(c.counts, other.counts)
	c.named = other.named
}

// byName returns the counts under their names in the file.
func (c *causes) byName() map[string]uint64 {
	named := make(map[string]uint64, len(c.counts))
	for key, n := range c.counts {
		named[key.String()] += n
	}
	return named
}
