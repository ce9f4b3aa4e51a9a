package scenario

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// Under every workload of a document with several, its subjects are those of the
// document, and so is whatever it does not say itself. What it says of arrivals is
// put over the document's workload, key by key, or that of every stream; what else it may say stands in the
// place of the document's; and paths under set have their values, as --set gives them.

// arrivalKeys are what a workload of several may say of arrivals, otherKeys what else.
func arrivalKeys() []string { return []string{"arrivals", "keys", "prefix", "cost", "size", "streams"} }

func otherKeys() []string {
	return []string{"duration", "count", "warmup", "timeout", "drain", "slo", "load", "thresholds", "abort", "undisturbed", "set"}
}

// Several is the documents of one that has several workloads, each of which is
// called as the document and, after a slash, as the workload; or the document alone.
func Several(doc *strictyaml.Node) ([]*strictyaml.Node, error) {
	list := doc.Get("workloads")
	if list == nil {
		return []*strictyaml.Node{doc}, nil
	}
	p := &parser{}
	if list.Kind() != strictyaml.Map || len(list.Items()) == 0 {
		p.problem(list, "workloads is no map; want one by name, such as workloads: {double: {arrivals: 'poisson:2k/s'}}")
	}
	var all []*strictyaml.Node
	for name, w := range list.All() {
		all = append(all, p.under(doc, name, w))
	}
	return all, p.problems.Err()
}

// under is the document under one of its workloads.
func (p *parser) under(doc *strictyaml.Node, name string, w *strictyaml.Node) *strictyaml.Node {
	one := doc.Clone()
	one.Remove("workloads")
	one.Remove("quick")
	one.Put("name", strictyaml.NewText(w.Pos().Origin, doc.Get("name").String()+"/"+name))
	if w.Kind() != strictyaml.Map {
		p.problem(w, "workload %s is no map; want such as {arrivals: 'poisson:2k/s', duration: 30s}", name)
		return one
	}
	arrivals := strictyaml.NewMap(w.Pos().Origin)
	if w.Get("streams") == nil {
		fillIn(arrivals, doc.Get("workload"))
	}
	for key, value := range w.All() {
		switch {
		case key == "streams":
			streams := value.Clone()
			for _, stream := range streams.Items() {
				fillIn(stream, doc.Get("workload"))
			}
			arrivals.Put(key, streams)
		case slices.Contains(arrivalKeys(), key):
			arrivals.Put(key, value)
		case key == "set":
			p.setAll(one, value)
		case slices.Contains(otherKeys(), key):
			one.Put(key, value)
		default:
			p.problem(value, "key %q of workload %s is unknown; want one of %s", key, name,
				strings.Join(nearest.First(key, slices.Concat(arrivalKeys(), otherKeys())), ", "))
		}
	}
	one.Put("workload", arrivals)
	return one
}

// fillIn gives a map what it lacks of another.
func fillIn(into, from *strictyaml.Node) {
	for key, value := range from.All() {
		if into.Get(key) == nil {
			into.Put(key, value)
		}
	}
}

// setAll gives paths of a document values.
func (p *parser) setAll(doc, values *strictyaml.Node) {
	if values.Kind() != strictyaml.Map {
		p.problem(values, "set is no map; want paths and values, such as set: {pipeline.drift: 0.01}")
	}
	for path, value := range values.All() {
		if err := Set(doc, path, value); err != nil {
			p.add(value.At(err))
		}
	}
}

// Only leaves of a document those subjects and workloads that are named; where only
// subjects are, all workloads stay, and the other way round. A subject is named as
// the document names it, or by its kind. named says where the names are from.
func Only(doc *strictyaml.Node, named string, names []string) error {
	workloads := doc.Get("workloads")
	var known, kept []string
	for name := range workloads.All() {
		known = append(known, name)
	}
	for _, name := range known {
		if slices.Contains(names, name) {
			kept = append(kept, name)
		}
	}
	list := strictyaml.NewList("subjects")
	for _, subject := range doc.Get("subjects").Items() {
		called := calledIn(subject)
		if known = append(known, called); slices.Contains(names, called) {
			list.Append(subject)
		}
	}
	p := &parser{}
	if len(known) == 0 {
		p.problem(strictyaml.NewText(named, ""), "there are no subjects or workloads to choose from; want a file that has some")
		return p.problems.Err()
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			p.problem(strictyaml.NewText(named, name), "%q is neither a subject nor a workload; want some of %s", name, strings.Join(nearest.First(name, known), ", "))
		}
	}
	for _, name := range known {
		if len(kept) > 0 && workloads.Get(name) != nil && !slices.Contains(kept, name) {
			workloads.Remove(name)
		}
	}
	if len(list.Items()) > 0 {
		doc.Put("subjects", list)
	}
	return p.problems.Err()
}

// calledIn is what an entry of the list of subjects is called, as far as it says.
func calledIn(subject *strictyaml.Node) string {
	if name := subject.Get("name"); name != nil {
		return name.String()
	}
	for _, family := range []string{"limiter", "target", "pipeline"} {
		if n := subject.Get(family); n != nil {
			kind, _ := strictyaml.Part(n)
			return kind
		}
	}
	return ""
}

// quickDocument is what of a document is enough for a first look.
type quickDocument struct {
	Subjects  []string `yaml:"subjects"`
	Workloads []string `yaml:"workloads"`
}

// Quick leaves of a document what its own quick names. ok is false where it does
// not say.
func Quick(doc *strictyaml.Node) (ok bool, err error) {
	n := doc.Get("quick")
	if n == nil {
		return false, nil
	}
	var q quickDocument
	if err := strictyaml.Decode(n, &q).Err(); err != nil {
		return true, err
	}
	return true, Only(doc, n.Pos().String(), append(q.Workloads, q.Subjects...))
}
