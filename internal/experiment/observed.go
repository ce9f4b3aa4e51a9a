package experiment

import (
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/observe"
	"github.com/fcbench/fcbench/internal/runner"
)

// watched is the meter of a run: of this process, and of those under load.
type watched struct {
	own  *hostinfo.Meter
	load *observe.Observer // nil where it is not known which those are
}

// Open implements [runner.Meter].
func (w *watched) Open() {
	if w.load != nil {
		w.load.Open()
	}
	w.own.Open()
}

// Close implements [runner.Meter].
func (w *watched) Close() {
	w.own.Close()
	if w.load != nil {
		w.load.Close()
	}
}

// release lets go of what is held open to look at processes.
func (w *watched) release() error {
	if w.load == nil {
		return nil
	}
	return w.load.Release()
}

// observer looks at the processes that the scenario names, or at the redis-server
// that fcbench started for the run, unless it is broken on purpose; nil for neither.
func (r *one) observer() (*observe.Observer, error) {
	if r.time.Simulated() {
		return nil, nil
	}
	if c := r.Scenario.Observe; c != nil {
		return observe.New(*c)
	}
	if r.subject.Scope != onRedis || r.trouble != nil {
		return nil, nil
	}
	pids := r.world.Redis().PIDs()
	if len(pids) == 0 {
		return nil, nil
	}
	o, err := observe.Of("redis-server", pids...)
	if err != nil { // it was not asked for, and not every system can
		return nil, nil
	}
	return o, nil
}

var _ runner.Meter = (*watched)(nil)
