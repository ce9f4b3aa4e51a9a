package trials

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/guards"
	"github.com/fcbench/fcbench/internal/observe"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// Maker makes trials of one scenario.
type Maker struct {
	World *experiment.World
	Time  results.Time
	Reset func(context.Context) error // before each; nil for nothing. Its error ends the search
	// Guards are asked before each and while it is made: one that does not hold ends the search.
	Guards *guards.Watch
	// Fade is how long arrivals become fewer where a trial is given up.
	Fade time.Duration
	// Run makes the run of a trial; nil for one in this process.
	Run func(context.Context, *scenario.Scenario) (*results.Run, error)
	// Watch is the process of the target, whose CPU and memory are observed; 0 for none.
	Watch int
	// Precision is by what share of what arrives a backlog may grow, where that is
	// less than 1 %.
	Precision float64

	doc      *strictyaml.Node
	read     *scenario.Scenario
	over     over
	takes    bounds // of the value that is searched
	goals    []goal
	rejected bool // a goal bounds how much may be rejected
}

// New reads what is searched for out of a document. The scenario has to be right
// as it is.
func New(doc *strictyaml.Node, name string) (*Maker, error) {
	s, err := scenario.New(doc.Clone(), false)
	if err != nil {
		return nil, err
	}
	m := &Maker{doc: doc, read: s}
	var problems, other error
	if m.over, problems = overOf(doc, name); problems == nil {
		m.takes = m.over.settle(doc)
	}
	if len(s.Subjects) != 1 {
		problems = errors.Join(problems, fmt.Errorf("there are %d subjects; want one, whose capacity is searched", len(s.Subjects)))
	}
	m.goals, other = goals(s.Thresholds)
	for _, g := range m.goals {
		m.rejected = m.rejected || g.outcome == results.Rejected.String()
	}
	return m, errors.Join(problems, other)
}

// Goals are those of the scenario.
func (m *Maker) Goals() (all []capacity.Goal) {
	for _, g := range m.goals {
		all = append(all, g.Goal)
	}
	return all
}

// Shown is what is sent, and to whom, as files may show it.
func (m *Maker) Shown() json.RawMessage {
	shown := strictyaml.NewMap("")
	shown.Put("name", strictyaml.NewText("", m.read.Name))
	name := shown.ToJSON()
	return fmt.Appendf(nil, `%s,"workload":%s,"subject":%s}`, name[:len(name)-1], m.read.WorkloadJSON(), m.read.Subjects[0].JSON())
}

// Work is a digest of what arrives, but for the value that is searched, and of what has to hold.
func (m *Maker) Work() (string, error) {
	doc, err := m.over.on(m.doc, 1000)
	if err != nil {
		return "", err
	}
	s, err := scenario.New(doc, false)
	if err != nil {
		return "", err
	}
	names := []string{m.over.name}
	for _, g := range m.goals {
		names = append(names, g.Name)
	}
	slices.Sort(names[1:])
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%q", s.WorkloadJSON(), names))
	return hex.EncodeToString(sum[:]), nil
}

// Whole reports whether only whole values make sense.
func (m *Maker) Whole() bool { return m.over.whole }

// Highest is the highest value that the scenario takes, such as 1 for a share, and what it says of
// more; 0 where there is none.
func (m *Maker) Highest() (float64, error) { return m.takes.highest, m.takes.beyond }

// Lowest is the lowest value, where nothing else is said.
func (m *Maker) Lowest() float64 {
	switch {
	case m.over.rate:
		return 100
	case !m.over.whole && m.takes.highest > 0:
		return m.takes.highest / 100
	}
	return 1
}

// Measure makes a trial, or a calibration.
func (m *Maker) Measure(ctx context.Context, t capacity.Trial) (capacity.Observation, error) {
	if t.Phase == capacity.Calibrate {
		return m.calibrate(ctx, t)
	}
	if err := m.Guards.Before(ctx); err != nil {
		return capacity.Observation{}, err
	}
	if m.Reset != nil {
		if err := m.Reset(ctx); err != nil {
			return capacity.Observation{}, err
		}
	}
	s, err := m.scenario(t)
	if err != nil {
		return capacity.Observation{}, err
	}
	began := time.Now()
	run, err := m.guarded(ctx, s, t.Fade > 0)
	if err != nil {
		return capacity.Observation{}, err
	}
	o, err := m.observe(run)
	if o.Took = t.Warmup + t.Length + t.Fade; m.Time == results.Real {
		o.Took = time.Since(began).Round(time.Millisecond)
	}
	return o, err
}

// scenario is that of one trial.
func (m *Maker) scenario(t capacity.Trial) (*scenario.Scenario, error) {
	doc, err := m.over.on(m.doc, t.Value)
	if err != nil {
		return nil, err
	}
	doc.Remove("thresholds") // they are held to the counts, not to the run
	s, err := runOf(doc, map[string]string{"duration": t.Length.String(), "warmup": t.Warmup.String()}, t.Seed>>1)
	if err == nil && m.Watch > 0 {
		s.Observe = &observe.Config{PID: m.Watch}
	}
	return s, err
}

// runOf is a document with other values, to be run once by a seed.
func runOf(doc *strictyaml.Node, values map[string]string, seed uint64) (*scenario.Scenario, error) {
	values["repeats"], values["seed"] = "1", strconv.FormatUint(seed, 10)
	for path, text := range values {
		if err := scenario.Set(doc, path, strictyaml.NewScalar("capacity", text)); err != nil {
			return nil, err
		}
	}
	return scenario.New(doc, false)
}

// Prepare checks a trial at the highest value there is, or else the lowest, without
// sending anything.
func (m *Maker) Prepare(ctx context.Context, p capacity.Plan) (*experiment.Plan, error) {
	value := p.From
	if p.Most > 0 {
		value = p.Most
	}
	s, err := m.scenario(capacity.Trial{Value: value, Warmup: time.Second, Length: p.Length, Seed: p.Seed})
	if err != nil {
		return nil, err
	}
	return m.World.Prepare(ctx, s, m.Time)
}

// AbortedError is a run that was given up for a condition of its scenario.
type AbortedError struct{ Why string }

func (e *AbortedError) Error() string { return e.Why }

// making is how one run is made.
type making struct {
	*scenario.Scenario
	stop    atomic.Bool // gives it up
	fadeOut bool        // its load fades in the end
}

// guarded makes a run. One that ends early is none.
func (m *Maker) guarded(ctx context.Context, s *scenario.Scenario, fadeOut bool) (*results.Run, error) {
	one := &making{Scenario: s, fadeOut: fadeOut}
	ctx, give := context.WithCancelCause(ctx)
	defer give(nil)
	var no error
	end := m.Guards.During(ctx, func(err error) {
		no = err
		one.stop.Store(true)
		if m.Run != nil || m.Fade == 0 {
			give(err)
		}
	})
	run, err := m.make(ctx, one)
	end()
	switch {
	case no != nil:
		return nil, no
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil && run.Aborted != "":
		return nil, &AbortedError{run.Aborted}
	}
	return run, err
}

func (m *Maker) make(ctx context.Context, one *making) (*results.Run, error) {
	if m.Run != nil {
		return m.Run(ctx, one.Scenario)
	}
	p, err := m.World.Prepare(ctx, one.Scenario, m.Time)
	if err != nil {
		return nil, err
	}
	opened, err := m.World.Open(ctx, p, one.Subjects[0])
	if err != nil {
		return nil, err
	}
	run, err := opened.Run(ctx, experiment.Trial{
		Plan: p, Repeat: 1, Order: 1, Of: 1, Brief: true, Stop: &one.stop, Fade: m.Fade, FadeOut: one.fadeOut,
	}, silent{})
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	err = errors.Join(err, opened.Close(closing))
	if run != nil && ctx.Err() == nil {
		err = nil // what broke is in the run
	}
	return run, err
}

// silent is told nothing.
type silent struct{}

func (silent) Begin(experiment.Step) {}
func (silent) End(*results.Run)      {}

// observe is what a search wants to know of a run.
func (m *Maker) observe(run *results.Run) (o capacity.Observation, err error) {
	for _, g := range m.goals {
		c, problem := g.count(run, m.rejected)
		o.Goals, err = append(o.Goals, c), errors.Join(err, problem)
		o.Values = append(o.Values, g.value(run))
	}
	o.Busy, o.Backlog = flights(run, m.growth())
	crowded := float64(run.Outcomes[results.Unsent.String()]) > unsentTelling*float64(run.Offered) && o.Busy > smallQueue
	o.Backlog = o.Backlog || crowded
	o.Goodput = run.GoodputPerS
	if ok := run.Latency.Response[results.OK.String()]; ok != nil {
		o.P50, o.P99 = &ok.P50NS, &ok.P99NS
	}
	if len(run.Latency.SendDelay) > 0 && !run.Time.Simulated() {
		lag := int64(run.Latency.SendDelayP99())
		o.Lag = &lag
	}
	if why, lost := results.Lost(run); lost && len(run.Statuses) == 0 && run.Outcomes[results.Failed.String()] > run.Offered/2 {
		o.Down, err = why, nil
		return o, err
	}
	why := strings.Join(run.Validity.Reasons, "; ")
	switch spoiler := run.Validity.Spoiler(); {
	case spoiler == results.ByNothing, spoiler == results.ByUnsent && crowded:
	case spoiler == results.ByOther:
		o.Invalid, err = why, nil
	default:
		o.Limited, err = why, nil
	}
	return o, err
}

// unsentTelling is the share of arrivals that found no room in flight which says
// that the target is behind, where many wait for it.
const unsentTelling = 0.01

// A backlog grows where in the last quarter so many more are in flight than in the
// second, as a share of what arrives in between; never for a small queue.
const (
	growth     = 0.01
	smallQueue = 20.0
)

// growth is that share: no more than what the search is to tell.
func (m *Maker) growth() float64 {
	if m.Precision > 0 {
		return min(growth, m.Precision)
	}
	return growth
}

// flights is how many requests were in flight, and whether they became more and
// more. What comes after the window, when nothing arrives, says neither.
func flights(run *results.Run, growth float64) (mean float64, grows bool) {
	window := run.Intervals
	for len(window) > 0 && window[len(window)-1].TNS >= run.MeasuredNS {
		window = window[:len(window)-1]
	}
	n := len(window)
	var early, late, sum float64
	for i, iv := range window {
		sum += float64(iv.InFlight)
		switch 4 * i / n {
		case 1:
			early += float64(iv.InFlight)
		case 3:
			late += float64(iv.InFlight)
		}
	}
	if n < 8 {
		return sum / float64(max(n, 1)), false
	}
	quarter := float64(n) / 4
	more := (late - early) / quarter
	return sum / float64(n), more > smallQueue && more > growth*run.OfferedPerS*float64(run.MeasuredNS)/2e9
}
