package generators

import (
	"math"
	"slices"
	"time"
)

// A Profile measures arrivals as they really came out: how bursty and how
// skewed. Its memory is bounded by the number of keys, at most 2·[MaxInterned].
type Profile struct {
	horizon  time.Duration
	arrivals uint64
	last     time.Duration
	gaps     moments   // in nanoseconds
	windows  [3]window // of 1, 10 and 100 ms
	keys     []uint64  // arrivals, by number of key
	others   map[string]uint64
	lost     uint64 // arrivals of keys that found no room in others
	fits     []fit  // by class
}

// Realised is what a [Profile] found. What takes more arrivals than there were is NaN.
type Realised struct {
	Arrivals  uint64
	PerSecond float64 // mean rate over the horizon

	GapCV      float64 // coefficient of variation of the gaps: 0 even, 1 Poisson, above: bursty
	Dispersion float64 // variance ÷ mean of the arrivals per 100 ms, likewise
	Peak1ms    uint64  // most arrivals in a millisecond, counted off from the start of the run
	Peak10ms   uint64
	Peak100ms  uint64

	DistinctKeys            uint64  // at least, when Uncounted is above 0
	Top1Share               float64 // of the busiest key
	Top10Share, Top100Share float64
	Uncounted               uint64 // arrivals of keys beyond those that memory was kept for
	Fits                    []Fit  // of classes whose keys can be tested against their law
}

// NewProfile returns the profile of a schedule of w with that horizon.
func NewProfile(w *Workload, horizon time.Duration) *Profile {
	p := &Profile{
		horizon: horizon,
		keys:    make([]uint64, w.KeyCount()),
		others:  make(map[string]uint64),
		fits:    newFits(w),
	}
	for i, width := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		p.windows[i] = window{width: width, end: width, full: horizon / width * width}
	}
	return p
}

// End says that a number of arrivals ended the schedule, and not its horizon: it
// ends a mean gap after the last of them.
func (p *Profile) End() {
	p.horizon = p.last + time.Duration(p.gaps.mean)
	for i := range p.windows {
		w := &p.windows[i]
		w.full = p.horizon / w.width * w.width
	}
}

// Add takes in the next arrival, in order of time.
func (p *Profile) Add(a *Arrival) {
	if p.arrivals > 0 {
		p.gaps.add(float64(a.At - p.last))
	}
	p.arrivals++
	p.last = a.At
	for i := range p.windows {
		p.windows[i].add(a.At)
	}
	p.addKey(a)
	p.fits[a.Class].add(a)
}

func (p *Profile) addKey(a *Arrival) {
	if a.KeyID != NoKeyID {
		p.keys[a.KeyID]++
		return
	}
	if _, known := p.others[a.Key]; known || len(p.others) < MaxInterned {
		p.others[a.Key]++
	} else {
		p.lost++
	}
}

// Realised returns what was found so far.
func (p *Profile) Realised() Realised {
	r := Realised{
		Arrivals:   p.arrivals,
		PerSecond:  float64(p.arrivals) / p.horizon.Seconds(),
		GapCV:      math.Sqrt(p.gaps.variance()) / p.gaps.mean,
		Dispersion: p.windows[2].dispersion(),
		Peak1ms:    p.windows[0].peak(),
		Peak10ms:   p.windows[1].peak(),
		Peak100ms:  p.windows[2].peak(),
		Uncounted:  p.lost,
	}
	counts := p.sortedCounts()
	r.DistinctKeys = uint64(len(counts))
	r.Top1Share, r.Top10Share, r.Top100Share = p.share(counts, 1), p.share(counts, 10), p.share(counts, 100)
	for class := range p.fits {
		if f, ok := p.fits[class].test(); ok {
			f.Class = uint8(class)
			r.Fits = append(r.Fits, f)
		}
	}
	return r
}

// sortedCounts returns the arrivals of every key that had any, ascending.
func (p *Profile) sortedCounts() []uint64 {
	counts := slices.DeleteFunc(slices.Clone(p.keys), func(n uint64) bool { return n == 0 })
	for _, n := range p.others {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	return counts
}

// share returns the part of the arrivals that the busiest keys had.
func (p *Profile) share(counts []uint64, busiest int) float64 {
	var sum uint64
	for _, n := range counts[max(0, len(counts)-busiest):] {
		sum += n
	}
	return float64(sum) / float64(p.arrivals)
}

// A window counts arrivals per stretch of time of a fixed width.
type window struct {
	width, end   time.Duration
	full         time.Duration // end of the last window that lies wholly within the horizon
	count, most  uint64
	sum, squares float64 // over full windows
}

func (w *window) add(at time.Duration) {
	if at >= w.end {
		w.close()
		w.end = (at/w.width + 1) * w.width
	}
	w.count++
}

func (w *window) close() {
	w.most = max(w.most, w.count)
	if w.end <= w.full {
		w.sum += float64(w.count)
		w.squares += float64(w.count) * float64(w.count)
	}
	w.count = 0
}

func (w window) peak() uint64 { return max(w.most, w.count) }

// dispersion is over all full windows, those without arrivals too.
func (w window) dispersion() float64 {
	w.close()
	n := float64(w.full / w.width)
	return (w.squares - w.sum*w.sum/n) / (n - 1) / (w.sum / n)
}

// moments accumulates mean and variance (Welford 1962).
type moments struct{ n, mean, squares float64 }

func (m *moments) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / m.n
	m.squares += d * (x - m.mean)
}

func (m *moments) variance() float64 { return m.squares / (m.n - 1) }
