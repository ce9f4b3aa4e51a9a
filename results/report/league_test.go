package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// kept makes the runs of a pipeline that kept so much, one repeat each.
func kept(t *testing.T, scenario, name string, verdict results.Verdict, shares ...float64) (all []results.Run) {
	t.Helper()
	for i, share := range shares {
		r := run(t, subject{name: name, admit: 50}, i)
		r.Scenario, r.Validity.Verdict = scenario, verdict
		r.Pipeline = &results.Pipeline{CapacityPerS: 1000, Retention: &share}
		all = append(all, r)
	}
	return all
}

// TestLeague: the best first, by the worst of what it kept; who was not run
// everywhere is last.
func TestLeague(t *testing.T) {
	var runs []results.Run
	add := func(more []results.Run) { runs = append(runs, more...) }
	for _, workload := range []struct {
		name         string
		fair, steady float64
	}{{"R2", 0.9, 0.8}, {"R3", 0.5, 0.8}, {"R10", 0.9, 0.8}, {"S1", 1, 0.1}} {
		add(kept(t, "over/"+workload.name, "fair", results.Valid, workload.fair))
		add(kept(t, "over/"+workload.name, "steady", results.Suspect, workload.steady-0.1, workload.steady, workload.steady+0.5))
	}
	add(kept(t, "over/R2", "elsewhere", results.Valid, 1))
	add([]results.Run{run(t, subject{name: "no pipeline", admit: 50}, 0)})
	var out strings.Builder
	if err := report.League(&out, runs, report.Options{}); err != nil {
		t.Fatal(err)
	}
	want := `
pipeline   least     R2     R3    R10     S1
────────────────────────────────────────────
steady     80.0% 80.0%? 80.0%? 80.0%? 10.0%?
fair       50.0%  90.0%  50.0%  90.0% 100.0%
elsewhere        100.0%

? suspect, ✗ invalid: the result file says why.
`
	first, _, _ := strings.Cut(out.String(), "\nWhat it took")
	if _, table, _ := strings.Cut(first, "Ranked by the least of R2, R3, R10.\n"); "\n"+table != want || !strings.HasPrefix(out.String(), "over\ngoodput kept by 3 pipelines under 4 workloads") {
		t.Errorf("the league is\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	if err := report.LeagueMarkdown(&out, kept(t, "alone", "fair", results.Valid, 0.25), report.Options{}); err != nil || !strings.Contains(out.String(), "Ranked by the least of alone.") || !strings.Contains(out.String(), "| fair     | 25.0% | 25.0% |") {
		t.Errorf("a league of one is\n%s%v", out.String(), err)
	}
	out.Reset()
	if err := report.League(&out, runs[len(runs)-1:], report.Options{}); err != nil || out.String() != "" {
		t.Errorf("a league without pipelines is\n%s%v; want nothing", out.String(), err)
	}
}

// TestLeagueOfRecovery: the longest of all workloads and repeats counts, never is
// longer than any, and who tells nothing has nothing.
func TestLeagueOfRecovery(t *testing.T) {
	end, short, long := int64(9e9), int64(0), int64(2.5e9)
	var runs []results.Run
	for _, c := range []struct {
		name, scenario string
		league         *results.League
	}{
		{"quick", "over/S2", &results.League{OverloadEndNS: &end, RecoveryNS: &short}},
		{"quick", "over/S3", &results.League{OverloadEndNS: &end, RecoveryNS: &short}},
		{"slow", "over/S2", &results.League{OverloadEndNS: &end, RecoveryNS: &long}},
		{"slow", "over/S3", &results.League{OverloadEndNS: &end, RecoveryNS: &short}},
		{"broken", "over/S2", &results.League{OverloadEndNS: &end}},
		{"broken", "over/S3", &results.League{OverloadEndNS: &end, RecoveryNS: &long}},
		{"mute", "over/S2", &results.League{}},
		{"mute", "over/S3", nil},
	} {
		r := kept(t, c.scenario, c.name, results.Valid, 0.5)[0]
		r.League = c.league
		runs = append(runs, r)
	}
	var out strings.Builder
	if err := report.League(&out, runs, report.Options{}); err != nil {
		t.Fatal(err)
	}
	for of, want := range map[string]string{results.UndisturbedRun: "those of the same seed without the overload", results.UndisturbedPart: "those before the overload", "": "those before the overload"} {
		one := kept(t, "over/S2", "quick", results.Valid, 0.5)
		one[0].League = &results.League{OverloadEndNS: &end, RecoveryNS: &short, Undisturbed: of}
		var said strings.Builder
		if err := report.League(&said, one, report.Options{}); err != nil || !strings.Contains(said.String(), want) {
			t.Errorf("of %q the league says\n%s%v; want %q", of, said.String(), err, want)
		}
	}
	found := map[string]string{}
	first, _, _ := strings.Cut(out.String(), "\nWhat it took")
	for line := range strings.Lines(first) {
		if f := strings.Fields(line); len(f) > 2 {
			found[f[0]] = strings.Join(f[2:], " ")
		}
	}
	for name, want := range map[string]string{"quick": "0 ns", "slow": "2.50 s", "broken": "∞", "mute": "- 50.0% 50.0%"} {
		if !strings.HasPrefix(found[name], want) {
			t.Errorf("%s has %q; want %q after the least\n%s", name, found[name], want, out.String())
		}
	}
}

// TestLeagueTells: what a pipeline took is the worst of all its runs, and what no run
// tells is not there; drops are told by cause, the most frequent first.
func TestLeagueTells(t *testing.T) {
	var runs []results.Run
	for i, c := range []struct {
		dead, oscillation, reversals, fairness float64
		sojourn, memory                        int64
		causes                                 map[string]uint64
	}{
		{0.25, 0.5, 4, 0.75, 2e6, 2048, map[string]uint64{"shed: sojourn": 1, "shed: queue-full": 10, "timed_out: timeout": 9}},
		{0.5, 0.25, 8, 0.5, 1e6, 1024, map[string]uint64{"shed: queue-full": 40}},
	} {
		r := kept(t, []string{"over/S2", "over/S3"}[i], "one", results.Valid, 0.5)[0]
		r.Pipeline.DeadShare, r.Pipeline.SojournP99NS, r.Pipeline.MemoryBytes, r.Pipeline.MostQueued = &c.dead, c.sojourn, c.memory, i
		r.Pipeline.BusyNS = 1
		r.League = &results.League{Oscillation: &c.oscillation, ReversalsPerMin: &c.reversals, Fairness: &c.fairness}
		r.Offered, r.Causes = 100, c.causes
		runs = append(runs, r, kept(t, r.Scenario, "mute", results.Valid, 0.4)[0])
	}
	var out strings.Builder
	if err := report.LeagueMarkdown(&out, runs, report.Options{}); err != nil {
		t.Fatal(err)
	}
	const want = `
| pipeline | dead work | sojourn p99 | oscillation | turns per min | fairness | most queued |   memory | dropped                        |
|:---------|----------:|------------:|------------:|--------------:|---------:|------------:|---------:|:-------------------------------|
| one      |     50.0% |     2.00 ms |       50.0% |             8 |    50.0% |           1 | 2.00 KiB | queue-full 25.0%, sojourn 0.5% |
| mute     |         - |           - |           - |             - |        - |           0 |      0 B |                                |
`
	if _, table, _ := strings.Cut(out.String(), "shares of all arrivals.\n"); table != want {
		t.Errorf("the league is\n%s\nwant\n%s", table, want)
	}
}

// TestLeagueOfRealTime: the most goroutines that any run left behind and the most that
// decisions took, where that was measured, and no column where it was not.
func TestLeagueOfRealTime(t *testing.T) {
	var runs []results.Run
	for i, left := range []int{2, 0, 5} {
		r := kept(t, []string{"over/S2", "over/S3", "over/S2"}[i], []string{"one", "one", "uncounted"}[i], results.Valid, 0.5)[0]
		if i < 2 {
			r.Goroutines = &results.Goroutines{Before: 7, After: 7 + left}
			r.Cost.Saturated = &results.Saturated{Ops: 1, NSPerOp: 99, CPUNSPerOp: float64(50 + left)}
		}
		runs = append(runs, r)
	}
	for _, c := range []struct {
		runs []results.Run
		head string
		want []string // the cells of that column, below its head
	}{
		{runs, "goroutines left", []string{"2", "-"}},
		{runs[2:], "goroutines left", nil},
		{runs, "control per item", []string{"52 ns", "-"}},
		{runs[2:], "control per item", nil},
	} {
		var out strings.Builder
		if err := report.LeagueMarkdown(&out, c.runs, report.Options{}); err != nil {
			t.Fatal(err)
		}
		_, table, _ := strings.Cut(out.String(), "shares of all arrivals.\n\n")
		var cells []string
		at := -1
		for line := range strings.Lines(table) {
			row := strings.Split(line, "|")
			if at < 0 {
				at = slices.IndexFunc(row, func(cell string) bool { return strings.TrimSpace(cell) == c.head })
			} else if cell := strings.TrimSpace(row[at]); !strings.Contains(cell, "--") {
				cells = append(cells, cell)
			}
			if at < 0 {
				break
			}
		}
		if !slices.Equal(cells, c.want) {
			t.Errorf("%s is %q; want %q, of\n%s", c.head, cells, c.want, table)
		}
	}
}
