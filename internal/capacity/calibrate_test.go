package capacity

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// calibrating is a target whose generator is found to be so fast, one calibration after the
// other, the last one again and again.
type calibrating struct {
	target  Measure
	found   []Calibration
	calls   int
	highest float64 // of all trials
	asked   []Trial
}

func (c *calibrating) measure(ctx context.Context, t Trial) (Observation, error) {
	if t.Phase != Calibrate {
		c.highest = max(c.highest, t.Value)
		return c.target(ctx, t)
	}
	c.asked = append(c.asked, t)
	found := c.found[min(c.calls, len(c.found)-1)]
	c.calls++
	if found.Against == "" {
		return Observation{Invalid: "no process", Took: t.Length}, nil
	}
	return Observation{Calibration: &found, Took: t.Length}, nil
}

// TestGeneratorIsCalibrated: a search that comes to 70 % of what the generator keeps up with ends
// there, unless a second calibration finds more; one that begins beyond that sends nothing.
func TestGeneratorIsCalibrated(t *testing.T) {
	upTo := func(most float64) Calibration {
		return Calibration{Against: "nothing", Most: most, Missed: 1.2 * most, Why: "late", Lag: 40_000}
	}
	for name, c := range map[string]struct {
		found  []Calibration
		change func(*Plan)
		want   Verdict
		why    string
		calls  int
		most   float64 // of all trials
		share  float64
	}{
		"fast":               {[]Calibration{upTo(10_000)}, nil, Capacity, "", 1, 2000, 0.1},
		"too slow":           {[]Calibration{upTo(1000)}, nil, GeneratorLimited, "the target takes 700, and more is beyond the generator: 70 % of the 1000 that it keeps up with are used, with nothing", 2, 700, 0.7},
		"disturbed once":     {[]Calibration{upTo(1000), upTo(10_000)}, nil, Capacity, "", 2, 2000, 0.1},
		"disturbed later":    {[]Calibration{upTo(1000), upTo(400)}, nil, GeneratorLimited, "700", 2, 700, 0.7},
		"just fast enough":   {[]Calibration{upTo(1800)}, nil, Capacity, "", 1, 1260, 0.556},
		"about as fast":      {[]Calibration{upTo(1450)}, nil, Capacity, "", 2, 1210, 0.69},
		"begins beyond":      {[]Calibration{upTo(120)}, nil, GeneratorLimited, "the lowest value, 100, is beyond the generator, and nothing was sent to the target: 70 % of the 120", 2, 0, 0},
		"says from where":    {[]Calibration{upTo(120)}, nil, GeneratorLimited, "want --from of 84 at most", 2, 0, 0},
		"keeps up with none": {[]Calibration{{Against: "nothing", Missed: 100, Why: "late"}}, nil, Capacity, "", 1, 2000, 0},
		"no end was found":   {[]Calibration{{Against: "nothing", Most: 800 / Usable}}, func(p *Plan) { p.Most = 800 }, AtLeast, "800", 1, 800, 0.7},
		"ends below most":    {[]Calibration{upTo(500)}, func(p *Plan) { p.Most = 800 }, GeneratorLimited, "the target takes 350", 2, 350, 0.7},
		"without another":    {[]Calibration{upTo(120), upTo(10_000)}, func(p *Plan) { p.Budget = 3 * time.Second }, GeneratorLimited, "the lowest value, 100", 1, 0, 0},
		"not calibrated":     {[]Calibration{{}}, nil, Capacity, "the generator was not calibrated: no process", 1, 2000, 0},
		"by mlrsearch":       {[]Calibration{upTo(1000)}, func(p *Plan) { p.Strategy, p.Terms = MLRsearch, Terms{Exceed: 0.5} }, GeneratorLimited, "the target takes 700", 2, 700, 0.7},
	} {
		p := testPlan()
		p.Calibration = Calibrating
		if c.change != nil {
			c.change(&p)
		}
		target := &calibrating{target: ideal(steep), found: c.found}
		a, err := Search(context.Background(), p, target.measure)
		share := 0.0
		if a.Generator != nil {
			share = a.Generator.Share
		}
		if err != nil || a.Verdict != c.want || !strings.Contains(strings.Join(a.Reasons, " "), c.why) || target.calls != c.calls || target.highest > c.most*1.0001 || math.Abs(share-c.share) > 0.006 {
			t.Errorf("%s: %s %q, %v, %d calibrations, up to %.6g, %.3g of it; want %s because of %q, %d, %.6g, %.3g",
				name, a.Verdict, a.Reasons, err, target.calls, target.highest, share, c.want, c.why, c.calls, c.most, c.share)
		}
		if first := target.asked[0]; first.Number != 0 || first.Value != p.Most/Usable || first.Length != Calibrating || a.Took < Calibrating {
			t.Errorf("%s: it asked for %+v, and all took %v", name, first, a.Took)
		}
	}
}

// TestCalibrationIsInTheTime of the plan.
func TestCalibrationIsInTheTime(t *testing.T) {
	p := testPlan()
	before, needed := p.Expect(), p.Needs()
	p.Calibration = 20 * time.Second
	if got := p.Expect() - before; got != p.Calibration {
		t.Errorf("it is expected to take %v more; want %v", got, p.Calibration)
	}
	if p.Needs() < needed+p.Calibration {
		t.Errorf("it needs %v, and %v without; want %v more", p.Needs(), needed, p.Calibration)
	}
	if p.Calibration = -1; p.Check() == nil {
		t.Error("a calibration of less than no time is accepted")
	}
}

// TestSendDelayOfTrials near the answer is told: the median.
func TestSendDelayOfTrials(t *testing.T) {
	p := testPlan()
	p.Calibration = Calibrating
	inner := ideal(steep)
	target := &calibrating{found: []Calibration{{Against: "nothing", Most: 1e5, Missed: 2e5}}, target: func(ctx context.Context, t Trial) (Observation, error) {
		o, err := inner(ctx, t)
		lag := int64(41_000 + t.Seed%1000)
		if math.Abs(t.Value/1000-1) > 0.2 {
			lag = 1e9
		}
		o.Lag = &lag
		return o, err
	}}
	a, err := Search(context.Background(), p, target.measure)
	if err != nil || a.Generator == nil || a.Generator.TrialLag == nil || *a.Generator.TrialLag < 41_000 || *a.Generator.TrialLag >= 42_000 {
		t.Errorf("%+v, %v; want a send delay of 41 µs", a.Generator, err)
	}
}

// TestCalibrationsInJournals: they are lines of their own, a search that was interrupted anywhere
// does not make one again that is there, replays to the same, bit for bit, and no trial is one.
func TestCalibrationsInJournals(t *testing.T) {
	p := testPlan()
	p.Calibration = Calibrating
	found := []Calibration{{Against: "nothing", Most: 1000, Missed: 1200, Why: "late"}, {Against: "nothing", Most: 10_000, Missed: 12_000, Shared: true, Differs: []string{"without TLS"}}}
	var file bytes.Buffer
	if err := WriteHeader(&file, Header{Schema: Schema, Plan: p, Scenario: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	all := &calibrating{target: ideal(steep), found: found}
	want, err := Follow(context.Background(), p, func(ctx context.Context, trial Trial) (Observation, error) {
		o, err := all.measure(ctx, trial)
		return o, errors.Join(err, WriteTrial(&file, trial, o))
	})
	if err != nil || want.Answer.Verdict != Capacity || all.calls != 2 || len(want.Trials) != want.Answer.Trials {
		t.Fatalf("%+v, %v after %d calibrations and %d trials", want.Answer, err, all.calls, len(want.Trials))
	}
	text := file.String()
	for cut := strings.Index(text, "\n") + 1; cut <= len(text); cut += 61 {
		j, _, err := ReadJournal(strings.NewReader(text[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		had := strings.Count(text[:strings.LastIndex(text[:cut], "\n")], `"phase":"calibrate"`)
		rest := &calibrating{target: ideal(steep), found: found, calls: had}
		got, err := Search(context.Background(), j.Plan, j.Measure(rest.measure))
		if err != nil || rest.calls != 2 || !reflect.DeepEqual(got, want.Answer) {
			t.Fatalf("cut at %d: %+v, %v after %d calibrations; want %+v after 2", cut, got, err, rest.calls, want.Answer)
		}
	}
	j, _, _ := ReadJournal(strings.NewReader(text))
	if j.Trials() != want.Answer.Trials {
		t.Errorf("there are %d trials; want %d", j.Trials(), want.Answer.Trials)
	}
	if again, err := Follow(context.Background(), j.Plan, j.Measure(nil)); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("replayed: %+v, %v; want %+v", again.Answer, err, want.Answer)
	}
}
