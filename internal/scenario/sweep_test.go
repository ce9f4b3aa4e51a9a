package scenario_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

const sweepable = `name: s
duration: 1s
workload: {arrivals: {kind: constant, rate: 100/s}}
subjects:
  - limiter: {kind: gcra, rate: 10/s, burst: 5}
  - {name: own, limiter: {kind: fixed-window, rate: 10/s}}
  - target: noop
`

// swept builds all scenarios of a document and of --sweep flags.
func swept(t *testing.T, src string, flags ...string) ([]*scenario.Scenario, error) {
	t.Helper()
	doc, err := strictyaml.Parse("s.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	var axes []scenario.Axis
	for _, text := range flags {
		a, err := scenario.NewAxis("--sweep", text)
		if err != nil {
			return nil, err
		}
		axes = append(axes, a)
	}
	return scenario.All(doc, axes)
}

// TestSweepIsEveryCombination: the last path first, flags beside a matrix and in
// the place of its paths.
func TestSweepIsEveryCombination(t *testing.T) {
	for _, c := range []struct {
		src   string
		flags []string
		want  []string
	}{
		{sweepable, nil, []string{""}},
		{sweepable + "matrix:\n", nil, []string{""}},
		{
			sweepable + "matrix: {limiter.rate: [1/s, 2/s], seed: [7, 8]}\n", nil,
			[]string{
				`{"limiter.rate":"1/s","seed":"7"}`, `{"limiter.rate":"1/s","seed":"8"}`,
				`{"limiter.rate":"2/s","seed":"7"}`, `{"limiter.rate":"2/s","seed":"8"}`,
			},
		},
		{
			sweepable + "matrix: {limiter.rate: [1/s, 2/s], seed: [7, 8]}\n",
			[]string{"limiter.rate=3/s", "load.lanes=2"},
			[]string{`{"limiter.rate":"3/s","seed":"7","load.lanes":"2"}`, `{"limiter.rate":"3/s","seed":"8","load.lanes":"2"}`},
		},
		{
			sweepable,
			[]string{"workload.arrivals= {kind: burst, rate: 2k/s, on: 50ms, off: 450ms} , poisson:5/s"},
			[]string{`{"workload.arrivals":"burst rate 2k/s on 50ms off 450ms"}`, `{"workload.arrivals":"poisson:5/s"}`},
		},
		{
			sweepable + "params: {limiter.rate: 10/s, seed: 1}\n",
			[]string{"limiter.rate=1/s,2/s"},
			[]string{`{"limiter.rate":"1/s","seed":"1"}`, `{"limiter.rate":"2/s","seed":"1"}`},
		},
	} {
		all, err := swept(t, c.src, c.flags...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range all {
			got = append(got, string(s.Params))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q makes\n%q; want\n%q", c.flags, got, c.want)
		}
	}
}

// TestSweepReachesWhatItNames: and the document of each combination makes it again.
func TestSweepReachesWhatItNames(t *testing.T) {
	all, err := swept(t, sweepable, "limiter.rate=20/s,30/s", "subjects[0].limiter.burst=6", "workload.arrivals.rate=7/s", "load.lanes=2")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for i, s := range all {
		doc, err := strictyaml.Parse("again", s.Document())
		if err != nil {
			t.Fatal(err)
		}
		again, err := scenario.New(doc, false)
		if err != nil || string(again.Params) != string(s.Params) {
			t.Fatalf("the document makes %+v, %v; want the combination %s", again, err, s.Params)
		}
		for j, sub := range s.Subjects {
			if names[sub.Name] || again.Subjects[j].Name != sub.Name || s.Place(sub.Name) != j+1 {
				t.Errorf("subject %d is %q, and %q again; want a name of its own", j, sub.Name, again.Subjects[j].Name)
			}
			names[sub.Name] = true
		}
		rate := []string{`"rate":"20/s"`, `"rate":"30/s"`}[i]
		if gcra := string(s.Subjects[0].JSON()); !strings.Contains(gcra, rate) || !strings.Contains(gcra, `"burst":"6"`) {
			t.Errorf("the first subject is %s; want %s and a burst of 6", gcra, rate)
		}
		if window := string(s.Subjects[1].JSON()); !strings.Contains(window, rate) || strings.Contains(window, "burst") {
			t.Errorf("the second subject is %s; want %s and no burst", window, rate)
		}
		if s.Load.Lanes != 2 || !strings.Contains(string(s.WorkloadJSON()), `"rate":"7/s"`) {
			t.Errorf("%d lanes, %s; want 2, and 7/s", s.Load.Lanes, s.WorkloadJSON())
		}
	}
	if want := "own[limiter.rate=30/s,subjects[0].limiter.burst=6,workload.arrivals.rate=7/s,load.lanes=2]"; !names[want] {
		t.Errorf("names are %v; want %s among them", names, want)
	}
}

func TestSweepRefuses(t *testing.T) {
	values := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprint(i+1))
		}
		return strings.Join(all, ",")
	}
	for _, c := range []struct {
		matrix string
		flags  []string
		want   string
	}{
		// what is no list of values, or no path
		{"matrix: 5", nil, "s.yaml:8:9: matrix is no map of paths"},
		{"matrix: {}", nil, "s.yaml:8:9: matrix is no map of paths"},
		{"matrix: [seed]", nil, "s.yaml:8:9: matrix is no map of paths"},
		{"matrix: {seed: 5}", nil, "s.yaml:8:16: seed has no list of values"},
		{"matrix: {seed: []}", nil, "s.yaml:8:16: seed has no list of values"},
		{"matrix: {seed: {a: 5}}", nil, "s.yaml:8:16: seed has no list of values"},
		{"matrix: {seed: [1, '']}", nil, "s.yaml:8:20: a value of seed is empty"},
		{"", []string{"seed"}, `--sweep is "seed"; want path=value,value`},
		{"", []string{"=1"}, `--sweep is "=1"; want`},
		{"", []string{"seed="}, `--sweep is "seed="; want`},
		{"", []string{"seed=1,"}, "--sweep seed: a value of seed is empty"},
		{"", []string{"a..b=1"}, "--sweep a..b: path is \"a..b\"; want keys and indices"},
		// what does not exist, or has another kind
		{"matrix: {limiter.rat: [5/s, 6/s]}", nil, `s.yaml:8:24: key "rat" is unknown; want one of rate, kind, burst`},
		{"matrix: {sed: [5]}", nil, `s.yaml:8:16: key "sed" is unknown`},
		{"matrix: {limiter.rate: [abc, 5/s], seed: [1, 2]}", nil, `s.yaml:8:25: rate is "abc"; want a rate`},
		{"", []string{"load.lanes=two"}, `--sweep load.lanes: lanes is two; want 1 to 1024`},
		{"", []string{"subjects[7].limiter.rate=5/s"}, "--sweep subjects[7].limiter.rate: subjects[7] is beyond the end; want an index below 3"},
		{"", []string{"subjects[2].target.kind=a"}, `subjects[2].target is "noop"; want a map`},
		{"", []string{"workload.arrivals={kind: burst"}, "--sweep workload.arrivals"},
		// what is there twice
		{"matrix: {seed: [1, 2, 1]}", nil, "s.yaml:8:23: seed is 1 twice"},
		{"matrix: {seed: [1], seed: [2]}", nil, "path seed is swept twice"},
		{"", []string{"seed=1", "seed=2"}, "path seed is swept twice"},
		{"", []string{"limiter.rate=1/s,2/s", "subjects[1].limiter.rate=3/s"}, "subjects[1].limiter.rate is swept beside limiter.rate"},
		{"", []string{"workload.arrivals.rate=1/s", "workload.arrivals=poisson:5/s"}, "workload.arrivals is swept beside workload.arrivals.rate"},
		{"", []string{"duration=1s,1000ms"}, `{"duration":"1000ms"} is the same as {"duration":"1s"}`},
		// what changes nothing, or is no value of one run
		{"", []string{"name=a,b"}, "path is name, which changes no run"},
		{"", []string{"thresholds[0]=goodput > 1"}, "which changes no run"},
		{"", []string{"matrix.seed=1"}, "which changes no run"},
		{"", []string{"subjects[0].name=a,b"}, "is the same as"},
		// what is too much
		{"matrix: {seed: [" + values(167) + "]}", []string{"load.max_in_flight=10,20"}, "the sweep has 1002 trials, of 334 combinations"},
		{"", []string{"seed=" + values(26), "repeats=5,8"}, "the sweep has 1014 trials, of 52 combinations"},
		{"", []string{"seed=" + values(1001)}, "the sweep has 1001 combinations; want 1000 trials at most"},
		{"", []string{"seed=" + values(900), "load.clients=" + values(900), "load.lanes=" + values(900), "repeats=" + values(900)}, "more than 2,000,000,000 combinations"},
		// what would write down secrets
		{"", []string{"subjects[2]={target: {kind: http, url: 'http://127.0.0.1:1/?token=abc'}}"}, "may be a secret"},
		{"", []string{"subjects[2].target.headers.Authorization=Bearer abc"}, "may be a secret"},
		{"", []string{"subjects[2].target=http:http://127.0.0.1:1/?token=abc"}, "may be a secret"},
	} {
		_, err := swept(t, sweepable+c.matrix, c.flags...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.99q: error is\n%v; want one with\n%s", c.matrix, c.flags, err, c.want)
		} else if strings.Count(err.Error(), c.want) > 1 {
			t.Errorf("%s %q: the error says so more than once:\n%v", c.matrix, c.flags, err)
		}
	}
}

// TestSweepMayBeAsLarge: 1,000 trials are not too many, and places of secrets are none.
func TestSweepMayBeAsLarge(t *testing.T) {
	t.Setenv("A", "abc")
	var seeds []string
	for i := range 333 {
		seeds = append(seeds, fmt.Sprint(i))
	}
	if all, err := swept(t, sweepable, "seed="+strings.Join(seeds, ",")); err != nil || len(all) != 333 {
		t.Errorf("%d scenarios, %v; want 333", len(all), err)
	}
	all, err := swept(t, sweepable, "subjects[2].target={kind: http, url: 'http://127.0.0.1:1/?token=${A}'},{kind: http, url: 'http://127.0.0.1:2/'}")
	if err != nil || len(all) != 2 {
		t.Errorf("%d scenarios, %v; want 2", len(all), err)
	}
}

// TestSetPins: a value that is set takes its path out of the matrix, and is refused
// where the matrix would change it all the same.
func TestSetPins(t *testing.T) {
	for _, c := range []struct{ path, value, matrix, problem string }{
		{"seed", "9", `{"limiter.rate":["1/s","2/s"]}`, ""},
		{"workload.arrivals.rate", "9/s", `{"limiter.rate":["1/s","2/s"],"seed":[1,2]}`, ""},
		{"subjects[0].limiter", "gcra:1/s:2", `{"limiter.rate":["1/s","2/s"],"seed":[1,2]}`, ""},
		{"limiter.rate", "5/s", `{"seed":[1,2]}`, ""},
		{"subjects[0].limiter.rate", "9/s", "", "subjects[0].limiter.rate is set, and the matrix sweeps limiter.rate"},
	} {
		doc, err := strictyaml.Parse("s.yaml", []byte(sweepable+"matrix: {limiter.rate: [1/s, 2/s], seed: [1, 2]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		err = scenario.Set(doc, c.path, strictyaml.NewScalar("--set", c.value))
		switch {
		case c.problem != "":
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("set %s: error is %v; want %s", c.path, err, c.problem)
			}
		case err != nil || string(doc.Get("matrix").ToJSON()) != c.matrix:
			t.Errorf("set %s: %v, matrix %s; want %s", c.path, err, doc.Get("matrix").ToJSON(), c.matrix)
		}
	}
	doc, _ := strictyaml.Parse("s.yaml", []byte("workload: {}\n"))
	if err := scenario.Set(doc, "limiter.rate", strictyaml.NewScalar("--set limiter.rate", "5/s")); err == nil || !strings.Contains(err.Error(), "--set limiter.rate: limiter.rate leads into every limiter, and no subject is one; want a subject with a limiter") {
		t.Errorf("error is %v; want one about subjects", err)
	}
}

// TestOneIsWanted: where only one scenario makes sense a matrix is refused, not ignored.
func TestOneIsWanted(t *testing.T) {
	doc, err := strictyaml.Parse("s.yaml", []byte(sweepable+"matrix: {seed: [1, 2]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scenario.New(doc, true); err == nil || !strings.Contains(err.Error(), "s.yaml:8:9: matrix makes several scenarios") {
		t.Errorf("error is %v; want one about the matrix", err)
	}
}
