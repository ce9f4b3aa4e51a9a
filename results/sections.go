package results

import "strings"

// section is a part of a run in which all of its arrivals stand once more, apart by
// a name.
type section struct {
	name string // in files and paths
	of   func(*Run) *map[string]ClassInfo
}

var sections = [...]section{
	{"classes", func(run *Run) *map[string]ClassInfo { return &run.Classes }},
	{"requests", func(run *Run) *map[string]ClassInfo { return &run.Requests }},
}

const (
	partResponse = "response_ok." // in a part, for responseOK in a run
	responseOK   = "response.ok."
)

// metric is the metric at whole of the part name as a run of its own.
func (s section) metric(name, path, whole string) (entry, error) {
	e, err := lookup(whole)
	if err != nil {
		if _, is, _ := otherPercentile(whole); !is {
			err = unknownMetric(path)
		}
		return entry{}, err
	}
	alone := e
	e.Path = path
	e.get = func(run *Run) (float64, bool) {
		part, ok := s.part(run, name)
		if !ok {
			return 0, false
		}
		return alone.read(part)
	}
	if alone.bounds != nil {
		e.bounds = func(run *Run, v float64) (low, high float64) {
			part, _ := s.part(run, name)
			return alone.bounds(part, v)
		}
	}
	return e, nil
}

// part is a part of run as a run of its own.
func (s section) part(run *Run, name string) (part *Run, ok bool) {
	c, ok := (*s.of(run))[name]
	if !ok {
		return nil, false
	}
	part = &Run{
		Time: "real", Offered: c.Offered, Outcomes: c.Outcomes,
		Latency: Latencies{Response: map[string]*Latency{OK.String(): c.Response}},
		absent:  run.absent.within(s, name),
	}
	if !run.timed() {
		part.Latency = Latencies{}
	}
	return part, true
}

// partOf says how the metric of a run at path is called within a part, if parts have it.
func partOf(path string) (part string, ok bool) {
	if stat, ok := strings.CutPrefix(path, "response.{"); ok {
		_, stat, _ = strings.Cut(stat, "}.")
		return partResponse + stat, true
	}
	return path, path == "offered" || strings.HasPrefix(path, "outcomes.")
}

// cutPart splits "classes.NAME.PART" into the section, the name and the path that PART
// has in a run. Names may have dots.
func cutPart(path string) (s section, name, whole string, ok bool) {
	var rest string
	for _, s = range sections {
		if rest, ok = strings.CutPrefix(path, s.name+"."); ok {
			break
		}
	}
	if !ok {
		return s, "", "", false
	}
	if name, ok = strings.CutSuffix(rest, ".offered"); ok {
		return s, name, "offered", true
	}
	if i := strings.LastIndex(rest, ".outcomes."); i >= 0 {
		return s, rest[:i], rest[i+1:], true
	}
	if i := strings.LastIndex(rest, "."+partResponse); i >= 0 {
		return s, rest[:i], responseOK + rest[i+1+len(partResponse):], true
	}
	return s, "", "", false
}
