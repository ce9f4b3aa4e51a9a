package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rules are those of the pressure-aware pipeline that are in force; written as
// cpu,delay,gc.
type Rules []string

// AllRules are the rules that there are: on the CPU, which makes batches smaller; on the
// delay before the first stage, which turns the limiter on; and on the garbage
// collector, which takes on workers.
func AllRules() Rules { return Rules{"cpu", "delay", "gc"} }

// UnmarshalText reads what MarshalText writes.
func (r *Rules) UnmarshalText(text []byte) error {
	var all Rules
	for _, name := range strings.Split(string(text), ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(AllRules(), name) {
			return fmt.Errorf("rule is %q; want one of %s", name, strings.Join(AllRules(), ", "))
		}
		if slices.Contains(all, name) {
			return fmt.Errorf("rule %s is given twice; want it once", name)
		}
		all = append(all, name)
	}
	*r = all
	return nil
}

// MarshalText writes rules as cpu,delay,gc.
func (r Rules) MarshalText() ([]byte, error) { return []byte(strings.Join(r, ",")), nil }

func (r Rules) has(name string) bool { return slices.Contains(r, name) }

// Sensor is what tells how long items wait before the first stage.
type Sensor string

// The sensors of delay.
const (
	HeadOfLine Sensor = "head-of-line" // how long the oldest has waited
	Little     Sensor = "little"       // by Little's law: those in the pipeline, over those that leave it a second
	Scheduler  Sensor = "scheduler"    // how long who could run waits for a core: blind to who waits for anything else
)

// UnmarshalText reads the name of a sensor.
func (s *Sensor) UnmarshalText(text []byte) error {
	all := []Sensor{HeadOfLine, Little, Scheduler}
	if !slices.Contains(all, Sensor(text)) {
		return fmt.Errorf("sensor is %q; want one of %s, %s, %s", text, HeadOfLine, Little, Scheduler)
	}
	*s = Sensor(text)
	return nil
}

// MarshalText writes the name of the sensor.
func (s Sensor) MarshalText() ([]byte, error) { return []byte(s), nil }

// delay is what the sensor reads.
func (s Sensor) delay(in *Signals) time.Duration {
	switch s {
	case Little:
		if in.Done == 0 {
			return in.Head // nothing leaves: what the law says has no bound
		}
		return time.Duration(times(int64(in.InPipe), int64(in.Period), in.Done))
	case Scheduler:
		return in.Sched
	}
	return in.Head
}
