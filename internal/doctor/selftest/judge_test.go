package selftest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/results"
)

func verdict(v results.Verdict, reasons ...string) results.Validity {
	return results.Validity{Verdict: v, Reasons: reasons}
}

func TestJudge(t *testing.T) {
	us, ms := time.Microsecond, time.Millisecond
	late := want{atLeast: results.Suspect, reasons: []string{"generator late", "no core"}}
	grave := want{atLeast: results.Invalid, reasons: []string{"generator late"}}
	median, tail := grave, grave
	median.orTrue, tail.orTrue = medianTrue, tailTrue
	alike := late
	alike.orTrue = watched
	alone := want{atLeast: results.Suspect, reasons: []string{"target overloaded"}, alone: true}
	undisturbed := figures{p50: 100 * us, p99: ms}
	for _, tt := range []struct {
		name string
		want want
		v    results.Validity
		was  figures
		out  finding
	}{
		{"valid", late, verdict(results.Valid), undisturbed, finding{}},
		{"suspect, as wanted", late, verdict(results.Suspect, "generator late: x"), undisturbed, finding{convicted: true, right: true, reason: "generator late: x"}},
		{"graver than wanted", late, verdict(results.Invalid, "no core for it"), undisturbed, finding{convicted: true, right: true, reason: "no core for it"}},
		{"not grave enough", grave, verdict(results.Suspect, "generator late"), undisturbed, finding{convicted: true, reason: "generator late"}},
		{"for another reason", late, verdict(results.Invalid, "loop: EOF"), undisturbed, finding{convicted: true, reason: "loop: EOF"}},
		{"the right reason is not the first", late, verdict(results.Invalid, "loop: EOF", "generator late"), undisturbed, finding{convicted: true, right: true, reason: "generator late"}},
		{"a reason that has it within", late, verdict(results.Suspect, "the generator late"), undisturbed, finding{convicted: true, reason: "the generator late"}},
		{"alone", alone, verdict(results.Suspect, "target overloaded: 8"), undisturbed, finding{convicted: true, right: true, reason: "target overloaded: 8"}},
		{"not alone", alone, verdict(results.Suspect, "target overloaded: 8", "CPU steal"), undisturbed, finding{convicted: true, reason: "target overloaded: 8"}},
		{"alone and too grave", alone, verdict(results.Invalid, "target overloaded: 8"), undisturbed, finding{convicted: true, reason: "target overloaded: 8"}},
		{"true", median, verdict(results.Valid), figures{p50: 120 * us, p99: 9 * ms}, finding{isTrue: true}},
		{"faster and true", median, verdict(results.Valid), figures{p50: 50 * us, p99: ms}, finding{isTrue: true}},
		{"untrue", median, verdict(results.Valid), figures{p50: 121 * us, p99: ms}, finding{}},
		{"the tail is true", tail, verdict(results.Valid), figures{p50: 100 * us, p99: 3 * ms}, finding{isTrue: true}},
		{"the tail is untrue", tail, verdict(results.Valid), figures{p50: 100 * us, p99: 3*ms + us}, finding{}},
		{"truth is not asked for", grave, verdict(results.Valid), undisturbed, finding{}},
		{"true, as was seen on its way", alike, verdict(results.Valid), figures{p50: 240 * us, p99: 9 * ms, undelayed: 200 * us}, finding{isTrue: true}},
		{"untrue, as was seen on its way", alike, verdict(results.Valid), figures{p50: 100 * us, p99: ms, undelayed: 80 * us}, finding{}},
		{"nobody saw it on its way", alike, verdict(results.Valid), undisturbed, finding{}},
		{"nothing was ok", median, verdict(results.Valid), figures{}, finding{}},
	} {
		if got := tt.want.judge(tt.v, tt.was, undisturbed); got != tt.out {
			t.Errorf("%s: %+v; want %+v", tt.name, got, tt.out)
		}
	}
	if got := median.judge(verdict(results.Valid), undisturbed, figures{}); got.isTrue {
		t.Error("a run is true although nobody knows what is true")
	}
}

func TestRows(t *testing.T) {
	for _, tt := range []struct {
		row  Row
		want bool
	}{
		{Row{Runs: 20, Right: 19}, true},
		{Row{Runs: 20, Right: 18}, false},
		{Row{Runs: 20, Right: 12, True: 7}, true},
		{Row{Runs: 20, Convicted: 20, Right: 18}, false},
		{Row{Runs: 19, Right: 19}, false},
		{Row{Runs: 20, Right: 20, Failed: 1}, false},
		{Row{Impossible: "no"}, true},
		{Row{Runs: 20, Convicted: 1, Quiet: true}, true},
		{Row{Runs: 20, Convicted: 2, Quiet: true}, false},
		{Row{Runs: 19, Quiet: true}, false},
	} {
		if got := tt.row.keeps(20, false); got != tt.want {
			t.Errorf("%+v is kept: %v; want %v", tt.row, got, tt.want)
		}
	}
	for right, want := range map[int]bool{20: true, 19: false} {
		if r := (Row{Runs: 20, Right: right - 1, True: 1}); r.keeps(20, true) != want {
			t.Errorf("%d of 20 are always: %v; want %v", right, !want, want)
		}
	}
	for runs, least := range map[int]int{1: 1, 2: 2, 10: 10, 19: 19, 40: 38} {
		if r := (Row{Runs: runs, Right: least}); !r.keeps(runs, false) {
			t.Errorf("%d of %d are too few", least, runs)
		}
		if r := (Row{Runs: runs, Right: least - 1}); r.keeps(runs, false) {
			t.Errorf("%d of %d are enough", least-1, runs)
		}
	}
}

func TestRowShowsWhatMatters(t *testing.T) {
	r := Row{Case: "x"}
	wrong := verdict(results.Suspect, "CPU steal", "loop")
	r.add(wrong, figures{p50: time.Millisecond, p99: time.Second}, finding{convicted: true, reason: "CPU steal"})
	r.add(verdict(results.Invalid, "late"), figures{}, finding{convicted: true, right: true, reason: "late"})
	r.add(verdict(results.Valid), figures{}, finding{isTrue: true})
	r.Disturbance, r.Failure = "steal", "EOF"
	want := "late\nshould be otherwise: suspect with p50 1ms and p99 1s: CPU steal; loop\nrepeated for steal\ncame to no result: EOF"
	if got := strings.Join(r.About(), "\n"); got != want || r.Runs != 3 || r.Convicted != 2 || r.Right != 1 || r.True != 1 {
		t.Errorf("%+v says %q; want %q", r, got, want)
	}
	r = Row{}
	r.fill([]figures{{p50: 12}, {p50: 9}, {}, {p50: 7}}, []figures{{p50: 10}, {p50: 10}, {p50: 10}, {}})
	if got := r.About(); len(got) != 1 || got[0] != "p50 0.90 to 1.20 times that of the undisturbed runs beside it" {
		t.Errorf("says %q", got)
	}
	for _, pair := range [][2]figures{{{p50: 11}, {p50: 10}}, {{p50: 8}, {p50: 10}}, {{p50: 8}, {}}, {{}, {p50: 8}}} {
		extend(&r.LeastAlike, &r.MostAlike, pair[0], pair[1])
	}
	if got := r.About()[0]; !strings.HasSuffix(got, "beside it, which were 0.80 to 1.10 times one another") {
		t.Errorf("says %q; want how far the undisturbed runs are apart", got)
	}
	if got := (&Row{Impossible: "no CPU", Reason: "late"}).About(); len(got) != 1 || got[0] != "not tried: no CPU" {
		t.Errorf("says %q; want why it was not tried", got)
	}
}

// TestUnclear: what misses where undisturbed runs miss as often is no finding, and what
// misses again and again where they never do is one.
func TestUnclear(t *testing.T) {
	for _, tt := range []struct {
		missed, swapped int
		want            bool
	}{{1, 0, true}, {4, 0, true}, {5, 0, false}, {20, 0, false}, {3, 3, true}, {9, 2, false}, {8, 3, true}, {20, 19, true}} {
		r := Row{Runs: 20, True: 20 - tt.missed, Swapped: 19, SwappedTrue: 19 - tt.swapped}
		if got := r.unclear(20); got != tt.want {
			t.Errorf("%d of 20 missed, and %d of 19: unclear is %v; want %v", tt.missed, tt.swapped, got, tt.want)
		}
	}
	if r := (Row{Runs: 19, True: 18, Swapped: 19, SwappedTrue: 19}); r.unclear(20) {
		t.Error("fewer runs than wanted are unclear; want them missed")
	}
	if got, want := heads(5, 5), 1.0/32; got != want {
		t.Errorf("five heads of five have a chance of %v; want %v", got, want)
	}
	if got := heads(0, 7); math.Abs(got-1) > 1e-12 {
		t.Errorf("any number of heads has a chance of %v; want 1", got)
	}
}

// TestSwap: an undisturbed run is held against the disturbed ones beside it.
func TestSwap(t *testing.T) {
	var r Row
	r.swap(medianTrue, figures{p50: 9}, figures{}, figures{p50: 10})
	r.swap(medianTrue, figures{p50: 12}, figures{p50: 8}, figures{p50: 12})
	r.swap(medianTrue, figures{p50: 13}, figures{p50: 8}, figures{p50: 12})
	if r.Swapped != 2 || r.SwappedTrue != 1 {
		t.Errorf("%d of %d are true; want 1 of 2, and none without runs on either side", r.SwappedTrue, r.Swapped)
	}
}

func TestMiddle(t *testing.T) {
	if got := middle([]figures{{p50: 3, p99: 10}, {p50: 1, p99: 30}, {p50: 2, p99: 20}}); got != (figures{p50: 2, p99: 20}) {
		t.Errorf("median is %v", got)
	}
	if got := middle(nil); got != (figures{}) {
		t.Errorf("median of none is %v", got)
	}
}

func TestBetween(t *testing.T) {
	a, b := figures{p50: 10, p99: 100, undelayed: 1}, figures{p50: 20, p99: 300}
	if got := between(a, b); got != (figures{p50: 15, p99: 200}) {
		t.Errorf("between is %v", got)
	}
	if between(a, figures{}) != a || between(figures{}, b) != b || between(figures{}, figures{}) != (figures{}) {
		t.Error("what is unknown does not stand for nothing")
	}
}

func TestTimesOf(t *testing.T) {
	run := &results.Run{Latency: results.Latencies{
		Response: map[string]*results.Latency{"ok": {P50NS: 1, P99NS: 2}, "rejected": {P50NS: 9}},
		Service:  map[string]*results.Latency{"ok": {P50NS: 3, P99NS: 4}},
	}}
	if got := timesOf(run); got != (figures{p50: 1, p99: 2}) {
		t.Errorf("times are %v; want those of the response", got)
	}
	run.InProcess, run.Generator = true, &results.Generator{UndelayedP50NS: 5}
	if got := timesOf(run); got != (figures{p50: 3, p99: 4, undelayed: 5}) {
		t.Errorf("times are %v; want those of the decision", got)
	}
	if got := timesOf(new(results.Run)); got != (figures{}) {
		t.Errorf("times of nothing are %v", got)
	}
}

func TestCalm(t *testing.T) {
	usage := func(steal, waited, throttled time.Duration) hostinfo.Usage {
		return hostinfo.Usage{Wall: time.Second, Steal: steal, Throttled: throttled, Pressure: hostinfo.Pressure{Known: true, Waited: waited}}
	}
	ms := time.Millisecond
	for _, tt := range []struct {
		u    hostinfo.Usage
		want bool
	}{
		{usage(40*ms, 200*ms, 0), true},
		{usage(41*ms, 0, 0), false},
		{usage(0, 201*ms, 0), false},
		{usage(0, 0, 1), false},
		{hostinfo.Usage{}, true},
	} {
		if w := weatherOf(tt.u, 2); w.calm() != tt.want {
			t.Errorf("%v: calm is %v; want %v", w, w.calm(), tt.want)
		}
	}
}
