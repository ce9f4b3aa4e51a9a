package gating

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/capacity/trials"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// search is that for one capacity on a side.
type search struct {
	key   subject
	maker *trials.Maker
	plan  capacity.Plan
	gauge *capacity.Gauge // where estimates are paired
	doc   [sha256.Size]byte
	kept  *trialsFile // nil where they are not kept

	nominal float64 // arrivals in a second, as the scenario has them
}

// searches prepares those for every subject of the side.
func (w *inWorld) searches() (all []subject, err error) {
	for _, j := range w.jobs {
		s, problem := w.search(j)
		if problem != nil {
			err = errors.Join(err, fmt.Errorf("%s/%s: %w", j.plan.Scenario.Name, j.subject.Name, problem))
			continue
		}
		w.found, all = append(w.found, s), append(all, s.key)
	}
	if err != nil {
		return nil, &experiment.Unfit{Err: err}
	}
	return all, nil
}

// search is that for the capacity of one subject.
func (w *inWorld) search(j job) (*search, error) {
	asked := w.gate.policy.Capacity
	doc, err := strictyaml.Parse(j.plan.Scenario.Name, j.plan.Scenario.Alone(j.place))
	if err != nil {
		return nil, err
	}
	goals := strictyaml.NewList("capacity")
	for _, t := range doc.Get("thresholds").Items() {
		goals.Append(t)
	}
	for _, goal := range asked.Goals {
		goals.Append(strictyaml.NewText("capacity.goals", goal))
	}
	doc.Put("thresholds", goals)
	m, err := trials.New(doc, asked.Over)
	if err != nil {
		return nil, err
	}
	m.World, m.Time, m.Precision = w.gate.world, w.time(), asked.Precision
	s := &search{key: subject{scenario: j.plan.Scenario.Name, name: j.subject.Name}, maker: m, plan: w.planOf(m, doc), doc: sha256.Sum256([]byte(doc.ToJSON()))}
	s.gauge = capacity.NewGauge(s.plan)
	s.nominal = float64(j.plan.Schedule.Arrivals) / j.plan.Scenario.Window.Seconds()
	if s.key.digest, err = m.Work(); err != nil {
		return nil, err
	}
	if w.gate.policy.Bounded() {
		return s, s.plan.Check()
	}
	return s, s.plan.CheckEstimates(w.gate.lastPair())
}

// The lowest value, where nothing else is said.
const (
	lowestRate  = 100
	lowestCount = 1
	begunBelow  = 4 // a bound divided by this, where that is less
)

// planOf is the plan of a search as the policy wants it.
func (w *inWorld) planOf(m *trials.Maker, doc *strictyaml.Node) capacity.Plan {
	policy := w.gate.policy
	asked := policy.Capacity
	p := capacity.Plan{
		Over: asked.Over, Goals: m.Goals(), Whole: m.Whole(), From: asked.From, Most: asked.Most, Overhead: time.Second / 2,
		Precision: asked.Precision, Confidence: asked.Confidence, Budget: asked.Budget, Seed: policy.Seed,
	}
	if p.From == 0 {
		if p.From = lowestRate; p.Whole {
			p.From = lowestCount
		}
		for _, c := range policy.Claims {
			if c.AtLeast > 0 && !p.Whole {
				p.From = min(p.From, c.AtLeast/begunBelow)
			}
		}
	}
	if r, err := units.ParseRate(doc.Get("max_rate").String()); err == nil && !r.Unlimited && asked.Over == "rate" {
		if safe := trials.Calm(r.PerSecond()); p.Most == 0 || safe < p.Most {
			p.Most = safe
		}
	}
	if p.Fit(); !policy.Bounded() {
		p.FitEstimates(w.gate.lastPair())
	}
	return p
}

// seeker is a side on which capacities are searched.
type seeker interface {
	// around does f where the i-th subject is there to be tried.
	around(ctx context.Context, i int, f func(context.Context) error) error
	searchOf(i int) *search
}

func (w *inWorld) searchOf(i int) *search { return w.found[i] }

func (w *inWorld) around(ctx context.Context, i int, f func(context.Context) error) error {
	return w.jobs[i].within(ctx, w.hooks(w.jobs[i]), f)
}

func (s *started) around(ctx context.Context, i int, f func(context.Context) error) error {
	return s.serving(ctx, i, func(ctx context.Context, pid int) error {
		s.found[i].maker.Watch = pid
		return s.inWorld.around(ctx, i, f)
	})
}

// around leaves the hooks of the scenario to the child, which has them.
func (o *otherself) around(ctx context.Context, i int, f func(context.Context) error) error {
	o.found[i].maker.Run = func(ctx context.Context, s *scenario.Scenario) (*results.Run, error) {
		file := filepath.Join(o.scratch, "trial.yaml")
		if err := os.WriteFile(file, s.Alone(0), 0o600); err != nil {
			return nil, err
		}
		return o.run(ctx, file, o.gate.number())
	}
	return o.jobs[i].within(ctx, own(o.side), f)
}

// bounded searches every capacity once, in a target that is there from the first trial to
// the last.
func (g *Gate) bounded(ctx context.Context) error {
	side, ok := g.b.(seeker)
	if !ok {
		return errors.New("side b has no capacity to be searched")
	}
	for i := range g.asB {
		s := side.searchOf(i)
		var answer capacity.Answer
		err := side.around(ctx, i, func(ctx context.Context) (err error) {
			answer, err = capacity.Search(ctx, s.plan, g.told("", s))
			return err
		})
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		g.add(i, false, ci.Pair{Number: 1, Order: "AB", B: ci.Measured{Search: s.searched(answer)}})
	}
	return nil
}

// told makes trials, and says so.
func (g *Gate) told(side string, s *search) capacity.Measure {
	return func(ctx context.Context, t capacity.Trial) (capacity.Observation, error) {
		g.say(fmt.Sprintf("%s%s: trial %d, %s of %v at %.6g", side, named([]subject{s.key}), t.Number, t.Phase, t.Length, t.Value))
		seen, err := s.maker.Measure(ctx, t)
		if err == nil {
			s.kept.add(func(w io.Writer) error { return capacity.WriteTrial(w, t, seen) })
		}
		return seen, err
	}
}

// spoken is a verdict with its reasons.
func spoken(a capacity.Answer) string {
	return fmt.Sprintf("%s: %s", a.Verdict, strings.Join(a.Reasons, "; "))
}

// searched is an answer as a gate is judged by it.
func (s *search) searched(a capacity.Answer) *ci.Searched {
	out := &ci.Searched{Value: a.Value, Low: a.Low, High: a.High, Rough: true}
	if a.High == 0 {
		out.High = math.Inf(1)
	}
	if a.Verdict != capacity.Capacity || len(a.Reasons) > 0 {
		out.Reason = spoken(a)
	}
	switch a.Verdict {
	case capacity.Capacity:
	case capacity.AtLeast: // by trials as long as those that tell the precision
		out.Low = a.Value / (1 + s.plan.Precision)
	case capacity.NoCapacity:
		out.Value, out.High = s.plan.From, math.Nextafter(s.plan.From, 0)
	case capacity.Inconclusive:
		out.Outcome = ci.Inconclusive
	default:
		out.Outcome = ci.Invalid
	}
	return out
}
