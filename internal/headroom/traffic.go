package headroom

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Traffic is what was observed, interval by interval.
type Traffic struct {
	Peak      float64 `json:"peak_per_s"` // of the interval with most
	PeakAt    string  `json:"peak_at"`    // when that was, as the file says it
	P99       float64 `json:"p99_per_s"`  // 99 % of the intervals have no more
	Mean      float64 `json:"mean_per_s"`
	Intervals int     `json:"intervals"`
	Width     float64 `json:"width_s"`           // from one to the next, in the middle
	Missing   int     `json:"missing,omitempty"` // intervals of which nothing is said
}

// Columns are the names of the columns of a file of traffic, where they are not the usual
// ones. Only one of Rate and Count can be given.
type Columns struct{ Time, Rate, Count string }

// ErrNoTraffic says that there is none to compare with.
var ErrNoTraffic = errors.New("there is no traffic")

// ReadTraffic reads CSV whose first line names its columns: the time, an instant or
// seconds, and either the rate, in requests per second, or the count of requests from that
// instant to the next. All lines that are wrong are named, up to ten.
func ReadTraffic(r io.Reader, c Columns) (Traffic, error) {
	t, wrong, err := readTable(r)
	if err != nil {
		return Traffic{}, err
	}
	if len(t.names) == 0 {
		return Traffic{}, fmt.Errorf("file is empty: %w; want a first line such as time,rate and a line for every interval", ErrNoTraffic)
	}
	at, value, counted, err := t.trafficColumns(c)
	if err != nil {
		return Traffic{}, err
	}
	if len(t.rows) == 0 && len(wrong) == 0 {
		return Traffic{}, fmt.Errorf("file has a first line alone: %w", ErrNoTraffic)
	}
	samples, more := t.samples(at, value)
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return Traffic{}, wrong.err()
	}
	if counted {
		return observeCounts(samples)
	}
	return observe(samples)
}

// samples reads the time and the value of every line.
func (t table) samples(at, value int) (samples []Sample, wrong problems) {
	var s stamps
	for _, row := range t.rows {
		stamp, text := row.fields[at], row.fields[value]
		v, ok := quantity(text)
		if !ok {
			wrong.add(row.line, "%s is %q; want a number from 0 to %g", t.names[value], text, mostRate)
		}
		seconds, err := s.parse(stamp)
		if err != nil {
			wrong.add(row.line, "%s is %q; want %w", t.names[at], stamp, err)
			continue
		}
		if n := len(samples); n > 0 && seconds <= samples[n-1].At {
			wrong.add(row.line, "%s is %s, and not after the %s before it; want every line later than the last", t.names[at], stamp, samples[n-1].Stamp)
			continue
		}
		samples = append(samples, Sample{At: seconds, Stamp: stamp, Value: v, Line: row.line})
	}
	return samples, wrong
}

// trafficColumns finds those that are needed.
func (t table) trafficColumns(c Columns) (at, value int, counted bool, err error) {
	at, err = t.column(c.Time, "time", "t", "timestamp")
	if at < 0 && err == nil {
		err = fmt.Errorf("line 1: column time is missing from %s; want one called time, t or timestamp, or its name with --time-column", t.shown())
	}
	rate, count := -1, -1
	var problem error
	if c.Count == "" {
		rate, problem = t.column(c.Rate, "rate", "rps")
		err = errors.Join(err, problem)
	}
	if c.Rate == "" {
		count, problem = t.column(c.Count, "count", "requests")
		err = errors.Join(err, problem)
	}
	switch {
	case err != nil:
	case at == max(rate, count):
		err = fmt.Errorf("line 1: column %s is to be both the time and what there was; want two", t.names[at])
	case rate >= 0 && count >= 0:
		err = fmt.Errorf("line 1: columns are %s and %s; want which of them with --rate-column or --count-column", t.names[rate], t.names[count])
	case rate < 0 && count < 0:
		err = fmt.Errorf("line 1: columns rate and count are missing from %s; want rate (or rps) in requests per second, or count (or requests) from each time to the next, or a name with --rate-column or --count-column", t.shown())
	}
	return at, max(rate, count), count >= 0, err
}

// Sample is what was observed in one interval.
type Sample struct {
	At    float64 // seconds, since whenever
	Stamp string  // when that was, to be read
	Value float64
	Line  int // of its file; 0 for none
}

// Observe looks at rates per second, in the order of their instants. All that are none are
// named, up to ten.
func Observe(samples []Sample) (Traffic, error) {
	var wrong problems
	for _, s := range samples {
		if !(s.Value >= 0 && s.Value <= mostRate) {
			wrong.add(s.Line, "at %s the rate is %g; want a number from 0 to %g", s.Stamp, s.Value, mostRate)
		}
	}
	if len(wrong) > 0 {
		return Traffic{}, wrong.err()
	}
	return observe(samples)
}

func observe(samples []Sample) (Traffic, error) {
	if len(samples) == 0 {
		return Traffic{}, ErrNoTraffic
	}
	if len(samples) < 2 {
		return Traffic{}, errors.New("there is 1 interval; want 2 at least, since how long one is they say together")
	}
	t := Traffic{Intervals: len(samples), Width: width(samples)}
	rates := make([]float64, len(samples))
	for i, s := range samples {
		rates[i] = s.Value
		t.Mean += s.Value / float64(len(samples))
		if s.Value > t.Peak || i == 0 {
			t.Peak, t.PeakAt = s.Value, s.Stamp
		}
		if i > 0 {
			t.Missing += int(min(max(0, math.Round((s.At-samples[i-1].At)/t.Width)-1), mostNeeded))
		}
	}
	if t.Peak == 0 {
		return t, fmt.Errorf("all %d intervals have 0 requests: %w", len(samples), ErrNoTraffic)
	}
	slices.Sort(rates)
	t.P99 = rates[int(math.Ceil(0.99*float64(len(rates))))-1]
	return t, nil
}

// width is how far apart instants are: of all distances the one in the middle.
func width(samples []Sample) float64 {
	apart := make([]float64, len(samples)-1)
	for i := range apart {
		apart[i] = samples[i+1].At - samples[i].At
	}
	slices.Sort(apart)
	return apart[(len(apart)-1)/2]
}

// observeCounts looks at counts of requests. Their intervals have to be as long as each
// other, since nobody can tell a long one from one after which some are missing.
func observeCounts(samples []Sample) (Traffic, error) {
	if len(samples) < 2 {
		return observe(samples)
	}
	every := width(samples)
	rates := slices.Clone(samples)
	var wrong problems
	for i := range rates {
		rates[i].Value /= every
		if i == 0 {
			continue
		}
		steps := (rates[i].At - rates[i-1].At) / every
		if math.Abs(steps-max(1, math.Round(steps))) > unevenness {
			wrong.add(rates[i].Line, "time is %.6g s after the line before, and most are %.6g s; want all as far apart, or whole intervals left out, or the rate in place of the count", rates[i].At-rates[i-1].At, every)
		}
	}
	if len(wrong) > 0 {
		return Traffic{}, wrong.err()
	}
	return Observe(rates)
}

// unevenness is by how much of an interval instants may be off, as stamps are rounded.
const unevenness = 0.01
