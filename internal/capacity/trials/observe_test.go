package trials

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// TestWhoseFault: only a generator at its end is the generator's limit. What spoiled
// a trial otherwise is just invalid, and arrivals that find no room because many wait
// for the target are its backlog.
func TestWhoseFault(t *testing.T) {
	m := &Maker{goals: []goal{{Goal: capacity.Goal{Name: "failed", Budget: 0.01}, outcome: "failed"}}}
	for name, c := range map[string]struct {
		reasons                   []string
		unsent                    uint64
		inFlight                  int64
		limited, invalid, backlog bool
	}{
		"valid":              {nil, 0, 5, false, false, false},
		"clock":              {[]string{"clock or harness fault: 3 samples with instants out of order"}, 0, 5, false, true, false},
		"clock, and late":    {[]string{"clock or harness fault: 3 samples", "generator late: send delay p99 20ms"}, 0, 5, false, true, false},
		"nothing":            {[]string{"nothing offered: the window of 1s held no arrival"}, 0, 0, false, true, false},
		"throttled":          {[]string{"CPU quota: throttled for 100ms, 5 % of the window (limit 1 %)"}, 0, 5, false, true, false},
		"counts":             {[]string{"counts do not add up: 3 arrivals offered, 4 with an outcome"}, 0, 5, false, true, false},
		"clipped":            {[]string{"histogram clipped: 3 of 5 values of x beyond its range"}, 0, 5, false, true, false},
		"loop":               {[]string{"loop: broken"}, 0, 5, false, true, false},
		"late":               {[]string{"generator late: send delay p99 20ms (limit 10ms; nothing was ok)"}, 0, 5, true, false, false},
		"late, and paused":   {[]string{"generator late: 20ms of response.ok.p99, which is 30ms, are its own", "garbage collector paused 3 %"}, 0, 5, true, false, false},
		"starved":            {[]string{"generator starved: 5 of 50 scheduled arrivals sent"}, 0, 5, true, false, false},
		"no core":            {[]string{"no core for the generator: a thread of it waited 50 % of the window to run"}, 0, 5, true, false, false},
		"no ports":           {[]string{"the generator ran out of ports: 5 of 50 arrivals failed of it; want more"}, 0, 5, true, false, false},
		"unsent, few":        {[]string{"in-flight cap 4 reached: 50 of 1000 arrivals unsent (limit 1 %)", "CPU: this process used 99 %"}, 50, 4, true, false, false},
		"unsent, many":       {[]string{"in-flight cap 4096 reached: 50 of 1000 arrivals unsent (limit 1 %)", "CPU: this process used 99 %"}, 50, 4096, false, false, true},
		"unsent, many, late": {[]string{"generator late: send delay p99 20ms", "in-flight cap 4096 reached: 50 of 1000 arrivals unsent"}, 50, 4096, true, false, true},
		"overloaded":         {nil, 50, 4096, false, false, true},
	} {
		run := flat(c.inFlight)
		run.Outcomes["unsent"] = c.unsent
		if len(c.reasons) > 0 {
			run.Validity = results.Validity{Verdict: results.Invalid, Reasons: c.reasons}
		}
		o, err := m.observe(run)
		if err != nil || (o.Limited != "") != c.limited || (o.Invalid != "") != c.invalid || o.Backlog != c.backlog {
			t.Errorf("%s: %+v, %v; want limited %t, invalid %t, backlog %t", name, o, err, c.limited, c.invalid, c.backlog)
		}
	}
}

// flat is a run of 10 s with so many requests in flight all the time, and two
// seconds after it in which they are answered.
func flat(inFlight int64) *results.Run {
	run := &results.Run{Offered: 1000, OfferedPerS: 100, MeasuredNS: 10e9, Outcomes: map[string]uint64{}}
	for i := range int64(120) {
		iv := results.Interval{TNS: i * 1e8, WidthNS: 1e8, InFlight: inFlight}
		if iv.TNS >= run.MeasuredNS {
			iv.InFlight = 0
		}
		run.Intervals = append(run.Intervals, iv)
	}
	return run
}

// TestBacklogs grow by more than the precision, whatever comes after the window; long
// answers that stand still are none.
func TestBacklogs(t *testing.T) {
	for name, c := range map[string]struct {
		first, perSecond, precision float64
		want                        bool
	}{
		"2 % too much":                     {0, 200, 0, true},
		"0.5 % too much":                   {0, 50, 0, false},
		"0.5 % too much, to 0.2 % is told": {0, 50, 0.002, true},
		"coarse":                           {0, 200, 0.1, true},
		"long answers":                     {5000, 0, 0.002, false},
	} {
		run := flat(0)
		run.Offered, run.OfferedPerS = 100_000, 10_000
		for i := range 100 {
			run.Intervals[i].InFlight = int64(c.first + c.perSecond*float64(i)/10)
		}
		m := &Maker{Precision: c.precision}
		if _, got := flights(run, m.growth()); got != c.want {
			t.Errorf("%s: backlog %t; want %t", name, got, c.want)
		}
	}
}

// TestSecretsAreNotShown in files of trials, nor is anything else lost of what is sent.
func TestSecretsAreNotShown(t *testing.T) {
	for name, text := range map[string]string{
		"target": `
name: x
workload: {arrivals: {kind: poisson, rate: 10/s}}
thresholds: ["response.ok.p99 < 20ms"]
subjects:
  - target:
      kind: http
      url: "http://127.0.0.1:1/?token=hidden1&page=2"
      headers: {Authorization: "Bearer hidden2", Accept: text/html, X-Key: [hidden3, hidden4]}
`,
	} {
		doc, err := strictyaml.Parse("x", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(doc, "rate")
		if err != nil {
			t.Fatal(err)
		}
		shown := string(m.Shown())
		if !json.Valid([]byte(shown)) || strings.Contains(shown, "hidden") {
			t.Errorf("%s: %s; want JSON without secrets", name, shown)
		}
		for _, want := range []string{`"name":"x"`, "poisson", "page=2", "text/html", "redacted"} {
			if !strings.Contains(shown, want) {
				t.Errorf("%s: %s; want %s in it", name, shown, want)
			}
		}
	}
}

// TestBoundsOfResponses are known of every goal that has one.
func TestBoundsOfResponses(t *testing.T) {
	doc, err := strictyaml.Parse("x", []byte(`
name: x
workload: {arrivals: {kind: poisson, rate: 10/s}}
thresholds: ["response.ok.p99 < 20ms", "response.ok.max < 300ms", "outcomes.failed.share < 1%", "send_delay.ok.p99 < 2s"]
subjects: [{target: noop}]
`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(doc, "rate")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{20e6, 300e6, 0, 0} {
		if got := m.Goals()[i]; int64(got.Within) != want {
			t.Errorf("%s is within %v; want %d ns", got.Name, got.Within, want)
		}
	}
}

// TestObservedForCurves: the metric of every goal is kept, and one that was not measured
// is absent, as is a goodput that is not known; one of 0 is 0.
func TestObservedForCurves(t *testing.T) {
	var thresholds []results.Threshold
	for _, text := range []string{"response.ok.p99 < 20ms", "outcomes.failed.share < 1%", "throughput >= 5/s"} {
		one, err := results.ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		thresholds = append(thresholds, one)
	}
	all, err := goals(thresholds)
	if err != nil {
		t.Fatal(err)
	}
	none := 0.0
	for _, goodput := range []*float64{nil, &none} {
		run := flat(5)
		run.Outcomes["failed"], run.ThroughputPerS, run.GoodputPerS = 20, 98, goodput
		o, err := (&Maker{goals: all}).observe(run)
		if err != nil || len(o.Values) != 3 || o.Values[0] != nil || *o.Values[1] != 0.02 || *o.Values[2] != 98 || o.P99 != nil || o.P50 != nil || o.Goodput != goodput {
			t.Errorf("%+v, %v; want no response, 2 %% failed, 98/s and the goodput %v", o, err, goodput)
		}
	}
}
