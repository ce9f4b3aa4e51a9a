package results

import (
	"errors"
	"time"
)

// Measured is the sum of a run's shards.
type Measured struct {
	tally   tally
	total   *class
	latency Latencies
	classes map[string]ClassInfo
	kinds   map[string]ClassInfo
}

// Merge adds up the shards of a run, which must have been made with o and must
// have come to rest. It checks that every arrival offered has exactly one
// outcome and that no instants were out of order; what was measured is
// returned even when the error says that it does not add up.
func Merge(o Options, shards ...*Shard) (*Measured, error) { return MergeEnded(o, nil, shards...) }

// MergeEnded is [Merge] while the run goes on: it counts the arrivals that have an
// outcome. Those that were offered and are pending are left out, wherever arrivals
// are counted, but for the most that were in flight.
func MergeEnded(o Options, pending []Pending, shards ...*Shard) (*Measured, error) {
	m := new(Measured)
	m.tally.open(o)
	for _, s := range shards {
		m.tally.add(&s.tally)
	}
	for i := range pending {
		m.tally.withdraw(&pending[i])
	}
	m.total = m.tally.total()
	return m, errors.Join(m.tally.check(), m.summarise(), m.summariseClasses())
}

// Negative is the number of samples whose instants were out of order. Their
// negative durations were recorded as 0.
func (m *Measured) Negative() uint64 { return m.tally.negative }

// Fill writes what was measured into run: offered, outcomes, causes,
// statuses, decisions, rates, latency, keys, classes and intervals, and adds warnings.
// measured is the length that the window turned out to have. What run is, its
// time, load and protocol, must be known before.
func (m *Measured) Fill(run *Run, measured time.Duration) {
	t := &m.tally
	run.MeasuredNS = int64(measured)
	run.Offered = m.total.offered
	run.Outcomes = m.total.outcomesByName()
	run.Causes = t.causes.byName()
	run.Statuses = t.statuses.byName()
	run.Decisions = m.decisions()
	m.fillRates(run, measured)
	run.Latency = m.latency
	run.Keys = t.keys.shares(t.options.Entitled)
	run.Warnings = append(run.Warnings, t.unreadRetries()...)
	run.Warnings = append(run.Warnings, run.Keys.warnings(run.Offered)...)
	run.Classes, run.Requests = m.classes, m.kinds
	run.Intervals = t.series.intervals(measured)
	if !run.timed() {
		run.forgetTimes()
		if t.options.SLO > 0 {
			run.GoodputPerS = nil
		}
	}
}

// forgetTimes leaves out durations that nothing measured, rather than have them 0.
func (run *Run) forgetTimes() {
	run.Latency = Latencies{}
	for _, s := range sections {
		for name, c := range *s.of(run) {
			c.Response = nil
			(*s.of(run))[name] = c
		}
	}
	for i := range run.Intervals {
		run.Intervals[i].P50NS, run.Intervals[i].P99NS = nil, nil
	}
}

// FillGenerator writes into g what response times are without the generator's own
// delay, where somebody knows.
func (m *Measured) FillGenerator(g *Generator) {
	if u := &m.tally.undelayed; m.tally.noted > 0 {
		d := Distribution{u.histogram(m.tally.highest), u.min, u.max}
		g.UndelayedCount, g.UndelayedP50NS, g.UndelayedP99NS = m.tally.noted, d.At(50, 100), d.At(99, 100)
	}
}

// decisions counts who decided, over admissions and rejections.
func (m *Measured) decisions() map[string]uint64 {
	named := make(map[string]uint64, len(DecisionModes))
	for mode, name := range DecisionModes {
		named[name] = m.tally.decisions[mode]
	}
	return named
}

func (m *Measured) fillRates(run *Run, measured time.Duration) {
	if measured > 0 {
		run.OfferedPerS = float64(m.total.offered) / measured.Seconds()
	}
	throughput, goodput := m.tally.answers.rates(m.tally.options, measured)
	run.ThroughputPerS, run.GoodputPerS = throughput, &goodput
}

// summarise makes the latencies, of the outcomes that happened.
func (m *Measured) summarise() error {
	response, service, delay := make(map[string]*Latency), make(map[string]*Latency), make(map[string]*Latency)
	byPhase, err := m.tally.phases.latencies(m.tally.highest)
	m.latency = Latencies{Response: response, Service: service, SendDelay: delay, Phases: byPhase}
	problems := []error{err}
	put := func(into map[string]*Latency, o Outcome, from *recorder) {
		l, err := from.latency(m.tally.highest)
		if l != nil {
			into[o.String()] = l
		}
		problems = append(problems, err)
	}
	put(response, OK, &m.total.response)
	for _, o := range Outcomes {
		l := &m.tally.latency[o]
		put(response, o, &l.response)
		put(service, o, &l.service)
		put(delay, o, &l.sendDelay)
	}
	return errors.Join(problems...)
}

// summariseClasses lists the classes and the kinds of requests, where there are at
// least two.
func (m *Measured) summariseClasses() (err error) {
	t := &m.tally
	var kindErr error
	m.classes, err = infos(t.options.Classes, t.classes, t.highest)
	m.kinds, kindErr = infos(t.options.Requests, t.kinds, t.highest)
	return errors.Join(err, kindErr)
}

func infos(names []string, all []class, highest int64) (map[string]ClassInfo, error) {
	if len(names) < 2 {
		return nil, nil
	}
	list := make(map[string]ClassInfo, len(names))
	var problems []error
	for i, name := range names {
		info, err := all[i].info(highest)
		list[name] = info
		problems = append(problems, err)
	}
	return list, errors.Join(problems...)
}
