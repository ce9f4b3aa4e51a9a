package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/fcbench/fcbench/internal/headroom"
)

// headroomScale is what several numbers of instances take, as JSON has it.
type headroomScale struct {
	Counts     int          `json:"measured"`
	Largest    int          `json:"largest"`
	Told       int          `json:"told_to"` // nothing is said of more instances
	Law        *headroomLaw `json:"law,omitempty"`
	Why        string       `json:"no_law,omitempty"`
	Confidence float64      `json:"confidence"`
	Points     []scalePoint `json:"points"`

	superlinear bool
}

// headroomLaw is the law with its intervals.
type headroomLaw struct {
	One        scaleBand `json:"one_per_s"`
	Contention scaleBand `json:"contention"`
	Coherence  scaleBand `json:"coherence"`
	// Peak is the number of instances that take most; its value is null where that is none
	// that is told of.
	Peak   scaleBand `json:"peak_instances"`
	Misfit float64   `json:"misfit"` // times that measurements are farther from the law than their intervals are wide
	Draws  int       `json:"draws"`
	Seed   uint64    `json:"seed"`
}

type scaleBand struct {
	Value    *float64          `json:"value"`
	Interval headroom.Interval `json:"interval"`
}

// scalePoint is one number of instances.
type scalePoint struct {
	headroom.Measured            // its capacity is 0 where it was not measured
	Law               *scaleBand `json:"law_per_s,omitempty"`
}

// scaleOf is a curve as it is printed: what was measured, and how far more is told.
func scaleOf(c *headroom.Curve) *headroomScale {
	s := &headroomScale{Counts: len(c.Measured), Largest: c.Largest(), Told: c.Told(), Why: c.Why, Confidence: c.Confidence, superlinear: c.Superlinear}
	for _, m := range c.Measured {
		s.Points = append(s.Points, scalePoint{Measured: m})
	}
	if c.Law == nil {
		return s
	}
	s.Points = append(s.Points, scalePoint{Measured: headroom.Measured{Instances: s.Told}})
	for i, p := range s.Points {
		band := bandOf(c.Band(p.Instances), math.Inf(1))
		s.Points[i].Law = &band
	}
	one, contention, coherence, peak := c.Parts()
	s.Law = &headroomLaw{
		One: bandOf(one, math.Inf(1)), Contention: bandOf(contention, math.Inf(1)), Coherence: bandOf(coherence, math.Inf(1)),
		Peak: bandOf(peak, float64(s.Told)), Misfit: c.Misfit, Draws: headroom.Draws, Seed: c.Seed,
	}
	return s
}

// bandOf leaves out what is more than is told.
func bandOf(b headroom.Band, most float64) scaleBand {
	told := func(v float64) float64 {
		if v > most {
			return math.Inf(1)
		}
		return v
	}
	s := scaleBand{Interval: headroom.Interval{Low: told(b.Low), High: told(b.High)}}
	if b.Value <= most {
		s.Value = &b.Value
	}
	return s
}

func (b scaleBand) words() string {
	return fmt.Sprintf("%.3g (%.3g to %.3g)", *b.Value, b.Interval.Low, b.Interval.High)
}

func (s headroomScale) print(w io.Writer) {
	if s.Law != nil {
		name := "law"
		for _, line := range s.lawWords() {
			fmt.Fprintf(w, "%-10s %s\n", name, line)
			name = ""
		}
	} else {
		fmt.Fprintf(w, "law        %s\n", wrappedWords("none: "+s.Why))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(scaleColumns[:], "\t"))
	for _, p := range s.Points {
		fmt.Fprintln(t, strings.Join(p.cells(), "\t"))
	}
	_ = t.Flush()
	if s.Law != nil {
		fmt.Fprintln(w, s.endWords())
	}
}

// lawWords are the law, a line for each part; there has to be one.
func (s headroomScale) lawWords() []string {
	l := s.Law
	all := []string{
		fmt.Sprintf("n·λ / (1 + σ·(n-1) + κ·n·(n-1)) through %d measurements", s.Counts),
		fmt.Sprintf("λ %s (%s)", perSecond(*l.One.Value), rateEnds(l.One.Interval)),
		fmt.Sprintf("σ %s, κ %s", l.Contention.words(), l.Coherence.words()),
		l.peakWords(s.Told),
		fmt.Sprintf("%.4g %% intervals by %d draws, seed %d", 100*s.Confidence, l.Draws, l.Seed),
	}
	if l.Misfit > 1.5 {
		all = append(all, fmt.Sprintf("measurements are %.2g times farther from it than they are uncertain", l.Misfit))
	}
	return all
}

// endWords say where what is told ends.
func (s headroomScale) endWords() string {
	return fmt.Sprintf("Nothing is told beyond %d, twice the largest number that was measured.", s.Told)
}

// scaleColumns are those of the table of what several numbers of instances take.
var scaleColumns = [...]string{"instances", "measured", "interval", "by the law", "band"}

func (p scalePoint) cells() []string {
	measured, interval, law, band := "-", "-", "-", "-"
	if p.Capacity > 0 {
		measured = perSecond(p.Capacity)
	}
	if p.High > 0 {
		interval = rateEnds(headroom.Interval{Low: p.Low, High: p.High})
	}
	if p.Law != nil {
		law, band = perSecond(*p.Law.Value), rateEnds(p.Law.Interval)
	}
	return []string{strconv.Itoa(p.Instances), measured, interval, law, band}
}

// peakWords say how many instances take most.
func (l headroomLaw) peakWords(told int) string {
	switch p := l.Peak; {
	case p.Value == nil && math.IsInf(p.Interval.Low, 1):
		return fmt.Sprintf("more instances take more, up to %d", told)
	case p.Value == nil:
		return fmt.Sprintf("more instances take more up to %d, or up to %.0f by the band", told, p.Interval.Low)
	case math.IsInf(p.Interval.High, 1):
		return fmt.Sprintf("%.0f instances take most (%.0f to more than is told)", *p.Value, p.Interval.Low)
	default:
		return fmt.Sprintf("%.0f instances take most (%.0f to %.0f)", *p.Value, p.Interval.Low, p.Interval.High)
	}
}
