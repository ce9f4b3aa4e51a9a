package ci

import (
	"fmt"
	"io"
	"strings"
)

// Names and measures of Bencher are no longer than this.
const (
	mostName    = 1024
	mostMeasure = 64
)

// BMF writes Bencher's metric format: what side B measured, by subject.
func BMF(w io.Writer, v *Verdict) error {
	type value struct {
		Value float64  `json:"value"`
		Lower *float64 `json:"lower_value,omitempty"`
		Upper *float64 `json:"upper_value,omitempty"`
	}
	all := map[string]map[string]value{}
	for _, f := range v.Claims {
		if f.N == 0 {
			continue
		}
		name := cut(f.Scenario+"/"+f.Subject, mostName)
		if all[name] == nil {
			all[name] = map[string]value{}
		}
		low, high := f.B, f.B
		for _, s := range f.Samples {
			low, high = min(low, s.B), max(high, s.B)
		}
		all[name][cut(slug(f.Metric), mostMeasure)] = value{f.B, &low, &high}
	}
	return indented(w, all)
}

// cut is the beginning of a text, without half a character at its end.
func cut(text string, most int) string {
	return strings.ToValidUTF8(text[:min(most, len(text))], "")
}

// slug is a name of small letters, digits and single hyphens.
func slug(text string) string {
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(parts, "-")
}

// benchmarkAction writes for github-action-benchmark those metrics of which more, or
// less, is better: it takes a file for each.
func benchmarkAction(better string) func(io.Writer, *Verdict) error {
	type entry struct {
		Name  string  `json:"name"`
		Unit  string  `json:"unit"`
		Value float64 `json:"value"`
		Range string  `json:"range,omitempty"`
		Extra string  `json:"extra,omitempty"`
	}
	return func(w io.Writer, v *Verdict) error {
		all := []entry{}
		for _, f := range v.Claims {
			if f.N == 0 || (f.Better == "higher") != (better == "higher") || f.Better == "neither" {
				continue
			}
			e := entry{Name: f.ID, Unit: f.Unit, Value: f.B, Extra: f.Said()}
			if f.PairSD > 0 && f.Relative {
				e.Range = fmt.Sprintf("± %.1f%%", 100*f.PairSD)
			}
			all = append(all, e)
		}
		return indented(w, all)
	}
}

// OpenMetrics writes the effects and the verdict as Prometheus and GitLab's metrics
// report read them.
func OpenMetrics(w io.Writer, v *Verdict) error {
	var b strings.Builder
	labels := func(f *Finding, more string) string {
		return fmt.Sprintf(`gate="%s",scenario="%s",subject="%s",metric="%s"%s`, label(v.Gate), label(f.Scenario), label(f.Subject), label(f.Metric), more)
	}
	family := func(name, help string, each func(f *Finding)) {
		fmt.Fprintf(&b, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help)
		for i := range v.Claims {
			if f := &v.Claims[i]; f.N > 0 {
				each(f)
			}
		}
	}
	family("fcbench_gate_value", "Median of a metric over the runs of a side, in its unit.", func(f *Finding) {
		fmt.Fprintf(&b, "fcbench_gate_value{%s} %s\n", labels(f, `,side="a"`), number(f.A))
		fmt.Fprintf(&b, "fcbench_gate_value{%s} %s\n", labels(f, `,side="b"`), number(f.B))
	})
	family("fcbench_gate_effect_ratio", "Change from a to b as a share of a.", func(f *Finding) {
		if f.Relative {
			fmt.Fprintf(&b, "fcbench_gate_effect_ratio{%s} %s\n", labels(f, ""), number(f.Change))
		}
	})
	b.WriteString("# TYPE fcbench_gate_verdict stateset\n# HELP fcbench_gate_verdict What the gate came to.\n")
	for _, o := range worst {
		is := 0
		if o == v.Verdict {
			is = 1
		}
		fmt.Fprintf(&b, "fcbench_gate_verdict{gate=\"%s\",fcbench_gate_verdict=\"%s\"} %d\n", label(v.Gate), o, is)
	}
	b.WriteString("# EOF\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func label(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text)
}
