package curves

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run go test -update and look at the change. got:\n%s", path, got)
	}
}

// recorded is the curve of a search in virtual time: M/M/1 of 1,000 services a second, of
// which the capacity for 1 % over 20 ms is 770/s.
func recorded(t *testing.T) *Curve {
	t.Helper()
	f, err := os.Open("testdata/search.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	c, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func written(t *testing.T, format string, c *Curve, o Options) string {
	t.Helper()
	f, ok := Formats().Of(format)
	if !ok {
		t.Fatalf("there is no format %s", format)
	}
	var out bytes.Buffer
	if err := f.Write(&out, c, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.String()
}

const millisecond = float64(time.Millisecond)

func some(v float64) *float64 { return &v }

// header is that of a search for a rate by such goals.
func header(goals ...capacity.Goal) capacity.Header {
	p := capacity.Plan{Over: "rate", Goals: goals, From: 100, Precision: 0.02, Confidence: 0.95, Budget: 5 * time.Minute, Seed: 1}
	p.Fit()
	return capacity.Header{Schema: capacity.Schema, Plan: p, Scenario: []byte(`{"name": "checkout"}`)}
}

func slow() capacity.Goal {
	return capacity.Goal{Name: "response.ok.p99 < 20ms", Budget: 0.01, Within: 20 * time.Millisecond}
}

// made is one trial with so many bad ones of 1000.
func made(number int, rate float64, bad uint64) capacity.Made {
	p50, p99 := int64(time.Millisecond), int64(20*time.Millisecond)
	return capacity.Made{
		Trial:       capacity.Trial{Number: number, Phase: capacity.Local, Value: rate, Length: time.Second},
		Observation: capacity.Observation{Goals: []capacity.Count{{Bad: bad, Of: 1000}}, Values: []*float64{some(20 * millisecond)}, Goodput: some(rate), P50: &p50, P99: &p99},
		Counts:      true, Kept: bad <= 10,
	}
}

// all changes every trial.
func all(trials []capacity.Made, change func(*capacity.Made)) []capacity.Made {
	for i := range trials {
		change(&trials[i])
	}
	return trials
}

// several are trials around 1000/s.
func several() (trials []capacity.Made) {
	for i, rate := range []float64{100, 200, 400, 800, 980, 990, 1000, 1010, 1020, 1600} {
		trials = append(trials, made(i+1, rate, uint64(rate/100)))
	}
	return trials
}

// cases are curves that lack something, or are hard to draw.
func cases() map[string]*Curve {
	hard := capacity.Goal{Name: "target.cpu_share < 80%"}
	knee := capacity.Answer{Verdict: capacity.Capacity, Estimate: capacity.Estimate{Goal: slow().Name, Value: 1000, Low: 990, High: 1010, Shape: "cliff"}}
	ofHard := knee
	ofHard.Goal = hard.Name
	hostile := header(capacity.Goal{Name: "<script>\x1b[31m" + strings.Repeat("x", 300), Budget: 0.5})
	hostile.Scenario = []byte(`{"name":"</style><svg/onload=x>"}`)
	lanes := header(slow())
	lanes.Plan.Over = "lanes"
	many := header(slow(), capacity.Goal{Name: "outcomes.failed.share < 0.1%", Budget: 0.001}, hard)
	three := func(m *capacity.Made) {
		m.Goals = append(m.Goals, capacity.Count{Bad: 0, Of: 1000}, capacity.Count{Bad: 0, Of: 1})
		m.Values = append(m.Values, nil, some(0.5))
	}
	nan, inf := math.NaN(), math.Inf(1)
	return map[string]*Curve{
		"no trials": New(header(slow()), capacity.Trace{}),
		"one trial": New(header(slow()), capacity.Trace{Trials: []capacity.Made{made(1, 100, 0)}}),
		"all invalid": New(header(slow()), capacity.Trace{Answer: capacity.Answer{Verdict: capacity.Inconclusive}, Trials: all(several(), func(m *capacity.Made) {
			m.Counts, m.Kept, m.Invalid = false, false, "clock"
		})}),
		"all down": New(header(slow()), capacity.Trace{Answer: capacity.Answer{Verdict: capacity.UnstableTarget}, Trials: all(several(), func(m *capacity.Made) {
			m.Counts, m.Kept, m.Down, m.P50, m.P99, m.Values, m.Goodput = false, false, "refused", nil, nil, nil, nil
		})}),
		"by points alone": New(header(slow()), capacity.Trace{Answer: knee, Trials: several()}),
		"pass or fail": New(header(hard), capacity.Trace{Answer: ofHard, Trials: all(several(), func(m *capacity.Made) {
			m.Goals, m.Values = []capacity.Count{{Bad: min(m.Goals[0].Bad/11, 1), Of: 1}}, []*float64{some(m.Value / 1250)}
		})}),
		"pass or fail, older": New(header(hard), capacity.Trace{Answer: ofHard, Trials: all(several(), func(m *capacity.Made) {
			m.Goals, m.Values, m.Goodput = []capacity.Count{{Bad: 0, Of: 1}}, nil, nil
		})}),
		"none bad": New(header(slow()), capacity.Trace{Answer: capacity.Answer{Verdict: capacity.AtLeast, Estimate: capacity.Estimate{Value: 1000, Low: 1000}}, Trials: all(several(), func(m *capacity.Made) { m.Goals[0].Bad = 0 })}),
		"huge": New(header(slow()), capacity.Trace{Answer: knee, Trials: all(several(), func(m *capacity.Made) {
			m.Value, m.Goodput, m.Values[0] = m.Value*1e297, some(math.MaxFloat64), some(1e300)
		})}),
		"large": New(header(slow()), capacity.Trace{Trials: all(several(), func(m *capacity.Made) {
			m.Value, m.Goodput = m.Value*1.23456e6, some(m.Value*1.23456e6)
		})}),
		"tiny": New(header(slow()), capacity.Trace{Trials: all(several(), func(m *capacity.Made) {
			m.Value, m.Goodput, m.Values[0] = m.Value*1e-300, some(5e-324), some(5e-324)
		})}),
		"no numbers": New(header(slow()), capacity.Trace{Answer: capacity.Answer{Verdict: capacity.Capacity, Estimate: capacity.Estimate{Value: nan, Low: nan, High: inf}}, Trials: all(several(), func(m *capacity.Made) {
			m.Goodput, m.Values[0] = &nan, &inf
		})}),
		"hostile": New(hostile, capacity.Trace{Trials: several()}),
		"lanes":   New(lanes, capacity.Trace{Answer: knee, Trials: several()}),
		"many":    New(many, capacity.Trace{Answer: knee, Trials: all(several(), three)}),
		"fitted":  fitted(),
	}
}

// fitted is the curve of a search of a target whose share of bad ones is exp(40·z) times
// the budget.
func fitted() *Curve {
	c := searched(header(slow()).Plan)
	if c.Fit == nil {
		panic(errors.New("the search has no fit"))
	}
	return c
}

// classified is that of the same target by MLRsearch.
func classified() *Curve {
	p := header(slow()).Plan
	p.Strategy, p.Terms = capacity.MLRsearch, capacity.Terms{Exceed: 0.5}
	p.Fit()
	c := searched(p)
	if len(c.Answer.Goals) == 0 {
		panic(errors.New("nothing was classified"))
	}
	return c
}

func searched(p capacity.Plan) *Curve {
	h := header(slow())
	h.Plan = p
	t, err := capacity.Follow(context.Background(), p, func(_ context.Context, t capacity.Trial) (capacity.Observation, error) {
		n := t.Value * t.Length.Seconds()
		share := min(1, 0.01*math.Exp(40*(t.Value/1000-1)))
		p99 := int64(20 * millisecond * math.Log(0.01) / math.Log(min(share, 0.9)))
		return capacity.Observation{Goals: []capacity.Count{{Bad: uint64(n * share), Of: uint64(n)}}, Took: t.Warmup + t.Length, Busy: 5, P99: &p99, Goodput: some(t.Value * (1 - share))}, nil
	})
	if err != nil {
		panic(err)
	}
	return New(h, t)
}
