package capacity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestBandIsOfTheInterval: where the band of a fit meets the budget are the ends of the
// interval of the estimate, with a word of theory and without, and where it was too wide.
func TestBandIsOfTheInterval(t *testing.T) {
	for name, within := range map[string]time.Duration{"shares alone": 0, "of a queue": 5 * time.Millisecond} {
		p := testPlan()
		p.Goals[0].Within = within
		p.Fit()
		noise := uint64(7)
		trace, err := Follow(context.Background(), p, func(ctx context.Context, trial Trial) (Observation, error) {
			noise = noise*6364136223846793005 + 1442695040888963407
			chance := math.Exp(float64(noise>>40)/(1<<24) - 0.5)
			return ideal(func(r float64) float64 { return chance * steep(r) })(ctx, trial)
		})
		f, e := trace.Fit, trace.Answer.Estimate
		if err != nil || f == nil {
			t.Fatalf("%s: fit %v of %+v, %v; want one", name, f, trace.Answer, err)
		}
		middle, _, _ := f.At(e.Value)
		_, _, lowest := f.At(e.Low)
		_, highest, _ := f.At(e.High)
		for what, got := range map[string]float64{"the estimate": middle, "its lower end": lowest, "its upper end": highest} {
			if math.Abs(got/0.01-1) > 1e-6 {
				t.Errorf("%s: at %s the share is %g; want the budget of 0.01", name, what, got)
			}
		}
		for v := f.From; v <= f.To; v += (f.To - f.From) / 20 {
			if share, low, high := f.At(v); !(low < share && share < high) {
				t.Errorf("%s: at %g the share is %g in [%g, %g]", name, v, share, low, high)
			}
		}
		ns, known := f.Response(0.01)
		if known != (within > 0) || known && math.Abs(ns-5e6) > 1e-3 {
			t.Errorf("%s: at the budget the response is %g ns, known %t; want the bound of 5 ms", name, ns, known)
		}
	}
}

// TestTraceIsOfTheSearch: it has every trial, says what became of each, and the answer is
// that of a search.
func TestTraceIsOfTheSearch(t *testing.T) {
	spoiled := func(ctx context.Context, trial Trial) (Observation, error) {
		o, err := ideal(steep)(ctx, trial)
		o.Invalid = when(trial.Number == 3, "clock")
		return o, err
	}
	want, _ := Search(context.Background(), testPlan(), spoiled)
	got, err := Follow(context.Background(), testPlan(), spoiled)
	if err != nil || !reflect.DeepEqual(got.Answer, want) || len(got.Trials) != want.Trials {
		t.Errorf("%d trials, %+v, %v; want those of %+v", len(got.Trials), got.Answer, err, want)
	}
	fitted := 0
	for i, m := range got.Trials {
		if m.Number != i+1 || m.Counts != (i != 2) || m.Kept != (m.Counts && m.Goals[0].Bad*100 <= m.Goals[0].Of) {
			t.Errorf("trial %d is %+v", i+1, m)
		}
		if m.Fitted {
			fitted++
		}
	}
	if fitted != want.Estimate.Trials || got.Fit.From >= want.Low || got.Fit.To <= want.High {
		t.Errorf("the fit is through %d trials from %g to %g; want the %d of %+v", fitted, got.Fit.From, got.Fit.To, want.Estimate.Trials, want.Estimate)
	}
}

// TestTracesWithoutFit are those of searches that end early, of cliffs, and of shares
// that the load does not move.
func TestTracesWithoutFit(t *testing.T) {
	hard := testPlan()
	hard.Goals = []Goal{{Name: "cpu"}}
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		plan    Plan
		measure Measure
		err     error
	}{
		"pass or fail": {hard, func(_ context.Context, trial Trial) (Observation, error) {
			o := Observation{Goals: []Count{{0, 1}}, Took: trial.Warmup + trial.Length, Busy: 5}
			if trial.Value > 1000 {
				o.Goals[0].Bad = 1
			}
			return o, nil
		}, nil},
		"the lowest misses": {testPlan(), ideal(always(0.5)), nil},
		"not moved":         {testPlan(), ideal(func(r float64) float64 { return when2(r > 1000, 1, 0.0101) }), nil},
		"no trial":          {testPlan(), func(context.Context, Trial) (Observation, error) { return Observation{}, broken }, broken},
	} {
		got, err := Follow(context.Background(), c.plan, c.measure)
		if !errors.Is(err, c.err) || got.Fit != nil || len(got.Trials) == 0 != (c.err != nil) {
			t.Errorf("%s: fit %v, %d trials, %v; want none", name, got.Fit, len(got.Trials), err)
		}
	}
}

func when2(is bool, a, b float64) float64 {
	if is {
		return a
	}
	return b
}

// TestOlderTrialsAreRead: a file of before values were kept replays, and what it does not
// have is absent, and not 0; what is 0 now is kept.
func TestOlderTrialsAreRead(t *testing.T) {
	zero := 0.0
	for name, c := range map[string]struct {
		line    string
		goodput *float64
		values  []*float64
	}{
		"older": {`{"trial":1,"phase":"floor","value":100,"warmup_ns":1,"length_ns":1,"seed":1,"observation":{"goals":[{"bad":0,"of":1}],"busy":0,"took_ns":2}}`, nil, nil},
		"now":   {`{"trial":1,"phase":"floor","value":100,"warmup_ns":1,"length_ns":1,"seed":1,"observation":{"goals":[{"bad":0,"of":1}],"busy":0,"took_ns":2,"goodput":0,"values":[null]}}`, &zero, []*float64{nil}},
	} {
		var e entry
		if err := json.Unmarshal([]byte(c.line), &e); err != nil || !reflect.DeepEqual(e.Observation.Goodput, c.goodput) || !reflect.DeepEqual(e.Observation.Values, c.values) {
			t.Errorf("%s: %+v, %v; want goodput %v and values %v", name, e.Observation, err, c.goodput, c.values)
		}
		var again bytes.Buffer
		if err := WriteTrial(&again, e.Trial, e.Observation); err != nil || strings.TrimSpace(again.String()) != c.line {
			t.Errorf("%s: written again it is %s, %v", name, &again, err)
		}
	}
}
