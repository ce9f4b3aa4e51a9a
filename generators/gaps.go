package generators

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// GapsConfig describes bursts at given distances, over and over: the schedule
// of who knows the limiter. Gaps of 1ms,1999ms put a burst on both sides of every
// second edge of a window of 1s, if they start at 1999ms; 50ms,2s move on by 50ms
// each time and so find edges that lie elsewhere; 499ms,1ms probe an interval of
// 500ms.
type GapsConfig struct {
	Gaps Gaps        `yaml:"gaps"`
	Size units.Count `yaml:"size"` // arrivals in one burst, all at one instant
	// Start is when the first burst is.
	Start units.Duration `yaml:"start"`
}

// Gaps are distances, written as 999ms,1ms.
type Gaps []units.Duration

// UnmarshalText reads what MarshalText writes.
func (g *Gaps) UnmarshalText(text []byte) error {
	var gaps Gaps
	var problems []error
	for _, part := range strings.Split(string(text), ",") {
		gap, err := units.ParseDuration(strings.TrimSpace(part))
		problems = append(problems, err)
		gaps = append(gaps, gap)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	*g = gaps
	return nil
}

// MarshalText writes gaps as 999ms,1ms.
func (g Gaps) MarshalText() ([]byte, error) {
	parts := make([]string, len(g))
	for i, gap := range g {
		parts[i] = gap.String()
	}
	return []byte(strings.Join(parts, ",")), nil
}

// NewGaps returns a process of bursts, the first at c.Start.
func NewGaps(c GapsConfig) (Process, error) {
	var problems []error
	if len(c.Gaps) == 0 {
		problems = append(problems, errors.New("gaps is not given; want distances, such as 999ms,1ms"))
	}
	for _, gap := range c.Gaps {
		problems = append(problems, checkLength("gap", gap))
	}
	if c.Size < 1 || c.Size > MaxInterned {
		problems = append(problems, fmt.Errorf("size is %v; want 1 to %d", c.Size, MaxInterned))
	}
	if c.Start < 0 || time.Duration(c.Start) > maxLength {
		problems = append(problems, fmt.Errorf("start is %v; want 0s to 100 years", c.Start))
	}
	return gaps{c.Gaps, int64(c.Size), c.Start.Std()}, errors.Join(problems...)
}

type gaps struct {
	gaps  Gaps
	size  int64
	start time.Duration
}

func (p gaps) Times(_ seed.Stream, horizon time.Duration) Times {
	return &gapsTimes{gaps: p, horizon: horizon, at: p.start, left: p.size}
}

type gapsTimes struct {
	gaps
	horizon time.Duration
	at      time.Duration // of the burst
	next    int           // gap after it
	left    int64         // arrivals of it
}

func (t *gapsTimes) Next() (time.Duration, bool) {
	if t.left == 0 {
		gap := t.gaps.gaps[t.next].Std()
		t.next = (t.next + 1) % len(t.gaps.gaps)
		t.at = min(t.at, endless-gap) + gap
		t.left = t.size
	}
	if t.at >= t.horizon {
		return 0, false
	}
	t.left--
	return t.at, true
}
