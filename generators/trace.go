package generators

import (
	"fmt"
	"io"
	"math/big"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/internal/whole"
)

type trace struct {
	source
	config   TraceConfig
	content  *content
	num, den uint64 // speed
	reorder  int64  // nanoseconds
	most     int    // lines that may wait for their turn
	len      uint64
	origin   int64             // time 0, in nanoseconds
	latest   int64             // latest time
	unit     int64             // what a stamp stands for, in nanoseconds
	grid     int64             // what all stamps are multiples of, in nanoseconds: at most a second
	exact    bool              // stamps are no clock's readings, but of an event log
	disorder int64             // the most by which a line comes after a later one
	names    []string          // keys in order of first appearance
	known    map[string]uint32 // their places in names
	seen     fingerprint
	skipping []string // what there is to say of lines that were skipped
	coarse   []string // and of stamps that tell less than they seem to
}

func (t *trace) Names() []string { return t.names }
func (t *trace) Len() uint64     { return t.len }

// span is the time to the end of the last stamp, up to which the last arrival may have
// come: later than its due time.
func (t *trace) span() time.Duration {
	return max(t.due(t.latest+t.unit), t.due(t.latest+t.unit-1)+1)
}

// Length is the span.
func (t *trace) Length() (usual, least time.Duration) { return t.span(), t.span() }

// Config returns the config with what the file itself was found to be. What is
// usual, and says nothing of the arrivals, is left out.
func (t *trace) Config() any {
	c, usual := t.config, DefaultTraceConfig()
	if c.Speed == usual.Speed {
		c.Speed = 0
	}
	if c.Reorder == usual.Reorder {
		c.Reorder = 0
	}
	c.Format, c.Resolution = t.format, units.Duration(t.unit)
	return c
}

// Source names the file, or the copy that is read in its place.
func (t *trace) Source() string { return t.content.path() }

// Notes says what was copied, and which lines were skipped.
func (t *trace) Notes() []string { return slices.Concat(t.content.notes(), t.skipping, t.coarse) }

// checkResolution refuses what no stamp stands for.
func (t *trace) checkResolution() error {
	if r := t.config.Resolution; r < 0 || time.Duration(r) > time.Second {
		return fmt.Errorf("resolution is %v; want at most 1s", r)
	}
	return nil
}

// setSpeed reads the factor as the decimal fraction that it was written as.
func (t *trace) setSpeed(factor float64) error {
	if !(factor >= 1e-6 && factor <= 1e9) {
		return fmt.Errorf("speed is %v; want 0.000001 to 1000000000", factor)
	}
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(factor, 'g', -1, 64))
	if r.Num().BitLen() > 62 || r.Denom().BitLen() > 62 {
		return fmt.Errorf("speed is %v; want fewer digits", factor)
	}
	t.num, t.den = r.Num().Uint64(), r.Denom().Uint64()
	return nil
}

// due returns the offset at which a recorded time is replayed, rounded down.
func (t *trace) due(at int64) time.Duration {
	p := whole.Product(uint64(at-t.origin), t.den)
	if p.Hi >= t.num {
		return endless
	}
	q, _ := bits.Div64(p.Hi, p.Lo, t.num)
	return time.Duration(min(q, endless))
}

// scan reads the file once: it finds every error, the span, the keys, and how
// far out of order the lines are.
func (t *trace) scan() error {
	r := t.source.reader(t.content.reader())
	t.known, t.unit, t.grid = make(map[string]uint32), int64(time.Second), int64(time.Second)
	for {
		rec, err := r.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if t.len > 0 && t.latest-rec.at > t.reorder {
			r.refuse(r.errorf("time is %v before that of an earlier line; want at most %v (reorder)",
				units.Duration(t.latest-rec.at), units.Duration(t.reorder)))
			continue
		}
		t.include(rec)
	}
	t.format, t.seen, t.skipping = r.format, r.seen, r.notes()
	return t.settle()
}

// include takes a line into account.
func (t *trace) include(rec record) {
	if t.len == 0 {
		t.origin, t.latest = rec.at, rec.at
	}
	if rec.zero {
		t.origin, t.exact = min(t.origin, 0), true
	}
	t.grid = whole.GCD(t.grid, rec.at%int64(time.Second))
	t.disorder = max(t.disorder, t.latest-rec.at)
	t.origin, t.latest, t.unit = min(t.origin, rec.at), max(t.latest, rec.at), min(t.unit, rec.unit)
	t.len++
	t.note(rec.key)
}

// settle checks what only the whole file shows.
func (t *trace) settle() error {
	want := int64(t.config.Resolution)
	switch {
	case t.len == 0:
		return fmt.Errorf("%s has no lines; want a recording", t.file)
	case want > t.unit && t.grid%want != 0:
		return fmt.Errorf("resolution is %v, but the stamps of %s tell %v apart; want at most that", t.config.Resolution, t.file, units.Duration(t.unit))
	case want > 0:
		t.unit = want
	case t.wholeSeconds():
		t.coarse = []string{fmt.Sprintf("all %d stamps are whole seconds, although written to %v: the lines of each are spread within it; resolution: %v takes them as written",
			t.len, units.Duration(t.unit), units.Duration(t.unit))}
		t.unit = t.grid
	}
	if t.span() >= endless {
		return fmt.Errorf("%s lasts over 292 years at this speed; want a higher speed", t.file)
	}
	return nil
}

// someStamps are as many as do not come to be whole seconds by chance.
const someStamps = 10

// wholeSeconds reports whether the stamps are those of a clock that tells seconds,
// written with a fraction that says nothing.
func (t *trace) wholeSeconds() bool {
	return !t.exact && t.grid == int64(time.Second) && t.unit < t.grid && t.len >= someStamps && t.latest > t.origin
}

// note numbers a key when it is new and there is room.
func (t *trace) note(key []byte) {
	if _, ok := t.known[string(key)]; !ok && len(t.names) < MaxInterned {
		name := string(key)
		t.known[name] = uint32(len(t.names))
		t.names = append(t.names, name)
	}
}

// name returns the key as a string, a ready-made one where there is one.
func (t *trace) name(key []byte) string {
	if i, ok := t.known[string(key)]; ok {
		return t.names[i]
	}
	return string(key)
}

// Times returns a cursor that reads the file anew.
func (t *trace) Times(r seed.Stream, horizon time.Duration) Times {
	p := &replay{trace: t, random: r, horizon: horizon, latest: t.origin}
	p.reader = t.source.reader(t.content.reader())
	p.reader.seen.first = &t.seen
	return p
}
