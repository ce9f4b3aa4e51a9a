package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// Axis is a path of a document and the values that it takes in turn.
type Axis struct {
	Path   string
	Values []*strictyaml.Node
	place  *strictyaml.Node // where it is asked for
}

// maxTrials is how many runs a sweep may make.
const maxTrials = 1000

// All builds the scenarios of a document: one, or with a matrix one for every
// combination of its values, the last path varying first. An axis replaces that of
// the matrix with the same path. The error has every problem once.
func All(doc *strictyaml.Node, axes []Axis) ([]*Scenario, error) {
	axes, err := withMatrix(doc, axes)
	if err != nil {
		return nil, err
	}
	if len(axes) == 0 {
		s, err := New(doc, false)
		return []*Scenario{s}, err
	}
	p := &parser{}
	p.axes(doc, axes)
	if len(p.problems) > 0 {
		return nil, p.problems.Err()
	}
	var all []*Scenario
	for _, values := range product(axes) {
		s, err := combination(doc, axes, values)
		p.addNew(axes[0].place.At(err))
		all = append(all, s)
	}
	if len(p.problems) == 0 {
		p.sweep(all, axes)
	}
	return all, p.problems.Err()
}

// NewAxis reads the text of a flag, path=value,value: the values as [strictyaml.Value]
// does, with commas between them that stand in no brackets.
func NewAxis(flag, text string) (Axis, error) {
	path, list, ok := strings.Cut(text, "=")
	a := Axis{Path: path, place: strictyaml.NewText(flag+" "+path, list)}
	if !ok || path == "" || list == "" {
		return a, fmt.Errorf("%s is %q; want path=value,value, such as limiter.rate=100/s,1k/s", flag, text)
	}
	for _, value := range outerParts(list) {
		a.Values = append(a.Values, strictyaml.Value(flag+" "+path, strings.TrimSpace(value)))
	}
	return a, nil
}

// outerParts splits at the commas that stand in no brackets.
func outerParts(list string) (parts []string) {
	depth, from := 0, 0
	for i, c := range list {
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth <= 0 {
				parts, from = append(parts, list[from:i]), i+1
			}
		}
	}
	return append(parts, list[from:])
}

// withMatrix is the axes of a document's matrix, and those that flags add or change.
func withMatrix(doc *strictyaml.Node, flags []Axis) ([]Axis, error) {
	matrix := doc.Get("matrix")
	if matrix == nil || matrix.IsNull() {
		return flags, nil
	}
	if matrix.Kind() != strictyaml.Map || len(matrix.Items()) == 0 {
		return nil, strictyaml.Problems{matrix.Problemf("matrix is no map of paths; want such as matrix: {limiter.rate: [100/s, 1k/s]}")}
	}
	var all []Axis
	for path, values := range matrix.All() {
		changed := slices.IndexFunc(flags, func(a Axis) bool { return a.Path == path })
		if changed < 0 {
			all = append(all, Axis{path, values.Items(), values})
			continue
		}
		all = append(all, flags[changed])
		flags = slices.Delete(slices.Clone(flags), changed, changed+1)
	}
	return append(all, flags...), nil
}

// product is every combination of indices into the values of the axes.
func product(axes []Axis) [][]int {
	all := [][]int{nil}
	for _, a := range axes {
		var longer [][]int
		for _, before := range all {
			for i := range a.Values {
				longer = append(longer, append(slices.Clip(before), i))
			}
		}
		all = longer
	}
	return all
}

// combination builds the scenario in which each axis has one of its values.
func combination(doc *strictyaml.Node, axes []Axis, values []int) (*Scenario, error) {
	one := doc.Clone()
	one.Remove("matrix")
	params := strictyaml.NewMap("params")
	for path, value := range doc.Get("params").All() {
		params.Put(path, value)
	}
	for i, a := range axes {
		value := a.Values[values[i]].Clone()
		params.Put(a.Path, strictyaml.NewText("params", valueText(value)))
		if err := Set(one, a.Path, value); err != nil {
			return nil, err
		}
	}
	one.Put("params", params)
	return New(one, false)
}

// valueText is a value in the names of trials: as it was written, or as tables say parts.
func valueText(n *strictyaml.Node) string {
	if n.Kind() == strictyaml.Scalar {
		return n.String()
	}
	return results.Setting{Value: n.ToJSON()}.Text()
}

// addNew adds problems that are not known yet, such as from another combination.
func (p *parser) addNew(more strictyaml.Problems) {
	for _, problem := range more {
		if !slices.Contains(p.problems, problem) {
			p.problems = append(p.problems, problem)
		}
	}
}

// axes checks what can be checked before anything is combined.
func (p *parser) axes(doc *strictyaml.Node, axes []Axis) {
	combinations := 1
	for i, a := range axes {
		p.axis(a)
		for _, other := range axes[:i] {
			p.apart(doc, other, a)
		}
		combinations = min(combinations*max(len(a.Values), 1), 1<<31)
	}
	if combinations > maxTrials {
		p.problem(axes[0].place, "the sweep has %s combinations; want %d trials at most, which are combinations × subjects × repeats", atMost(combinations), maxTrials)
	}
}

func atMost(n int) string {
	if n == 1<<31 {
		return "more than 2,000,000,000"
	}
	return fmt.Sprint(n)
}

// axis checks the values of a path: scalars or parts, none twice.
func (p *parser) axis(a Axis) {
	head := strings.FieldsFunc(a.Path, func(c rune) bool { return c == '.' || c == '[' })
	if len(head) > 0 && slices.Contains([]string{"matrix", "params", "name", "thresholds", "abort", "undisturbed", "allow_hosts", "max_rate"}, head[0]) {
		p.problem(a.place, "path is %s, which changes no run; want one of what is sent, to whom or how, such as limiter.rate or workload.arrivals.rate", a.Path)
	}
	if len(a.Values) == 0 || a.place.Kind() == strictyaml.Map {
		p.problem(a.place, "%s has no list of values; want such as [100/s, 1k/s]", a.Path)
		return
	}
	seen := map[string]bool{}
	for _, v := range a.Values {
		text := valueText(v)
		switch {
		case text == "":
			p.problem(v, "a value of %s is empty; want one, or no comma", a.Path)
		case seen[text]:
			p.problem(v, "%s is %s twice; want each value once", a.Path, text)
		case secret(a.Path, v):
			p.problem(v, "a value of %s may be a secret, and would stand in the results; want it as ${NAME}, from the environment", a.Path)
		}
		seen[text] = true
	}
}

// apart refuses two axes of which one changes what the other does.
func (p *parser) apart(doc *strictyaml.Node, a, b Axis) {
	switch {
	case a.Path == b.Path:
		p.problem(b.place, "path %s is swept twice; want it once, with all its values", b.Path)
	case meet(doc, a.Path, b.Path):
		p.problem(b.place, "path %s is swept beside %s, which has the same value; want one of the two", b.Path, a.Path)
	}
}

// secret reports whether result files would hide a part of what stands at a path.
func secret(path string, value *strictyaml.Node) bool {
	keys := strings.FieldsFunc(path, func(c rune) bool { return c == '.' })
	for _, key := range slices.Backward(keys) {
		outer := strictyaml.NewMap("")
		key, _, _ = strings.Cut(key, "[")
		outer.Put(key, value)
		value = outer
	}
	return hides(value)
}

func hides(n *strictyaml.Node) bool {
	if headers := n.Get("headers"); headers != nil && string(redact("headers", headers).ToJSON()) != string(headers.ToJSON()) {
		return true
	}
	return shownAddress(n.String()) != n.String() || slices.ContainsFunc(n.Items(), hides)
}

// sweep refuses sweeps that are too large, or in which two trials are one.
func (p *parser) sweep(all []*Scenario, axes []Axis) {
	trials, known := 0, map[string]*Scenario{}
	for _, s := range all {
		trials += len(s.Subjects) * s.Repeats
		if same := known[s.identity()]; same != nil {
			p.problem(axes[len(axes)-1].place, "%s is the same as %s; want values that make a difference", s.Params, same.Params)
			return
		}
		known[s.identity()] = s
	}
	if trials > maxTrials {
		p.problem(axes[0].place, "the sweep has %d trials, of %d combinations, their subjects and repeats; want %d at most", trials, len(all), maxTrials)
	}
}

// identity is all that runs of the scenario depend on.
func (s *Scenario) identity() string { return s.IdentityOf(s.Subjects...) }

// IdentityOf is all that runs of these subjects depend on: equal for two scenarios in
// which they find the same.
func (s *Scenario) IdentityOf(subjects ...Subject) string {
	protocol, _ := s.written.protocol.MarshalJSON() // which has no errors
	text := fmt.Sprint(s.Seed, string(s.WorkloadJSON()), s.written.load, string(protocol))
	for _, sub := range subjects {
		text += string(sub.full.ToJSON())
	}
	return text
}
