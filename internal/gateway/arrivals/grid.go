// Package arrivals says how punctually requests arrive, whoever sends them: how far
// from a grid of a given rate. It serves minimal HTTP/1.1 on one thread. The instant of
// a request is when the kernel had the last of its bytes, which it notes for TCP as
// for datagrams, so that a busy reader distorts nothing; what it did not note counts
// from when it was read, and is counted as such. Requests that are sent together on a
// connection have one instant.
//
// Arrival k, counted from 0 in the order of these instants, belongs at
// offset + k/rate. What the sender took for its offset nobody here knows, so that it
// is fitted, in two ways:
//
//   - to the grid: the offset for which the distances of all arrivals from the grid
//     add up to the least, which is the median of arrival − k/rate. The distance
//     counts, whether it is early or late. It forgives a constant delay, and a sender
//     that is regularly early.
//   - to the earliest: the offset of the arrival that was the earliest against its
//     place, so that all others are late by what they are behind it. A single
//     request that comes too early makes all others late.
//
// A sender that leaves out requests shifts all that follow to earlier places, and one
// whose rate is not the asked one drifts away: the rate that was reached is told as
// well.
package arrivals

import (
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

const (
	// Width is that of a bucket: distances are exact to that.
	Width    = 2 * time.Microsecond
	pageSize = 1 << 12
	pages    = 1 << 13
	origin   = pages / 4 * pageSize // the bucket of what is as early as the first
)

// Grid collects arrivals. Its memory is bounded by how far they are apart from the
// grid, 8 KiB for each 8 ms, and at most some 128 MiB: what is more than 16 s early or
// 50 s late against the first counts as that.
type Grid struct {
	rate        float64 // per nanosecond
	n           uint64
	first, last time.Duration
	counts      [pages]*[pageSize]uint32
	low, high   int           // buckets in use
	least, most time.Duration // of arrival − k/rate, against the first
}

// NewGrid returns one of so many arrivals per second.
func NewGrid(perSecond float64) *Grid { return &Grid{rate: perSecond / float64(time.Second)} }

// Add counts an arrival at now. They come in order, or nearly so.
func (g *Grid) Add(now time.Duration) {
	if g.n == 0 {
		g.first, g.low, g.high = now, origin, origin
	}
	late := now - g.first - time.Duration(float64(g.n)/g.rate)
	g.n, g.last = g.n+1, max(g.last, now)
	g.least, g.most = min(g.least, late), max(g.most, late)
	bucket := min(max(origin+int(floorDiv(late, Width)), 0), pages*pageSize-1)
	g.low, g.high = min(g.low, bucket), max(g.high, bucket)
	page := &g.counts[bucket/pageSize]
	if *page == nil {
		*page = new([pageSize]uint32)
	}
	(*page)[bucket%pageSize]++
}

func floorDiv(d, by time.Duration) time.Duration {
	q := d / by
	if d%by < 0 {
		q--
	}
	return q
}

// Fit is how far arrivals were from a grid.
type Fit struct {
	P50 time.Duration `json:"p50_ns"`
	P90 time.Duration `json:"p90_ns"`
	P99 time.Duration `json:"p99_ns"`
	Max time.Duration `json:"max_ns"`
}

// Stats is what a Grid has found.
type Stats struct {
	Asked    float64 `json:"asked_per_s"`
	Arrivals uint64  `json:"arrivals"`
	Reached  float64 `json:"reached_per_s"` // from the first to the last; 0 of fewer than two
	Grid     Fit     `json:"off_grid"`      // distances, early or late, for the offset that makes them least together
	Earliest Fit     `json:"behind_first"`  // how late against the earliest
}

// Stats says what was found so far.
func (g *Grid) Stats() Stats {
	s := Stats{Asked: g.rate * float64(time.Second), Arrivals: g.n}
	if g.n == 0 {
		return s
	}
	if g.last > g.first {
		s.Reached = float64(g.n-1) / (g.last - g.first).Seconds()
	}
	s.Earliest = g.fit(g.low)
	s.Earliest.Max = g.most - g.least
	s.Grid = g.fit(g.at(loglinear.Quantile{Num: 1, Den: 2}))
	return s
}

// at is the bucket at the rank of q.
func (g *Grid) at(q loglinear.Quantile) int {
	rank, seen := q.Rank(g.n), uint64(0)
	for b := g.low; b <= g.high; b++ {
		if seen += g.of(b); seen >= rank {
			return b
		}
	}
	return g.high
}

func (g *Grid) of(bucket int) uint64 {
	if bucket < 0 || bucket >= pages*pageSize || g.counts[bucket/pageSize] == nil {
		return 0
	}
	return uint64(g.counts[bucket/pageSize][bucket%pageSize])
}

// fit is how far arrivals are from a bucket, on both sides.
func (g *Grid) fit(centre int) (f Fit) {
	ranks := [...]uint64{
		loglinear.Quantile{Num: 50, Den: 100}.Rank(g.n), loglinear.Quantile{Num: 90, Den: 100}.Rank(g.n),
		loglinear.Quantile{Num: 99, Den: 100}.Rank(g.n), g.n,
	}
	into := [...]*time.Duration{&f.P50, &f.P90, &f.P99, &f.Max}
	seen, next := uint64(0), 0
	for d := 0; next < len(ranks) && d <= max(g.high-centre, centre-g.low); d++ {
		seen += g.of(centre + d)
		if d > 0 {
			seen += g.of(centre - d)
		}
		for next < len(ranks) && seen >= ranks[next] {
			*into[next] = time.Duration(d) * Width
			next++
		}
	}
	return f
}
