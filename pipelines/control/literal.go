package control

import (
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// LiteralConfig describes rules by their thresholds.
type LiteralConfig struct {
	Settings `yaml:",inline"`
	Rules    Rules          `yaml:"rules"`
	CPU      float64        `yaml:"cpu"`   // above it batches become smaller
	Delay    units.Duration `yaml:"delay"` // above it there is an alarm, and the limiter is on
	GCs      int            `yaml:"gcs"`   // more of them in a minute take on workers
}

// DefaultLiteralConfig has the numbers that the rules are told with.
func DefaultLiteralConfig() LiteralConfig {
	return LiteralConfig{DefaultSettings(), AllRules(), 0.8, units.Duration(time.Second), 5}
}

// literal does what the rules say, word by word: at once, and no longer than the
// threshold is exceeded. The limiter is on at the rate that it was given.
type literal struct {
	LiteralConfig
	cpu int64
}

// NewLiteral returns the rules as they are told: CPU above 80 % makes batches smaller, a
// delay above 1 s turns the limiter on, more than 5 collections a minute take on workers.
func NewLiteral(c LiteralConfig) (*Control, error) {
	cpu, err := share("cpu", c.CPU)
	err = errors.Join(c.check(), err, positive("delay", c.Delay))
	if c.GCs < 0 {
		err = errors.Join(err, fmt.Errorf("gcs is %d; want 0 or more", c.GCs))
	}
	if err != nil {
		return nil, err
	}
	return &Control{&literal{c, cpu}, c.Settings, c.Rules.has("delay")}, nil
}

// Step implements [Controller].
func (l *literal) Step(_ time.Duration, s *Signals) (all []Command) {
	if l.Rules.has("cpu") {
		all = append(all, Command{"cpu", Batch, choose(s.CPU > l.cpu, s.Now[Batch]/2, s.Bounds[Batch].Most)})
	}
	if l.Rules.has("delay") {
		late := s.Head > l.Delay.Std()
		all = append(all, Command{"delay", Alarm, choose(late, 1, 0)}, Command{"delay", Limit, choose(late, s.Given, 0)})
	}
	if l.Rules.has("gc") {
		all = append(all, Command{"gc", Workers, choose(s.GCs > int64(l.GCs), s.Now[Workers]+1, s.Bounds[Workers].Start)})
	}
	return all
}

func choose(yes bool, a, b int64) int64 {
	if yes {
		return a
	}
	return b
}
