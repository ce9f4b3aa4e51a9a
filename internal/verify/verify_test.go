package verify

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
	"github.com/fcbench/fcbench/results/report"
)

// TestMain makes the test the programs that it examines as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "act" {
		os.Exit(act(os.Args[2]))
	}
	if args, called := bubble.Called(); called {
		bubble.Main(func(in io.Reader, out io.Writer) int {
			if !slices.Equal(args, []string{BubbleCheck}) {
				return 2
			}
			return InBubble(in, out)
		})
	}
	os.Exit(m.Run())
}

var tenPerSecond = []limiters.Limit{{Rate: 10, Period: time.Second, Burst: 5}}

func run(t *testing.T, p *Plan) *Report {
	t.Helper()
	r, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRun examines one that is right, one that is wrong, and one in a bubble.
func TestRun(t *testing.T) {
	r := run(t, &Plan{Kinds: []string{"gcra", "naive-lazy-bucket", "failsafe-smooth"}, Limits: tenPerSecond, Seed: 1})
	right, wrong, bubbled := r.Limiters[0], r.Limiters[1], r.Limiters[2]
	if got := right.Failures(); len(got) > 0 || right.Time != "virtual" || right.Specimen {
		t.Errorf("gcra: time %q, %+v", right.Time, got)
	}
	for _, c := range []conformance.Category{conformance.KnownAnswers, conformance.Oracle} {
		if got := wrong.Category(c); got != conformance.Fail {
			t.Errorf("naive-lazy-bucket, %s: %s; want fail", c, got)
		}
	}
	if !wrong.Specimen {
		t.Error("naive-lazy-bucket is no specimen")
	}
	if bubbled.Time != "bubble" || bubbled.Version == "" || bubbled.Category(conformance.Properties) != conformance.Fail {
		t.Errorf("failsafe-smooth: time %q, version %q, properties %s", bubbled.Time, bubbled.Version, bubbled.Category(conformance.Properties))
	}
	if got := r.Failed(); got != 2 {
		t.Errorf("%d failed; want 2", got)
	}
	checkForms(t, r)
}

// junitFile is what a reader makes of JUnit.
type junitFile struct {
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Suites   []struct{} `xml:"testsuite"`
}

// checkForms reads back what a report is written as.
func checkForms(t *testing.T, r *Report) {
	t.Helper()
	var text, asJSON, asXML bytes.Buffer
	for _, err := range []error{r.WriteText(&text), r.WriteJSON(&asJSON), r.WriteJUnit(&asXML)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var back Report
	if err := json.Unmarshal(asJSON.Bytes(), &back); err != nil || !reflect.DeepEqual(&back, r) {
		t.Errorf("JSON reads back as something else (%v)", err)
	}
	var suites junitFile
	if err := xml.Unmarshal(asXML.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if len(suites.Suites) != len(r.Limiters) || suites.Failures == 0 || suites.Tests != len(r.Limiters)*len(r.Limiters[0].Findings) {
		t.Errorf("JUnit has %d suites, %d tests, %d failures", len(suites.Suites), suites.Tests, suites.Failures)
	}
	for _, want := range []string{"naive-lazy-bucket breaks false-denials", "10/s, burst 5, held to token-bucket", "step  call   now", "✗"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("text lacks %q:\n%s", want, text.String())
		}
	}
}

func TestMatrixAlignsRunes(t *testing.T) {
	r := &Report{Limiters: []Limiter{
		{Kind: "a", Findings: []conformance.Finding{{Category: conformance.Oracle, Status: conformance.Pass}}},
		{Kind: "länger", Version: "v1", Findings: []conformance.Finding{{Category: conformance.Oracle, Status: conformance.Fail}}},
	}}
	var b strings.Builder
	if err := r.matrix(&b, report.Options{Width: unbounded}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	column := func(line, of string) int { return utf8.RuneCountInString(line[:strings.Index(line, of)]) }
	want := column(lines[0], string(conformance.Oracle))
	if column(lines[2], "✓") != want || column(lines[3], "✗") != want {
		t.Errorf("marks are not below their head:\n%s", b.String())
	}
}

// TestMatrixFits: at every width no line is wider, and no mark is lost.
func TestMatrixFits(t *testing.T) {
	finding := func(c conformance.Category, s conformance.Status) conformance.Finding {
		return conformance.Finding{Category: c, Status: s, Rule: "bound", Law: "no window holds more than the algorithm lets through, wherever it begins and however long it is"}
	}
	r := &Report{Partial: true}
	for _, kind := range []string{"gcra", "redis-sliding-window-log-zset", "throttled:20/s:1:500"} {
		l := Limiter{Kind: kind, Version: "v10.5.0", Algorithm: "sliding-window-counter", Time: "virtual"}
		for _, c := range conformance.Categories() {
			l.Findings = append(l.Findings, finding(c, conformance.Pass), finding(c, conformance.Fail))
		}
		l.Findings[0].Status, l.Findings[1].Status, l.Findings[1].Unexamined = conformance.Pass, conformance.NotApplicable, true
		l.Findings[1].Reason = "the server of the run cannot be told what time it is"
		r.Limiters = append(r.Limiters, l)
	}
	for _, width := range []int{80, 100, 120, 200} {
		var b strings.Builder
		if err := r.WriteWithin(&b, report.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(line) - 1; n > width {
				t.Errorf("line is %d columns wide; want at most %d: %s", n, width, line)
			}
		}
		matrix, _, _ := strings.Cut(b.String(), "✓ every")
		if n := strings.Count(matrix, "✗"); n != 3*(len(conformance.Categories())-1) {
			t.Errorf("in %d columns the matrix has %d marks of what is broken; want all:\n%s", width, n, b.String())
		}
	}
}

func TestReferenceIsWhatIsOurs(t *testing.T) {
	kinds, err := Select([]string{Reference}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	var env builtin.Env
	for _, name := range builtin.Local(env).Names() {
		if !slices.Contains(kinds, name) {
			t.Errorf("%s is no reference", name)
		}
	}
	for _, name := range slices.Concat(builtin.Libraries(env).Names(), builtin.Specimens(env).Names()) {
		if slices.Contains(kinds, name) {
			t.Errorf("%s is a reference", name)
		}
	}
	if !slices.Contains(kinds, "redis-gcra") || !NeedsRedis(kinds) || NeedsRedis([]string{"gcra"}) {
		t.Errorf("%v; want those on Redis, and it known that they need one", kinds)
	}
}

func TestSelect(t *testing.T) {
	for want, names := range map[string][]string{
		`limiter kind "gcar" is unknown; want one of gcra`: {"gcar"},
		"no limiter is named":                              nil,
		"limiter gcra:x: arguments: rate":                  {"gcra:x"},
		"limiter exec: ":                                   {"exec"},
		"limiter gcra:0/s:0: rate is 0/s; want more than 0\nburst is 0; want at least 1": {"gcra:0/s:0"},
		"limiter gcra:2000000000/s: rate is 2G/s; want at most 1/ns":                     {"gcra:2000000000/s"},
		"limiter ulule::1m: rate is not given":                                           {"ulule::1m"},
	} {
		if _, err := Select(names, false, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", names, err, want)
		}
	}
	all, err := Select(nil, true, nil)
	for _, name := range append(builtin.Limiters(builtin.Env{}).Names(), "instances:::4:split:5ms", "instances:::4:leased:5ms:10") {
		if err != nil || !slices.Contains(all, name) {
			t.Errorf("all are %q (%v); want %s among them", all, err, name)
		}
	}
	if got, err := Select([]string{"gcra", "gcra"}, false, nil); err != nil || len(got) != 1 {
		t.Errorf("%v, %v; want each once", got, err)
	}
}

// startRedis starts a real server that lives as long as the test.
func startRedis(t *testing.T) *redisproc.Server {
	t.Helper()
	server, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if server.Simulated() {
		t.Fatal("redis-server is not on PATH; install it with `apt-get install redis-server` or `make deps`")
	}
	return server
}

// TestOnRedis examines scripts with injected time, and on the server's clock.
func TestOnRedis(t *testing.T) {
	r := run(t, &Plan{Kinds: []string{"redis-gcra", "redis-composite"}, Limits: tenPerSecond, traffic: time.Second / 2, Redis: startRedis(t), Prefix: "fcbench:test"})
	for _, l := range r.Limiters {
		for _, f := range l.Failures() {
			t.Errorf("%s, %s: %s\n%s", l.Kind, f.Rule, f.Message, f.History())
		}
	}
	if got := r.Limiters[0].Category(conformance.Expiry); got != conformance.Pass {
		t.Errorf("ttl: %s; want pass", got)
	}
}

// TestSubjectsOfOneKindShareNoKeys: each closes its limiters, and sweeps their keys,
// while the others are still at work.
func TestSubjectsOfOneKindShareNoKeys(t *testing.T) {
	p := &Plan{Prefix: "fcbench:test", Redis: startRedis(t), Limits: tenPerSecond}
	for _, name := range []string{"redis-token-bucket", "redis-token-bucket:20/s:30", "redis-rate", "redis-rate:20/s"} {
		k, err := p.kind(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			l, err := k.build(k.limits[0])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.Allow(t.Context(), 0, "key", 1); err != nil {
				t.Fatal(err)
			}
			defer l.(limiters.Closer).Close(t.Context())
		}
	}
	client := p.Redis.Client(redisproc.ClientOptions{})
	defer client.Close()
	if keys, err := client.Keys(t.Context(), "*").Result(); err != nil || len(keys) != 8 {
		t.Errorf("keys are %q (%v); want 8, one for each limiter", keys, err)
	}
}

// TestWithoutRedisIsNoPass: what cannot be reached is not right by default.
func TestWithoutRedisIsNoPass(t *testing.T) {
	server, err := redisproc.Start(t.Context(), redisproc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	p := &Plan{Kinds: []string{"redis-gcra", "exec:/nonexistent/limiter"}, Limits: tenPerSecond, Redis: server, Prefix: "fcbench:test"}
	r, err := p.Run(t.Context())
	for _, want := range []string{"redis-gcra could not be examined: redis did not answer: redis-gcra: SCRIPT LOAD", "exec:/nonexistent/limiter could not be examined", "no such file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q", err, want)
		}
	}
	var text, asXML strings.Builder
	if err := errors.Join(r.WriteText(&text), r.WriteJUnit(&asXML)); err != nil {
		t.Fatal(err)
	}
	if r.Failed() != 0 || r.Partial || strings.Contains(text.String(), "✓  ") || strings.Contains(text.String(), "breaks") ||
		!strings.Contains(text.String(), "could not be examined") || strings.Count(asXML.String(), "<error") != 2 {
		t.Errorf("what could not be examined looks like something else:\n%s%s", text.String(), asXML.String())
	}
}

// TestModesAreWhatTheySay: each mode that is examined is of what it is named after.
func TestModesAreWhatTheySay(t *testing.T) {
	for name, want := range map[string]struct {
		state       string
		approximate bool
	}{
		"instances":                   {"4 instances, central", false},
		"instances:::4:central:5ms":   {"4 instances, central", true},
		"instances:::4:split:5ms":     {"4 instances, split", true},
		"instances:::4:leased:5ms:10": {"4 instances, leased", true},
		"switchable":                  {"", true},
	} {
		k, err := (&Plan{Limits: defaultLimits()}).kind(name)
		if err != nil || !strings.HasPrefix(k.info.State, want.state) || k.info.Approximate != want.approximate {
			t.Errorf("%s: %+v (%v); want %+v", name, k.info, err, want)
		}
	}
}

// TestSwitchableSwitches while schedules are under way: its limiters in the order of time.
func TestSwitchableSwitches(t *testing.T) {
	k, err := (&Plan{Limits: tenPerSecond}).kind("switchable")
	if err != nil {
		t.Fatal(err)
	}
	l, err := k.build(tenPerSecond[0])
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for now := time.Duration(0); now < 10*time.Second; now += 50 * time.Millisecond {
		if _, err := l.Allow(t.Context(), now, "key", 1); err != nil {
			t.Fatal(err)
		}
		if state := l.(limiters.Described).Info().State; len(states) == 0 || states[len(states)-1] != state {
			states = append(states, state)
		}
	}
	if len(states) != 4 {
		t.Errorf("it was %q; want four limiters in turn", states)
	}
}

// TestProgress is told of every examination, when it begins and when it has ended.
func TestProgress(t *testing.T) {
	var lines []string
	p := &Plan{Kinds: []string{"concurrency", "naive-lazy-bucket"}, Limits: tenPerSecond}
	p.Progress = func(at Progress) { lines = append(lines, fmt.Sprint(at)) }
	run(t, p)
	if len(lines) != 4 || lines[3] != "{2 2 []}" || !strings.HasPrefix(lines[0], "{0 2 [") {
		t.Errorf("progress was %q; want two that begin and two that end", lines)
	}
}

// TestSeverity: the worst comes first, and each has one.
func TestSeverity(t *testing.T) {
	r := run(t, &Plan{Kinds: []string{"naive-lazy-bucket"}, Limits: tenPerSecond, Seed: 1})
	order := []conformance.Severity{conformance.High, conformance.Medium, conformance.Low}
	last, of := 0, map[string]conformance.Severity{}
	for _, f := range r.Limiters[0].Failures() {
		at := slices.Index(order, f.Severity)
		if at < last {
			t.Errorf("%s is %q, after what is less severe", f.Rule, f.Severity)
		}
		last, of[f.Rule] = at, f.Severity
	}
	if of["bound"] != conformance.High || of["KA7"] != conformance.Medium || of["reset-after"] != conformance.Low {
		t.Errorf("severities are %v; want too much high, too little medium, and what is said low", of)
	}
}
