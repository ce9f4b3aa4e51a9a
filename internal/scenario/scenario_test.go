package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

func parse(t *testing.T, src string) (*Scenario, error) {
	t.Helper()
	doc, err := strictyaml.Parse("s.yaml", []byte(src))
	if err != nil {
		return nil, err
	}
	return New(doc, false)
}

const good = `name: burst-limiters
seed: 42
workload:
  arrivals: {kind: burst, base: 1k/s, peak: 20k/s, on: 50ms, off: 450ms}
  keys: {kind: zipf, n: 10000, exponent: 1.1}
  cost: uniform:1:3
subjects:
  - limiter: {kind: gcra, rate: 100/s, burst: 20}
  - limiter: {kind: gcra, rate: 200/s, burst: 20}
  - name: windows
    limiter: {kind: fixed-window, rate: 100/s}
  - target: noop
load: {model: open, max_in_flight: 128}
duration: 10s
warmup: 1s
repeats: 3
slo: 5ms
thresholds: ["response.ok.p99 < 5ms", "accuracy.burst_excess <= 0"]
`

func TestGoodScenario(t *testing.T) {
	s, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, sub := range s.Subjects {
		names = append(names, sub.Name+"/"+sub.Kind+"/"+sub.Scope)
	}
	if got, want := strings.Join(names, " "), "gcra/gcra/local gcra#2/gcra/local windows/fixed-window/local noop/noop/local"; got != want {
		t.Errorf("subjects are %s; want %s", got, want)
	}
	if s.Horizon() != 11*time.Second || s.Repeats != 3 || s.SLO != 5*time.Millisecond || len(s.Thresholds) != 2 || s.Load.MaxInFlight != 128 {
		t.Errorf("scenario is %+v", s)
	}
	if got := string(s.Subjects[0].JSON()); got != `{"kind":"gcra","scope":"local","rate":"100/s","burst":"20"}` {
		t.Errorf("subject is %s", got)
	}
}

// TestWrittenScenarioReadsBack: what a result file keeps makes the same scenario again.
func TestWrittenScenarioReadsBack(t *testing.T) {
	s, err := parse(t, good)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parse(t, `{"name":"burst-limiters","seed":42,"workload":`+string(s.WorkloadJSON())+`,"load":`+text(t, s.LoadInfo())+
		`,"subjects":[{"limiter":{"kind":"gcra","rate":"100/s","burst":"20"}}],`+text(t, s.ProtocolInfo(s.Subjects[0]))[1:])
	if err != nil {
		t.Fatal(err)
	}
	if string(again.WorkloadJSON()) != string(s.WorkloadJSON()) || text(t, again.ProtocolInfo(again.Subjects[0])) != text(t, s.ProtocolInfo(s.Subjects[0])) || again.Horizon() != s.Horizon() {
		t.Errorf("read back as\n%s\n%s; want\n%s\n%s", again.WorkloadJSON(), text(t, again.ProtocolInfo(again.Subjects[0])), s.WorkloadJSON(), text(t, s.ProtocolInfo(s.Subjects[0])))
	}
}

// TestEveryProblemAtOnce: each has its place and says what would be right.
func TestEveryProblemAtOnce(t *testing.T) {
	_, err := parse(t, `name: bad
sed: 1
workload:
  arrivals: {kind: brust, rate: 5/s}
  keys: {kind: zipf, n: 0, exponent: -1}
subjects:
  - limiter: {kind: gcra, rate: 0/s, burst: 0}
  - limiter: {kind: gcra, rate: 1/s, brust: 2}
  - {}
  - target: {kind: http, url: nowhere}
load: {model: half, max_in_flight: 0, think: 1s}
duration: 10
repeats: 0
timeout: 0s
thresholds: ["p99 < 5ms"]
`)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`s.yaml:2:1: key "sed" is unknown`,
		`s.yaml:4:13: arrivals kind "brust" is unknown; want one of burst`,
		`s.yaml:5:9: `,
		`s.yaml:7:14: rate is 0/s; want more than 0`,
		`s.yaml:7:14: burst is 0; want at least 1`,
		`s.yaml:8:38: key "brust" is unknown`,
		`s.yaml:9:5: subject names no subject`,
		`s.yaml:10:13: url is "nowhere"`,
		`s.yaml:11:15: load model is "half"; want open or closed`,
		`s.yaml:11:36: max_in_flight is 0; want 1 to`,
		`s.yaml:12:11: duration is "10"; want a unit`,
		`s.yaml:13:10: repeats is 0; want 1 to`,
		`s.yaml:14:10: timeout is 0s; want more than 0s`,
		`s.yaml:15:14: `,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("problems do not name %s", want)
		}
	}
	if t.Failed() {
		t.Logf("problems are\n%v", err)
	}
}

// TestOneProblemHidesNoOther: not even an unknown kind what only the whole
// workload can tell.
func TestOneProblemHidesNoOther(t *testing.T) {
	_, err := parse(t, `name: bad
workload:
  streams:
    - {name: a, arrivals: {kind: brust}, kys: uniform, keys: {kind: zipf, ex: 1}, cost: constant:0}
    - {name: a, arrivals: constant:1/s, size: constant:3GB, cost: uniform:0:3}
duration: 0s
count: 0
subjects: [{target: noop}]
`)
	wantProblems(t, err,
		`s.yaml:4:27: arrivals kind "brust" is unknown`,
		`s.yaml:4:42: key "kys" is unknown`,
		`s.yaml:4:75: key "ex" is unknown`,
		`s.yaml:4:89: cost is from 0 to 0; want at least 1`,
		`s.yaml:5:14: stream name "a" is taken; want one of its own`,
		`s.yaml:5:47: size is from 3000000000 to 3000000000; want 0B to 2147483647B`,
		`s.yaml:5:67: cost is from 0 to 3; want at least 1`,
		`s.yaml:6:11: duration is 0s; want more than 0s, or leave it out`,
		`s.yaml:7:8: count is 0; want more than 0, or leave it out`,
	)
	if strings.Contains(err.Error(), "stream 0") {
		t.Errorf("problems are\n%v\nwant streams by their names", err)
	}
	_, err = parse(t, "name: bad\nworkload: {arrivals: 'constant:1/s'}\nduration: 10\ncount: -1\nsubjects: [{target: noop}]\n")
	wantProblems(t, err, `duration is "10"; want a unit`, `count`)
	if got := strings.Count(err.Error(), "\n"); got != 1 {
		t.Errorf("problems are\n%v\nwant one for each of the two", err)
	}
}

func TestClosedLoopNeedsNoArrivals(t *testing.T) {
	s, err := parse(t, "name: c\nload: {model: closed, clients: 4, think: 1ms}\nsubjects: [{target: noop}]\nduration: 1s\n")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Load.Closed || s.Load.Clients != 4 || s.Load.Think != time.Millisecond {
		t.Errorf("load is %+v", s.Load)
	}
	if _, err := parse(t, "name: c\nload: {clients: 4}\nworkload: {arrivals: 'constant:1/s'}\nsubjects: [{target: noop}]\n"); err == nil {
		t.Error("clients in an open loop must be refused")
	}
}

func TestStreams(t *testing.T) {
	s, err := parse(t, `name: neighbours
workload:
  streams:
    - {name: quiet, arrivals: 'constant:10/s', keys: 'uniform:10', prefix: q}
    - {name: noisy, arrivals: 'poisson:1k/s', keys: 'uniform:2', prefix: n}
subjects: [{target: noop}]
duration: 1s
`)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Workload.Classes(), " "); got != "quiet noisy" {
		t.Errorf("classes are %s", got)
	}
	if got := s.Workload.KeyCount(); got != 12 {
		t.Errorf("keys are %d; want 12", got)
	}
}

// TestLengthOfTraceIsTheWindow: a replay lasts as long as its recording, the time
// that its last stamp stands for included.
func TestLengthOfTraceIsTheWindow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(file, []byte("t,key,cost\n0,a,1\n2.5,b,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := parse(t, "name: t\nworkload: {arrivals: {kind: trace, file: '"+file+"'}}\nsubjects: [{target: noop}]\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := 2600 * time.Millisecond; s.Window != want {
		t.Errorf("window is %v; want %v", s.Window, want)
	}
}

func FuzzScenario(f *testing.F) {
	f.Add(good)
	f.Add("name: x\nworkload: {arrivals: 'stages:1s@5'}\nsubjects: [{limiter: {kind: gcra, rate: 1/d}}]\n")
	f.Add("load: {model: closed, clients: 2}\nsubjects: [{target: 'delay:1ms:1:2'}]")
	f.Fuzz(func(t *testing.T, src string) {
		if strings.Contains(src, "trace") || len(src) > 1<<12 {
			t.Skip("reads files")
		}
		s, err := parse(t, src)
		if (s == nil) == (err == nil) {
			t.Fatalf("scenario %v with error %v", s, err)
		}
	})
}

func TestThresholdOnUnknownClass(t *testing.T) {
	_, err := parse(t, "name: c\nworkload: {arrivals: 'constant:1/s'}\nsubjects: [{target: noop}]\nthresholds: ['classes.zz.outcomes.ok > 1']\n")
	if err == nil || !strings.Contains(err.Error(), `s.yaml:4:14: threshold "classes.zz.outcomes.ok > 1" names class "zz"`) {
		t.Errorf("error is %v; want it to name the class and its place", err)
	}
}

// TestRetry: callers who were refused may ask again, within reason.
func TestRetry(t *testing.T) {
	const head = "name: r\nworkload: {arrivals: 'constant:1/s'}\nsubjects: [{target: noop}]\n"
	s, err := parse(t, head+"load: {retry: {attempts: 3, wait: 20ms, jitter: 0.5}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Load.Retry; r.Attempts != 3 || r.Wait != 20*time.Millisecond || r.Jitter != 0.5 {
		t.Errorf("retry is %+v; want 3 attempts, 20ms apart, jitter 0.5", r)
	}
	if got := text(t, s.LoadInfo()); !strings.Contains(got, `"retry":{"attempts":3,"wait":"20ms","jitter":0.5}`) {
		t.Errorf("load is written down as %s", got)
	}
	_, err = parse(t, head+"load: {retry: {attempts: 1, jitter: -1}}\n")
	wantProblems(t, err,
		`s.yaml:4:26: attempts is 1; want 2 to 1000, the first included, or no retry`,
		`s.yaml:4:37: jitter is -1; want 0 to 10, a share of the wait`,
	)
	if _, err := parse(t, head+"load: {retry: {wait: 0}}\n"); err == nil {
		t.Error("retry without attempts is accepted")
	}
}
