package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// League writes how much goodput every pipeline kept under every workload of a file,
// the best pipeline first, for a terminal.
func League(w io.Writer, runs []results.Run, o Options) error {
	return writeLeagues(w, runs, o, plainPage{o})
}

// LeagueMarkdown writes the same in Markdown.
func LeagueMarkdown(w io.Writer, runs []results.Run, o Options) error {
	o.Color, o.ASCII, o.Width = false, false, 0
	return writeLeagues(w, runs, o, markdownPage{})
}

// league is one file's: what each pipeline kept under each workload.
type league struct {
	name      string
	workloads []string
	standings []standing
	first     results.Run
}

// standing is one pipeline. Under workloads that it was not run under, or that do
// not say, kept is NaN.
type standing struct {
	name string
	kept []float64
	mark []string // of runs whose verdict is not valid
	rank float64  // the least of those that it is ranked by
	// recovery is the longest, in nanoseconds, +Inf for never; NaN where no run tells.
	recovery float64
	against  string // of what the response times are that recoveries are held against; "" where no run tells
	toll     toll
}

func writeLeagues(w io.Writer, runs []results.Run, o Options, p page) error {
	all, err := leagues(runs)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, l := range all {
		if i > 0 {
			text.WriteString("\n")
		}
		if err := l.write(&text, o, p); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// leagues are those of the runs: of each file, whose scenarios are called as it and,
// after a slash, as their workload. Runs of no pipeline are left out.
func leagues(runs []results.Run) (all []league, err error) {
	pipelines := slices.DeleteFunc(slices.Clone(runs), func(r results.Run) bool { return r.Pipeline == nil })
	comparisons, err := comparisons(pipelines)
	if err != nil {
		return nil, err
	}
	for _, c := range comparisons {
		file, workload := split(c.runs[0].Scenario)
		i := slices.IndexFunc(all, func(l league) bool { return l.name == file })
		if i < 0 {
			i, all = len(all), append(all, league{name: file, first: c.runs[0]})
		}
		all[i].add(workload, c.trials)
	}
	for i := range all {
		all[i].rank()
	}
	return all, nil
}

func split(scenario string) (file, workload string) {
	if i := strings.LastIndex(scenario, "/"); i >= 0 {
		return scenario[:i], scenario[i+1:]
	}
	return scenario, scenario
}

func (l *league) add(workload string, trials []trial) {
	column := slices.Index(l.workloads, workload)
	if column < 0 {
		column, l.workloads = len(l.workloads), append(l.workloads, workload)
	}
	for _, t := range trials {
		i := slices.IndexFunc(l.standings, func(s standing) bool { return s.name == t.name })
		if i < 0 {
			i, l.standings = len(l.standings), append(l.standings, standing{name: t.name, recovery: math.NaN(), toll: newToll()})
		}
		s := &l.standings[i]
		for len(s.kept) <= column {
			s.kept, s.mark = append(s.kept, math.NaN()), append(s.mark, "")
		}
		if spread, ok := t.over(metric("pipeline.retention")); ok {
			s.kept[column] = spread.Median
		}
		for _, r := range t.repeats {
			s.recover(r.League)
			s.toll.add(&r.Run)
		}
		s.mark[column] = map[results.Verdict]string{results.Suspect: "?", results.Invalid: "✗"}[t.verdict()]
	}
}

// recover notes what one more run says of recovery.
func (s *standing) recover(l *results.League) {
	if l == nil || l.OverloadEndNS == nil {
		return
	}
	if s.against != results.UndisturbedPart { // of both, the weaker one is told
		s.against = cmp.Or(l.Undisturbed, results.UndisturbedPart)
	}
	took := math.Inf(1)
	if l.RecoveryNS != nil {
		took = float64(*l.RecoveryNS)
	}
	if !(s.recovery >= took) {
		s.recovery = took
	}
}

// ranked are the workloads by which pipelines are ranked where a league has them:
// twice, three times and ten times the capacity.
func ranked() []string { return []string{"R2", "R3", "R10"} }

// by are those of this league: all of them, where it lacks one of these.
func (l *league) by() []string {
	for _, name := range ranked() {
		if !slices.Contains(l.workloads, name) {
			return l.workloads
		}
	}
	return ranked()
}

// rank puts the best first: by the least that it kept. Who lacks a workload is last.
func (l *league) rank() {
	by := l.by()
	for i := range l.standings {
		s := &l.standings[i]
		for len(s.kept) < len(l.workloads) {
			s.kept, s.mark = append(s.kept, math.NaN()), append(s.mark, "")
		}
		s.rank = math.Inf(1)
		for j, name := range l.workloads {
			if slices.Contains(by, name) {
				s.rank = min(s.rank, s.kept[j]) // NaN stays
			}
		}
	}
	slices.SortStableFunc(l.standings, func(a, b standing) int {
		return cmp.Compare(orLast(b.rank), orLast(a.rank))
	})
}

func orLast(rank float64) float64 {
	if math.IsNaN(rank) {
		return -1
	}
	return rank
}

func (l *league) write(w *strings.Builder, o Options, p page) error {
	least := "the least of " + strings.Join(l.by(), ", ")
	p.heading(w, Plain(l.name), flow([]string{
		fmt.Sprintf("goodput kept by %d pipelines under %d workloads", len(l.standings), len(l.workloads)),
		fmt.Sprintf("slo %v", l.first.Protocol.SLO), fmt.Sprintf("%v time", l.first.Time), fmt.Sprintf("n=%d", l.first.Protocol.Repeats),
		fmt.Sprintf("seed %d", l.first.Schedule.Seed),
	}, o.textWidth()))
	p.caption(w, "Of what was possible: the capacity, or what was offered where that is less. Ranked by "+least+".")
	g := Grid{Columns: []Column{{Head: "pipeline", Text: true, Keep: true}, {Head: "least"}}}
	recovers := slices.ContainsFunc(l.standings, func(s standing) bool { return !math.IsNaN(s.recovery) })
	if recovers {
		g.Columns = append(g.Columns, Column{Head: "recovery"})
	}
	for _, name := range l.workloads {
		g.Columns = append(g.Columns, Column{Head: Plain(name), Tight: true, Cut: true})
	}
	doubted := false
	for _, s := range l.standings {
		row := []string{Plain(s.name), shareOf(s.rank)}
		if recovers {
			row = append(row, recoveryOf(s.recovery))
		}
		for i, kept := range s.kept {
			row = append(row, shareOf(kept)+s.mark[i])
			doubted = doubted || s.mark[i] != ""
		}
		g.Rows = append(g.Rows, row)
	}
	if err := p.grid(w, g); err != nil {
		return err
	}
	if recovers {
		p.notes(w, "", []string{"recovery: the longest after any workload with an overload that ends; - where there is none. " + l.against()})
	}
	if doubted {
		p.notes(w, "", []string{"? suspect, ✗ invalid: the result file says why."})
	}
	p.notes(w, "", l.missing(o.LeftOut))
	return l.writeTolls(w, p)
}

// against says what the response times after an overload are held against.
func (l *league) against() string {
	if slices.ContainsFunc(l.standings, func(s standing) bool { return s.against == results.UndisturbedPart }) {
		return "Its response times are held against those before the overload."
	}
	return "Its response times are held against those of the same seed without the overload."
}

// missing are the workloads of this league that were not run.
func (l *league) missing(all []LeftOut) (lines []string) {
	for _, out := range all {
		if file, _ := split(out.Scenario); file == l.name {
			lines = append(lines, Plain(out.String())+".")
		}
	}
	return lines
}

func recoveryOf(ns float64) string {
	switch {
	case math.IsNaN(ns):
		return "-"
	case math.IsInf(ns, 1):
		return "∞"
	}
	return duration(ns)
}

func shareOf(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return percent(v)
}
