package ci

import (
	"slices"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/paired"
)

// Shift is where in a distribution the two sides of a unit differ. It decides nothing.
type Shift struct {
	Scenario string `json:"scenario"`
	Subject  string `json:"subject"`
	paired.Shift
}

// shifts looks at the histograms of every unit that was sampled.
func (c Case) shifts() (all []Shift) {
	if c.Policy.Single() || c.Policy.Capacity != nil {
		return nil
	}
	for i := range c.Units {
		u := &c.Units[i]
		var a, b []*results.Run
		for _, p := range u.Pairs {
			a, b = append(a, p.A.Run), append(b, p.B.Run)
		}
		for _, path := range c.histograms(u) {
			if s, ok := paired.ShiftOf(path, a, b); ok {
				all = append(all, Shift{u.Scenario, u.Subject, s})
			}
		}
	}
	return all
}

// histograms are those that a unit's claims are of, or that which tables show.
func (c Case) histograms(u *Unit) (paths []string) {
	for _, one := range c.Policy.Claims {
		path, ok := results.HistogramOf(one.Metric)
		if ok && (one.Subject == "" || one.Subject == u.Subject) && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 && len(u.Pairs) > 0 && u.Pairs[0].B.Run != nil {
		paths = []string{"response.ok"}
		if u.Pairs[0].B.Run.InProcess {
			paths[0] = "service.ok"
		}
	}
	return paths
}

// Where says which part of the distribution moved.
func (s *Shift) Where() string { return "where: " + s.Scenario + "/" + s.Subject + ": " + s.Said }
