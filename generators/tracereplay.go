package generators

import (
	"io"
	"math/bits"
	"slices"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// maxWaiting is how many lines may wait until those that come late are read, or
// until all of their stamp are: some 100 MB.
const maxWaiting = 1 << 21

// replay puts the lines in order: those of a stamp are due once no line that may
// still come can be of it or earlier. They keep the order of the file, and are
// given their places within the time that the stamp stands for.
type replay struct {
	trace   *trace
	reader  *reader
	random  seed.Stream
	horizon time.Duration
	pending events.Agenda[line]
	latest  int64 // latest time read
	ended   bool

	stamp   int64  // time of
	lines   []line // those that have it
	offsets []int64
	turn    int // the next of them
	current line
	err     error
}

// A line is what one record of a trace asks for.
type line struct {
	key  string
	cost int64
}

func (p *replay) Next() (time.Duration, bool) {
	if p.turn == len(p.lines) && !p.gather() {
		return 0, false
	}
	p.current = p.lines[p.turn]
	at := p.trace.due(p.stamp + p.offsets[p.turn])
	p.turn++
	if at >= p.horizon {
		p.end(nil)
		p.pending, p.lines, p.turn = events.Agenda[line]{}, nil, 0
		return 0, false
	}
	return at, true
}

func (p *replay) Record() (key string, cost int64) { return p.current.key, p.current.cost }

func (p *replay) Err() error { return p.err }

// gather takes out the lines of the next stamp. It returns false when there is none.
func (p *replay) gather() bool {
	for !p.ended && !p.settled() {
		p.fill()
	}
	next, ok := p.pending.Next()
	if p.err != nil || !ok {
		return false
	}
	p.stamp, p.lines, p.turn = int64(next), p.lines[:0], 0
	for l, _, ok := p.pending.Due(next); ok; l, _, ok = p.pending.Due(next) {
		p.lines = append(p.lines, l)
	}
	p.spread()
	return true
}

// spread gives the lines of the stamp their offsets from it, in ascending order.
func (p *replay) spread() {
	n, unit := len(p.lines), uint64(p.trace.unit)
	random := p.random.Index(uint64(p.stamp))
	p.offsets = slices.Grow(p.offsets[:0], n)[:n]
	for i := range p.offsets {
		switch p.trace.config.Within {
		case withinEven:
			p.offsets[i] = int64(uint64(i) * unit / uint64(n))
		case withinUniform:
			offset, _ := bits.Mul64(random.Uint64(uint64(i)), unit)
			p.offsets[i] = int64(offset)
		default:
			p.offsets[i] = 0
		}
	}
	slices.Sort(p.offsets)
}

// settled reports that no line still to come can be of the first one's stamp or earlier.
func (p *replay) settled() bool {
	next, ok := p.pending.Next()
	return ok && int64(next) < p.latest-p.trace.disorder
}

// fill reads one line into pending.
func (p *replay) fill() {
	rec, err := p.reader.read()
	late := p.latest - rec.at
	switch {
	case err == io.EOF:
		p.end(nil)
	case err != nil:
		p.end(err)
	case late > p.trace.reorder && p.trace.skip > 0: // it was skipped when the file was checked
	case rec.at < p.trace.origin || late > p.trace.disorder:
		p.end(p.reader.errorf("line is out of order; want the file as it was when it was checked"))
	case p.pending.Len() == p.trace.most:
		p.end(p.reader.errorf("%d lines wait for those that come up to %v late, or have one stamp; want a file in order of time, such as by sort, or fewer lines",
			p.trace.most, units.Duration(p.trace.disorder)))
	default:
		p.latest = max(p.latest, rec.at)
		p.pending.Push(time.Duration(rec.at), line{p.trace.name(rec.key), rec.cost})
	}
}

func (p *replay) end(err error) { p.ended, p.err = true, err }
