package trials

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// over is the value of the scenario that is searched.
type over struct {
	name  string
	path  string
	whole bool // only such values make sense
	rate  bool // written as "100/s"
}

// overOf finds it: rate, clients, lanes, limiter.rate, or any path.
func overOf(doc *strictyaml.Node, name string) (over, error) {
	closed := doc.Get("load").Get("model").String() == "closed"
	switch name {
	case "rate":
		switch {
		case closed:
			return over{}, errors.New("--over rate stands beside a closed loop, which has none; want --over clients, or an open loop")
		case doc.Get("workload").Get("streams") != nil:
			return over{}, errors.New("--over rate stands beside several streams; want --over workload.streams[0].arrivals.rate or the like")
		}
		return over{name, ratePath, false, true}, nil
	case "clients":
		if !closed {
			return over{}, errors.New("--over clients stands beside an open loop, which has none; want --set load.model=closed")
		}
		return over{name, "load.clients", true, false}, nil
	case "lanes":
		return over{name, "load.lanes", true, false}, nil
	}
	last := name[strings.LastIndex(name, ".")+1:]
	rate := last == "rate" || strings.HasSuffix(last, "_rate")
	o := over{name, name, !rate, rate}
	if _, err := o.on(doc, 1000); err != nil {
		return over{}, fmt.Errorf("--over %s: %w", name, err)
	}
	return o, nil
}

// on is the document with the value in place.
func (o over) on(doc *strictyaml.Node, v float64) (*strictyaml.Node, error) {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if o.rate {
		text = strconv.FormatFloat(v, 'f', 3, 64) + "/s"
	}
	changed := doc.Clone()
	if o.path == ratePath {
		spellOut(changed.Get("workload"))
	}
	return changed, scenario.Set(changed, o.path, strictyaml.NewScalar("--over "+o.name, text))
}

// ratePath is where the offered rate stands.
const ratePath = "workload.arrivals.rate"

// spellOut makes arrivals such as poisson:1k/s a map, which a rate can be set in.
func spellOut(workload *strictyaml.Node) {
	kind, rate, ok := strings.Cut(workload.Get("arrivals").String(), ":")
	if !ok || strings.Contains(rate, ":") {
		return
	}
	arrivals := strictyaml.NewMap("workload")
	arrivals.Put("kind", strictyaml.NewText("workload", kind))
	arrivals.Put("rate", strictyaml.NewScalar("workload", rate))
	workload.Put("arrivals", arrivals)
}

// Calm is the mean rate at which random arrivals do not bring more than so many in
// any second: five standard deviations less.
func Calm(most float64) float64 { return max(most/2, most-5*math.Sqrt(most)) }
