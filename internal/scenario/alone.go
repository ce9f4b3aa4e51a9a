package scenario

import (
	"encoding/json"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// Alone is the document with its i-th subject only, to be parsed again elsewhere: the
// subject is called there as it is here, and what is said of others is left out.
func (s *Scenario) Alone(i int) json.RawMessage {
	doc, sub := s.doc.Clone(), s.Subjects[i]
	one := doc.Get("subjects").Items()[i]
	if one.Get("name") == nil {
		one.Put("name", strictyaml.NewText("", sub.plain))
	}
	list := strictyaml.NewList("subjects")
	list.Append(one)
	doc.Put("subjects", list)
	doc.Remove("quick")
	if !sub.Pipeline() {
		doc.Remove("undisturbed")
	}
	if len(s.FaultsOf(sub)) == 0 {
		doc.Remove("faults")
	}
	steps := strictyaml.NewList("steps")
	for _, step := range doc.Get("steps").Items() {
		if step.Get("set").Get("subject").String() == sub.plain {
			steps.Append(step)
		}
	}
	if doc.Remove("steps"); len(steps.Items()) > 0 {
		doc.Put("steps", steps)
	}
	return doc.ToJSON()
}
