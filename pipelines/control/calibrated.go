package control

import (
	"errors"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// CalibratedConfig describes the rules as they can be used in Go.
type CalibratedConfig struct {
	Settings `yaml:",inline"`
	Rules    Rules          `yaml:"rules"`
	CPU      float64        `yaml:"cpu"`       // above it batches become smaller
	Delay    units.Duration `yaml:"delay"`     // above it there is an alarm, and the limiter is on
	Sensor   Sensor         `yaml:"sensor"`    // of the delay
	GCShare  float64        `yaml:"gc_share"`  // of the CPU, that the collector takes: above it workers are taken on
	CoolDown units.Duration `yaml:"cool_down"` // after workers were taken on, until it is known whether that helped
}

// DefaultCalibratedConfig has a delay below the slo, and looks at what the collector
// takes instead of how often it runs.
func DefaultCalibratedConfig() CalibratedConfig {
	return CalibratedConfig{
		DefaultSettings(), AllRules(), 0.8, units.Duration(50 * time.Millisecond), HeadOfLine, 0.1, units.Duration(3 * time.Second),
	}
}

// These are how many steps in a row a threshold takes to be entered and left, and the
// share of it below which it is left.
const (
	enter, leave = 2, 8
	lower        = One / 10 * 8
)

// calibrated are the rules with hysteresis, and with rates that are measured.
type calibrated struct {
	CalibratedConfig
	busy, gc, late latch
	cpu            int64 // smoothed
	limit          regulator
	crew           crew
}

// NewCalibrated returns the rules calibrated for Go.
func NewCalibrated(c CalibratedConfig) (*Control, error) {
	cpu, err := share("cpu", c.CPU)
	gc, gcErr := share("gc_share", c.GCShare)
	err = errors.Join(c.check(), err, gcErr, positive("delay", c.Delay), positive("cool_down", c.CoolDown))
	if err != nil {
		return nil, err
	}
	return &Control{&calibrated{
		CalibratedConfig: c, busy: hysteresis(cpu), gc: hysteresis(gc), late: hysteresis(int64(c.Delay)),
		limit: regulator{
			target: c.Delay.Std(), low: time.Duration(scaled(int64(c.Delay), lower)), share: One / 10 * 9, ramp: One / 20, enter: enter, calm: leave,
		},
		crew: crew{coolDown: c.CoolDown.Std()},
	}, c.Settings, c.Rules.has("delay")}, nil
}

func hysteresis(threshold int64) latch {
	return latch{above: threshold, below: scaled(threshold, lower), enter: enter, leave: leave}
}

// Step implements [Controller].
func (c *calibrated) Step(now time.Duration, s *Signals) (all []Command) {
	if c.Rules.has("cpu") {
		c.cpu += (s.CPU - c.cpu) / 5
		now, most := s.Now[Batch], s.Bounds[Batch].Most
		all = append(all, Command{"cpu", Batch, choose(c.busy.see(c.cpu), now/2, min(most, now+max(1, most/20)))})
	}
	if c.Rules.has("delay") {
		delay := c.Sensor.delay(s)
		all = append(all, Command{"delay", Alarm, choose(c.late.see(int64(delay)), 1, 0)}, Command{"delay", Limit, c.limit.rate(s, delay)})
	}
	if c.Rules.has("gc") {
		all = append(all, Command{"gc", Workers, c.crew.size(now, s, c.gc.see(s.GC))})
	}
	return all
}

// crew takes on workers one by one, and lets one go again that did not help.
type crew struct {
	coolDown time.Duration
	since    time.Duration // when the latest was taken on
	trying   bool          // it is not known yet whether that one helps
	before   int64         // what got done without it
	done     int64         // what gets done, smoothed
	futile   bool          // the latest did not help; until there is no need
}

func (c *crew) size(now time.Duration, s *Signals, needed bool) int64 {
	workers := s.Now[Workers]
	c.done += (s.Rate() - c.done) / smooth
	switch {
	case c.trying && now-c.since < c.coolDown:
	case c.trying && c.done < scaled(c.before, One/20*21):
		c.trying, c.futile = false, true
		return workers - 1
	case !needed:
		c.trying, c.futile = false, false
	case !c.futile && workers < s.Bounds[Workers].Most:
		c.since, c.trying, c.before = now, true, c.done
		return workers + 1
	default:
		c.trying = false
	}
	return workers
}
