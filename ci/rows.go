package ci

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// CSV writes a line for each claim.
func CSV(w io.Writer, v *Verdict) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"gate", "id", "scenario", "subject", "metric", "unit", "better", "verdict", "a", "b", "relative", "change", "low", "high", "margin", "p", "n", "pair_sd", "reason"}}
	for _, f := range v.Claims {
		row := []string{v.Gate, f.ID, f.Scenario, f.Subject, f.Metric, f.Unit, f.Better, string(f.Verdict), "", "", "", "", "", "", f.Margin, "", strconv.Itoa(f.N), "", f.Reason}
		if f.N > 0 {
			row[8], row[9], row[10], row[11] = number(f.A), number(f.B), strconv.FormatBool(f.Relative), number(f.Change)
			row[12], row[13], row[15], row[17] = end(f.Low), end(f.High), number(f.P), number(f.PairSD)
		}
		rows = append(rows, row)
	}
	if err := out.WriteAll(rows); err != nil {
		return err
	}
	return out.Error()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func end(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}

// GoBench writes every run of both sides in the format of Go benchmarks, so that
// benchstat -col /side compares them. What varies from run to run is in comments,
// since every other key would split the tables.
func GoBench(w io.Writer, v *Verdict) error {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\ncpu: %s\n", v.Environment.OS, v.Environment.Arch, v.Environment.CPU)
	units := map[string]bool{}
	for _, f := range v.Claims {
		unit := goUnit(f)
		if better := map[string]string{"lower": "lower", "higher": "higher"}[f.Better]; better != "" && !units[unit] {
			units[unit] = true
			fmt.Fprintf(&b, "Unit %s better=%s\n", unit, better)
		}
	}
	for _, f := range v.Claims {
		name := goName(f)
		for _, s := range f.Samples {
			fmt.Fprintf(&b, "# pair=%d order=%s\n", s.Pair, s.Order)
			fmt.Fprintf(&b, "%s/side=a 1 %s %s\n%s/side=b 1 %s %s\n", name, number(s.A), goUnit(f), name, number(s.B), goUnit(f))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// goName is a claim's subject as a benchmark is called.
func goName(f Finding) string {
	clean := func(text string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || r == '-' || r == '#' {
				return '_'
			}
			return r
		}, text)
	}
	return "BenchmarkGate/scenario=" + clean(f.Scenario) + "/subject=" + clean(f.Subject)
}

// goUnit is the unit of a claim: its metric and, last, what it is counted in.
func goUnit(f Finding) string {
	if isBench(f.Metric) {
		return f.Metric
	}
	suffix := map[string]string{"ns": "ns", "/s": "per-s"}[f.Unit]
	if suffix == "" {
		suffix = f.Unit
	}
	return f.Metric + "-" + suffix
}
