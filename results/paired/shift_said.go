package paired

import (
	"fmt"
	"math"
	"strings"
)

// stretch is a row of quantiles that moved one way, from one place to another.
type stretch struct{ from, to int }

// stretches are those of a shift, in their order.
func (s *Shift) stretches() (all []stretch) {
	for i, p := range s.Points {
		last := len(all) - 1
		switch {
		case !p.Moved:
		case last >= 0 && all[last].to == i-1 && (p.Change > 0) == (s.Points[i-1].Change > 0):
			all[last].to = i
		default:
			all = append(all, stretch{i, i})
		}
	}
	return all
}

// said is which part moved, and by how much, in one sentence.
func (s *Shift) said() string {
	all := s.stretches()
	last := len(s.Points) - 1
	switch {
	case last < 0:
		return ""
	case len(all) == 0 && s.still():
		return fmt.Sprintf("no part of %s moved: every quantile is within %g %%", s.Histogram, 100*LeastShift)
	case len(all) == 0:
		return fmt.Sprintf("no part of %s is known to have moved", s.Histogram)
	case len(all) == 1 && all[0] == stretch{0, last}:
		return fmt.Sprintf("all of %s is %s, %s", s.Histogram, s.way(all[0]), s.by(all[0]))
	}
	var parts []string
	for _, one := range all {
		parts = append(parts, fmt.Sprintf("%s %s, %s", s.way(one), s.where(one), s.by(one)))
	}
	text := fmt.Sprintf("%s is %s", s.Histogram, strings.Join(parts, ", and "))
	if part := s.part(all); part != "" {
		only := ""
		if s.still() {
			only = "only "
		}
		text = fmt.Sprintf("%s%s moved: %s", only, part, text)
	}
	if p, ok := s.median(); ok && !p.Moved {
		text += fmt.Sprintf("; p50 %s [%s, %s]", percent(p.Change), percent(p.Low), percent(p.High))
	}
	return text
}

// still reports whether all that did not move is shown not to have, by as much as matters.
func (s *Shift) still() bool {
	for _, p := range s.Points {
		if !p.Moved && (math.Abs(p.Low) >= LeastShift || math.Abs(p.High) >= LeastShift) {
			return false
		}
	}
	return true
}

// part names the end of the distribution that alone moved, or nothing.
func (s *Shift) part(all []stretch) string {
	last := len(s.Points) - 1
	if len(all) != 1 {
		return ""
	}
	switch from, to := s.Points[all[0].from].Share, s.Points[all[0].to].Share; {
	case all[0].to == last && from >= 0.9:
		return "the tail"
	case all[0].to == last && from > 0.5:
		return "the slower part"
	case all[0].from == 0 && to < 0.5:
		return "the faster part"
	}
	return ""
}

// where is a stretch in words.
func (s *Shift) where(one stretch) string {
	from, to := s.Points[one.from].Name, s.Points[one.to].Name
	switch {
	case one.from == one.to:
		return "at " + from
	case one.to == len(s.Points)-1:
		return "from " + from + " on"
	case one.from == 0:
		return "up to " + to
	}
	return "from " + from + " to " + to
}

// way is the direction of a stretch in a word.
func (s *Shift) way(one stretch) string {
	if s.Points[one.from].Change < 0 {
		return "shorter"
	}
	return "longer"
}

// by is how much a stretch moved: the least and the most of it.
func (s *Shift) by(one stretch) string {
	least, most := s.Points[one.from], s.Points[one.from]
	for _, p := range s.Points[one.from : one.to+1] {
		if math.Abs(p.Change) < math.Abs(least.Change) {
			least = p
		}
		if math.Abs(p.Change) > math.Abs(most.Change) {
			most = p
		}
	}
	if one.from == one.to {
		return percent(most.Change)
	}
	return fmt.Sprintf("%s (%s) to %s (%s)", percent(least.Change), least.Name, percent(most.Change), most.Name)
}

func (s *Shift) median() (ShiftPoint, bool) {
	for _, p := range s.Points {
		if p.Name == "p50" {
			return p, true
		}
	}
	return ShiftPoint{}, false
}

func percent(share float64) string { return fmt.Sprintf("%+.1f%%", 100*share) }
