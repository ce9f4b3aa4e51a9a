package ci

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// capacityPath is the metric of gates about capacities, the only one that they have.
const capacityPath = "capacity"

// overRate is what is searched where nothing else is said: the offered rate.
const overRate = "rate"

// Capacity says how capacities are searched, which the claims are about then.
type Capacity struct {
	Goals      []string      // thresholds that have to hold, beside those of the scenario
	Over       string        // what is searched: "rate", or the path of a value
	From, Most float64       // the lowest value and the highest; 0 for the default, and for no limit
	Precision  float64       // half-width of the interval to be reached, as a share
	Confidence float64       // of the interval
	Budget     time.Duration // that the trials of a side may take
}

// capacityDocument is the section as it is written.
type capacityDocument struct {
	Goals      strictyaml.Texts `yaml:"goals"`
	Over       string           `yaml:"over"`
	From       string           `yaml:"from"`
	Most       string           `yaml:"most"`
	Precision  string           `yaml:"precision"`
	Confidence string           `yaml:"confidence"`
	Budget     units.Duration   `yaml:"budget"`
}

// The defaults of searches. A comparison takes more trials than one search.
const (
	searchBudget  = 5 * time.Minute
	compareBudget = 10 * time.Minute
	aboutLoad     = "a rate such as 500/s, or a number above 0"
)

// capacity reads the section; nil where there is none. alone says that there is no side to compare with.
func (c *checker) capacity(n *strictyaml.Node, alone bool) *Capacity {
	if n == nil {
		return nil
	}
	d := capacityDocument{Over: overRate, Precision: "2%", Confidence: "95%", Budget: units.Duration(searchBudget)}
	if !alone {
		d.Budget = units.Duration(compareBudget)
	}
	before := len(c.problems)
	c.problems = append(c.problems, strictyaml.Decode(n, &d)...)
	s := &Capacity{Goals: d.Goals, Over: d.Over, Budget: d.Budget.Std()}
	if len(c.problems) > before {
		return s
	}
	for i, goal := range d.Goals {
		if _, err := results.ParseThreshold(goal); err != nil {
			at := n.Get("goals")
			if items := at.Items(); i < len(items) {
				at = items[i]
			}
			c.problem(at, "goals[%d]: %v", i, err)
		}
	}
	c.loads(n, d, s)
	c.shares(n, d, s, alone)
	if s.Budget <= 0 {
		c.problem(n.Get("budget"), "budget is %v; want more than 0s, such as 5m", d.Budget)
	}
	return s
}

// loads reads between what is searched.
func (c *checker) loads(n *strictyaml.Node, d capacityDocument, to *Capacity) {
	for _, one := range []struct {
		key, text string
		to        *float64
	}{{"from", d.From, &to.From}, {"most", d.Most, &to.Most}} {
		if n.Get(one.key) == nil {
			continue
		}
		v, ok := parseLoad(one.text)
		if *one.to = v; !ok {
			c.problem(n.Get(one.key), "%s is %q; want %s", one.key, one.text, aboutLoad)
		}
	}
	if to.Most > 0 && to.Most <= to.From {
		c.problem(n.Get("most"), "most is %s and from is %s; want more than that", d.Most, d.From)
	}
}

// shares reads how sure it has to be.
func (c *checker) shares(n *strictyaml.Node, d capacityDocument, to *Capacity, alone bool) {
	for _, one := range []struct {
		key, text   string
		to          *float64
		least, most float64
	}{{"precision", d.Precision, &to.Precision, 0.001, 0.2}, {"confidence", d.Confidence, &to.Confidence, 0.5, 0.999}} {
		v, err := units.ParseShare(one.text)
		if *one.to = v; err != nil || !(v >= one.least && v <= one.most) {
			c.problem(n.Get(one.key), "%s is %q; want a share from %g%% to %g%%", one.key, one.text, 100*one.least, 100*one.most)
		}
	}
	if at := n.Get("confidence"); at != nil && !alone {
		c.problem(at, "confidence stands beside two sides, whose errors are alpha and pass_alpha; want it left out")
	}
}

// parseLoad reads a rate, or a number.
func parseLoad(text string) (float64, bool) {
	if r, err := units.ParseRate(text); err == nil && !r.Unlimited && !r.IsZero() {
		return r.PerSecond(), true
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && v > 0 && !math.IsInf(v, 0)
}

// capacityMetric is the metric of what is searched.
func capacityMetric(over string) results.Metric {
	m := results.Metric{Path: capacityPath, Unit: results.UnitRate, Better: results.Higher, Doc: "largest offered rate at which every goal still holds"}
	if last := over[strings.LastIndex(over, ".")+1:]; last != overRate && !strings.HasSuffix(last, "_rate") {
		m.Unit, m.Doc = results.UnitCount, "largest value at which every goal still holds"
	}
	return m
}

// metricOf is the metric at a path: of a run, of Go benchmarks, or the capacity.
func (p *Policy) metricOf(path string) (results.Metric, error) {
	if p.Capacity == nil {
		return MetricOf(path, p.Bench())
	}
	if path != capacityPath {
		return results.Metric{}, fmt.Errorf("metric %q is none of a search; want %s, or no capacity section", path, capacityPath)
	}
	return capacityMetric(p.Capacity.Over), nil
}

// bound reads what a capacity has to be at least, which the claims of a gate without two sides say.
func (c *checker) bound(p *Policy, to *Claim, one claim, n *strictyaml.Node) {
	text, at := one.AtLeast, n.Get("at_least")
	switch {
	case p.Capacity == nil:
		c.problem(at, "at_least stands beside %s; want it of the metric %s, and a capacity section that says how that is searched", to.Metric, capacityPath)
		return
	case !p.Bounded():
		c.problem(at, "at_least stands beside two sides, which are held against each other; want a margin, or no side a")
		return
	case one.Margin != "" || one.Floor != "":
		c.problem(n, "at_least stands beside a margin or a floor; want it alone")
		return
	}
	v, ok := parseLoad(text)
	s := p.Capacity
	enough := v * (1 + s.Precision)
	switch {
	case !ok:
		c.problem(at, "at_least is %q; want %s", text, aboutLoad)
	case s.From > v:
		c.problem(at, "at_least is %s, and the search begins at %g; want a from that is not more", text, s.From)
	case s.Most > 0 && s.Most < enough*(1-1e-9):
		c.problem(at, "at_least is %s, and nothing beyond %g is tried; want a most of %.6g at least, which is beyond by the precision", text, s.Most, enough)
	}
	to.AtLeast, to.Margin = v, Margin{text: "at least " + text}
}
