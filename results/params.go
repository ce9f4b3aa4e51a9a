package results

import (
	"encoding/json"
	"strings"
)

// CombinedName is how a subject's trial is called in one combination of a sweep,
// "gcra[limiter.rate=100/s,load.lanes=2]"; where there is none, as the subject.
func CombinedName(subject string, params json.RawMessage) string {
	return subject + suffix(params)
}

func suffix(params json.RawMessage) string {
	var parts []string
	for _, p := range Settings(params) {
		parts = append(parts, p.Name+"="+p.Text())
	}
	if len(parts) == 0 {
		return ""
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// SubjectName is how the subject of a run is called, whichever combination of a
// sweep it is in.
func (r *Run) SubjectName() string { return strings.TrimSuffix(r.Trial, suffix(r.Params)) }

// Param is what the run has for a path of its sweep; "" where it has no such path.
func (r *Run) Param(path string) string {
	for _, p := range Settings(r.Params) {
		if p.Name == path {
			return p.Text()
		}
	}
	return ""
}
