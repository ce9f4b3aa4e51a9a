package generators

import "github.com/fcbench/fcbench/internal/seed"

// Fit is a chi-square test of the keys of a class against their law. Keys that
// are expected fewer than 5 times are taken together.
type Fit struct {
	Class            uint8
	ChiSquare        float64
	DegreesOfFreedom int
	P                float64 // probability of at least this ChiSquare under the law
}

// minExpected is the least expectation of a cell for which the statistic is
// close enough to its limiting distribution.
const minExpected = 5

// A fit counts the keys of one class whose law is [Weighted]; the zero fit is
// that of any other class and counts nothing.
type fit struct {
	law    Weighted
	seed   seed.Stream
	first  uint32
	counts []uint64
	total  uint64
}

func newFits(w *Workload) []fit {
	fits := make([]fit, len(w.streams))
	for i, s := range w.streams {
		if law, ok := s.keys.(Weighted); ok && s.space.first != NoKeyID {
			fits[i] = fit{law: law, seed: s.keySeed, first: s.space.first, counts: make([]uint64, law.N())}
		}
	}
	return fits
}

func (f *fit) add(a *Arrival) {
	if f.law != nil {
		f.counts[a.KeyID-f.first]++
		f.total++
	}
}

// test compares the counts with the law; ok is false with fewer than two cells.
func (f *fit) test() (result Fit, ok bool) {
	var rest cell
	cells := make([]cell, 0, len(f.counts))
	for i, n := range f.counts {
		c := cell{float64(n), float64(f.total) * f.law.P(f.seed, uint64(i))}
		if c.expected < minExpected {
			rest = rest.plus(c)
		} else {
			cells = append(cells, c)
		}
	}
	switch {
	case rest.expected >= minExpected:
		cells = append(cells, rest)
	case len(cells) > 0:
		cells[len(cells)-1] = cells[len(cells)-1].plus(rest)
	}
	if len(cells) < 2 {
		return Fit{}, false
	}
	return chiSquare(cells), true
}

type cell struct{ observed, expected float64 }

func (c cell) plus(o cell) cell {
	return cell{c.observed + o.observed, c.expected + o.expected}
}

func chiSquare(cells []cell) Fit {
	f := Fit{DegreesOfFreedom: len(cells) - 1}
	for _, c := range cells {
		d := c.observed - c.expected
		f.ChiSquare += d * d / c.expected
	}
	f.P = chiSquareP(f.ChiSquare, f.DegreesOfFreedom)
	return f
}
