package control

import (
	"slices"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Counts are what a driver has counted since the start of its trial, and what there is
// at a step.
type Counts struct {
	Done    uint64        // that the last stage has served
	Refused uint64        // by the limiter
	Bytes   int64         // that all who came weigh
	Busy    time.Duration // in which workers had an item in hand, summed over them
	Crew    int           // workers of all stages

	Alive  int64         // bytes that those in all queues and at their doors weigh
	Head   time.Duration // since when the oldest has waited before the first stage: how long
	Queued int           // before the first stage
	Held   int           // by the source
	InPipe int           // come in and not left
}

// Host is what a host says of this process: of its whole life, but for Sched.
type Host struct {
	CPU        time.Duration
	Millicores int64 // that it may keep busy
	GCs        uint64
	GC         time.Duration // CPU that the collector took
	Sched      time.Duration // how long who could run waited for a core since it was asked last: the 99th percentile
}

// Loop steps a controller for one trial. It is used by one goroutine at a time.
type Loop struct {
	Period  time.Duration
	control *Control
	host    func() Host // nil for the model
	model   model
	signals Signals
	changes []Command // of the latest step

	at     time.Duration // of the latest step
	counts Counts        // then
	before Host          // then
	cycles []cycles      // of the latest minute
	log    log
}

// cycles are collections between two steps.
type cycles struct {
	at time.Duration
	n  int64
}

// NewLoop returns the loop of a control. host may be nil: then what it would say is
// modelled. given is the rate that the limiter has by itself; batch the most that
// a worker takes at once.
func NewLoop(c *Control, host func() Host, crew Bounds, batch int, given int64) *Loop {
	l := &Loop{Period: c.Period.Std(), control: c, host: host}
	rates := Bounds{Thousandths(c.LeastRate), 0, Thousandths(c.MostRate)}
	l.signals.Bounds = [Actuators]Bounds{Batch: {1, int64(batch), int64(batch)}, Limit: rates, Workers: crew, Signal: rates, Alarm: {0, 0, 1}}
	for a := range Actuators {
		l.signals.Now[a] = l.signals.Bounds[a].Start
	}
	l.signals.Given = given
	if host != nil {
		l.before = host()
	}
	return l
}

// Most is the most that an actuator may be.
func (l *Loop) Most(a Actuator) int64 { return l.signals.Bounds[a].Most }

// Pace is the time from one item to the next at a rate; 0 where that is off.
func Pace(rate int64) time.Duration {
	if rate == 0 {
		return 0
	}
	return time.Duration(times(1000, int64(time.Second), rate))
}

// Next is when the next step is due.
func (l *Loop) Next() time.Duration { return l.at + l.Period }

// Step lets the controller look at what there is at now. It returns what has changed,
// which is within bounds, until the next step.
func (l *Loop) Step(now time.Duration, c Counts) []Command {
	l.sense(now, &c)
	l.changes = l.changes[:0]
	for _, command := range l.control.Step(now, &l.signals) {
		command.To = l.within(command)
		if from := l.signals.Now[command.What]; from != command.To {
			l.log.add(now, command, from)
			l.signals.Now[command.What] = command.To
			l.changes = append(l.changes, command)
		}
	}
	l.at, l.counts = now, c
	return l.changes
}

// within keeps what is commanded within bounds. What is off stays off.
func (l *Loop) within(c Command) int64 {
	b := l.signals.Bounds[c.What]
	if c.To <= 0 && b.Start == 0 {
		return 0
	}
	return min(max(c.To, b.Least), b.Most)
}

// sense makes signals of counts.
func (l *Loop) sense(now time.Duration, c *Counts) {
	s, host := &l.signals, Host{}
	if l.host != nil {
		host = l.host()
	} else {
		host = l.model.read(c)
	}
	s.Period = max(now-l.at, 1)
	s.CPU = shareOf(host.CPU-l.before.CPU, s.Period, host.Millicores)
	s.GC = shareOf(host.GC-l.before.GC, s.Period, host.Millicores)
	s.Busy = shareOf(c.Busy-l.counts.Busy, s.Period, int64(c.Crew)*1000)
	s.GCs, s.Sched, s.Head = l.collections(now, int64(host.GCs-l.before.GCs)), host.Sched, c.Head
	s.Queued, s.Held, s.InPipe = c.Queued, c.Held, c.InPipe
	s.Done, s.Refused = int64(c.Done-l.counts.Done), int64(c.Refused-l.counts.Refused)
	l.before = host
}

// shareOf is the share of so many thousandths of a core in a time.
func shareOf(d, period time.Duration, millicores int64) int64 {
	return min(One, times(int64(d), 1000*One, max(1, times(int64(period), millicores, 1))))
}

// collections counts those of the latest minute.
func (l *Loop) collections(now time.Duration, n int64) (sum int64) {
	l.cycles = slices.DeleteFunc(l.cycles, func(c cycles) bool { return c.at <= now-time.Minute })
	if n > 0 {
		l.cycles = append(l.cycles, cycles{now, n})
	}
	for _, c := range l.cycles {
		sum += c.n
	}
	return sum
}

// Report adds to what a pipeline came to what was changed. It is called after the last step.
func (l *Loop) Report(p *results.Pipeline) {
	p.Sensors = "modelled"
	if l.host != nil {
		p.Sensors = "measured"
	}
	l.log.report(p, l.at)
}
