package selftest

import (
	"fmt"
	"runtime"
	"time"

	"github.com/fcbench/fcbench/internal/hostinfo"
)

// A machine is calm where nobody takes more of it than that, in shares of the time.
const (
	calmSteal    = 0.02 // of the CPUs, taken by the host
	calmPressure = 0.20 // in which something waited for a CPU (PSI, some)
)

// weather is what a machine had to bear during a run.
type weather struct {
	seen      time.Duration // for how long somebody looked
	steal     float64       // share of the CPUs
	pressure  float64       // share of the time; 0 where it is not known
	throttled time.Duration
}

func (w weather) calm() bool {
	return w.steal <= calmSteal && w.pressure <= calmPressure && w.throttled == 0
}

func (w weather) String() string {
	return fmt.Sprintf("steal %.3g %% (limit %.3g %%), CPU pressure %.3g %% (limit %.3g %%), throttled for %v (limit 0s)",
		100*w.steal, 100*calmSteal, 100*w.pressure, 100*calmPressure, w.throttled)
}

// observation is what has been seen so far.
type observation struct{ meter *hostinfo.Meter }

func observe() observation {
	m := hostinfo.NewMeter(time.Now)
	m.Open()
	return observation{m}
}

// weather is what was seen in all; nothing where the observation never began.
func (o observation) weather() weather {
	if o.meter == nil {
		return weather{}
	}
	o.meter.Close()
	return weatherOf(o.meter.Usage(), runtime.NumCPU())
}

func weatherOf(u hostinfo.Usage, cpus int) weather {
	w := weather{seen: u.Wall, throttled: u.Throttled}
	if u.Wall > 0 {
		w.steal = float64(u.Steal) / (float64(u.Wall) * float64(cpus))
		w.pressure = float64(u.Pressure.Waited) / float64(u.Wall)
	}
	return w
}
