package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
	"github.com/fcbench/fcbench/scenarios"
)

// listing is one of the things that list can print.
type listing struct {
	name   string
	also   string // another name for it, where the field has two
	groups []termGroup
	detail func(name string) ([]report.Term, error) // of one of them; nil where there is nothing more to say
}

// termGroup is what belongs together, under a title, "" for none.
type termGroup struct {
	title string
	terms []report.Term
}

func listings() []listing {
	var env builtin.Env
	return []listing{
		kinds("limiters", "", builtin.Limiters(env)),
		pipelineKinds(),
		kinds("controls", "controllers", builtin.Controllers()),
		kinds("targets", "", builtin.Targets(env)),
		kinds("arrivals", "processes", builtin.Processes()),
		kinds("keys", "", builtin.Keys()),
		kinds("costs", "", builtin.Costs()),
		kinds("sizes", "", builtin.Sizes()),
		kinds("holds", "services", builtin.Holds()),
		{name: "faults", groups: ungrouped(faultTerms())},
		{name: "scenarios", groups: ungrouped(scenarioTerms())},
		{name: "formats", groups: ungrouped(formatTerms())},
		{name: "metrics", groups: ungrouped(metricTerms())},
	}
}

func newList(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "list [WHAT [NAME]]",
		Short: "List limiters, targets, arrivals, keys, scenarios, formats, metrics and more",
		Long: `List prints what there is: all of it, or one of ` + strings.Join(listNames(), ", ") + `.
With the name of one of them as well it prints every setting of that, and its default.`,
		Example: `  fcbench list limiters
  fcbench list limiters redis-gcra
  fcbench list scenarios`,
		Args:      cobra.MaximumNArgs(2),
		ValidArgs: listNames(),
		RunE:      func(_ *cobra.Command, args []string) error { return list(s.out, args) },
	}
}

func list(w io.Writer, args []string) error {
	if len(args) == 0 {
		for _, l := range listings() {
			fmt.Fprintln(w, l.name)
			if err := l.print(w); err != nil {
				return err
			}
		}
		return nil
	}
	for _, l := range listings() {
		switch {
		case args[0] != l.name && args[0] != l.also:
		case len(args) == 1:
			return l.print(w)
		case l.detail == nil:
			return usage(fmt.Errorf("%q stands behind %s, of which there is no more to say; want fcbench list %s", args[1], l.name, l.name))
		default:
			terms, err := l.detail(args[1])
			if err != nil {
				return usage(err)
			}
			return report.WriteTerms(w, terms, widthOf(w))
		}
	}
	return usage(fmt.Errorf("list of %q is unknown; want one of %s", args[0], strings.Join(nearest.First(args[0], listNames()), ", ")))
}

func (l listing) print(w io.Writer) error {
	recommended := false
	for _, g := range l.groups {
		if g.title != "" {
			fmt.Fprintf(w, "\n  %s\n", g.title)
		}
		if err := report.WriteTerms(w, g.terms, widthOf(w)); err != nil {
			return err
		}
		recommended = recommended || slices.ContainsFunc(g.terms, func(t report.Term) bool { return t.Mark != "" })
	}
	if recommended {
		fmt.Fprintf(w, "\n%s recommended; fcbench list %s NAME says how it is set\n", recommendation, l.name)
	}
	return nil
}

func listNames() []string {
	var names []string
	for _, l := range listings() {
		names = append(names, l.name)
	}
	return names
}

// recommendation marks what is recommended.
const recommendation = "*"

// kinds lists a catalogue by its groups: the short form of each kind and what it is.
func kinds[T any](name, also string, c catalog.Catalog[T]) listing {
	l := listing{name: name, also: also, detail: func(kind string) ([]report.Term, error) { return settings(c, kind) }}
	for _, k := range c.Kinds() {
		t := report.Term{Name: shortForm(strictyaml.Usage(k.Name, k.Config)), Text: k.Doc}
		if k.Recommended {
			t.Mark = recommendation
		}
		last := len(l.groups) - 1
		if last < 0 || l.groups[last].title != k.Group {
			l.groups, last = append(l.groups, termGroup{title: k.Group}), last+1
		}
		l.groups[last].terms = append(l.groups[last].terms, t)
	}
	return l
}

// pipelineKinds lists pipelines, which have settings of their kind and others that
// all have.
func pipelineKinds() listing {
	l := kinds("pipelines", "", builtin.Pipelines())
	own := l.detail
	l.detail = func(kind string) ([]report.Term, error) {
		terms, err := own(kind)
		return append(terms, fieldTerms(scenario.PipelineDefaults())...), err
	}
	return l
}

// longestForm is how many columns a form may take beside what it means.
const longestForm = 34

// shortForm is as much of NAME:ARGUMENT:ARGUMENT as there is room for.
func shortForm(form string) string {
	for long := false; ; long = true {
		short := form
		if long {
			short += ":…"
		}
		end := strings.LastIndex(form, ":")
		if len([]rune(short)) <= longestForm || end < 0 {
			return short
		}
		form = form[:end]
	}
}

// settings are those of one kind, in the order in which its short form has them.
func settings[T any](c catalog.Catalog[T], name string) ([]report.Term, error) {
	k, err := c.Kind(name)
	if err != nil {
		return nil, err
	}
	terms := []report.Term{{Name: k.Name, Text: k.Doc}, {Name: "short form", Text: strictyaml.Usage(k.Name, k.Config)}}
	return append(terms, fieldTerms(k.Config)...), nil
}

func fieldTerms(config any) (terms []report.Term) {
	for _, f := range strictyaml.Fields(config) {
		text := f.Type
		if f.Default != "" {
			text += ", by default " + f.Default
		}
		terms = append(terms, report.Term{Name: f.Name, Text: text})
	}
	return terms
}

func ungrouped(terms []report.Term) []termGroup { return []termGroup{{terms: terms}} }

func faultTerms() (terms []report.Term) {
	for _, k := range faults.Kinds {
		terms = append(terms, report.Term{Name: string(k), Text: k.Doc()})
	}
	return terms
}

func scenarioTerms() (terms []report.Term) {
	for _, name := range scenarios.Names() {
		terms = append(terms, report.Term{Name: scenarioName(name), Text: scenarios.Question(name)})
	}
	return terms
}

func formatTerms() (terms []report.Term) {
	for _, f := range report.Formats() {
		terms = append(terms, report.Term{Name: f.Name, Text: f.Doc})
	}
	return terms
}

func metricTerms() (terms []report.Term) {
	for _, m := range results.Metrics() {
		text := m.Doc + " (" + m.Unit
		if m.Better != results.Neither {
			text += fmt.Sprintf("; %v is better", m.Better)
		}
		terms = append(terms, report.Term{Name: m.Path, Text: text + ")"})
	}
	return terms
}
