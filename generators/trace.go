package generators

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/internal/events"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
)

// TraceConfig describes the replay of a recording: an access log in Common or
// Combined Log Format, or CSV or JSON Lines of t, key and cost; gzip is noticed.
//
// In CSV and JSON Lines t is a number of seconds or an RFC 3339 time, and the
// cost may be left out; it is then 1, as in access logs.
type TraceConfig struct {
	File    string         `yaml:"file"`
	Format  string         `yaml:"format,omitempty"`  // clf, csv or jsonl; default: as the first line looks
	Speed   float64        `yaml:"speed,omitempty"`   // 10 replays an hour in six minutes; default 1
	Reorder units.Duration `yaml:"reorder,omitempty"` // how much too late a line may come; default 60s
	Key     string         `yaml:"key,omitempty"`     // of an access log: client, path or user; default client
}

// NewTrace returns a process that replays a recording, a [Recording]. Time 0
// is that of its earliest line. It reads the whole file once to check it, and
// again, in memory bounded by the disorder it found, for every run.
func NewTrace(c TraceConfig) (Process, error) {
	if c.Speed == 0 {
		c.Speed = 1
	}
	if c.Reorder == 0 {
		c.Reorder = units.Duration(time.Minute)
	}
	t := &trace{source: source{file: c.File, format: c.Format, key: c.Key}}
	if err := errors.Join(t.setSpeed(c.Speed), t.source.check(), checkLength("reorder", c.Reorder)); err != nil {
		return nil, err
	}
	if err := t.scan(time.Duration(c.Reorder)); err != nil {
		return nil, err
	}
	return t, nil
}

type trace struct {
	source
	num, den uint64 // speed
	len      uint64
	origin   int64             // earliest time, in nanoseconds
	latest   int64             // latest time
	disorder int64             // the most by which a line comes after a later one
	names    []string          // keys in order of first appearance
	known    map[string]uint32 // their places in names
}

func (t *trace) Names() []string     { return t.names }
func (t *trace) Len() uint64         { return t.len }
func (t *trace) Span() time.Duration { return t.due(t.latest) }

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
	p := product(uint64(at-t.origin), t.den)
	if p.hi >= t.num {
		return endless
	}
	q, _ := bits.Div64(p.hi, p.lo, t.num)
	return time.Duration(min(q, endless))
}

// scan reads the file once: it finds every error, the span, the keys, and how
// far out of order the lines are.
func (t *trace) scan(reorder time.Duration) error {
	r := t.open()
	defer r.close()
	t.known = make(map[string]uint32)
	for {
		rec, err := r.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if t.len == 0 {
			t.origin, t.latest = rec.at, rec.at
		}
		if late := t.latest - rec.at; late > int64(reorder) {
			return r.errorf("time is %v before that of an earlier line; want at most %v (reorder)",
				units.Duration(late), units.Duration(reorder))
		} else if late > t.disorder {
			t.disorder = late
		}
		t.origin, t.latest = min(t.origin, rec.at), max(t.latest, rec.at)
		t.len++
		t.note(rec.key)
	}
	switch {
	case t.len == 0:
		return fmt.Errorf("%s has no lines; want a recording", t.file)
	case t.Span() == endless:
		return fmt.Errorf("%s lasts over 292 years at this speed; want a higher speed", t.file)
	}
	return nil
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
func (t *trace) Times(_ seed.Stream, horizon time.Duration) Times {
	return &replay{trace: t, reader: t.open(), horizon: horizon, latest: t.origin}
}

// replay puts the lines in order: a line is due once no line that may still
// come can be earlier. Lines of one time keep the order of the file.
type replay struct {
	trace   *trace
	reader  *reader
	horizon time.Duration
	pending events.Agenda[line]
	latest  int64 // latest time read
	ended   bool
	current line
	err     error
}

// A line is what one record of a trace asks for.
type line struct {
	key  string
	cost int64
}

func (p *replay) Next() (time.Duration, bool) {
	for !p.ended && !p.settled() {
		p.fill()
	}
	first, stamp, ok := p.pending.Due(events.Forever)
	if p.err != nil || !ok {
		return 0, false
	}
	p.current = first
	at := p.trace.due(int64(stamp))
	if at >= p.horizon {
		p.end(nil)
		p.pending = events.Agenda[line]{}
		return 0, false
	}
	return at, true
}

func (p *replay) Record() (key string, cost int64) { return p.current.key, p.current.cost }

func (p *replay) Err() error { return p.err }

// settled reports that no line still to come can be earlier than the first one.
func (p *replay) settled() bool {
	next, ok := p.pending.Next()
	return ok && int64(next) <= p.latest-p.trace.disorder
}

// fill reads one line into pending.
func (p *replay) fill() {
	rec, err := p.reader.read()
	switch {
	case err == io.EOF:
		p.end(nil)
	case err != nil:
		p.end(err)
	case rec.at < p.trace.origin || rec.at < p.latest-p.trace.disorder:
		p.end(p.reader.errorf("line is out of order; want the file as it was when it was checked"))
	default:
		p.latest = max(p.latest, rec.at)
		p.pending.Push(time.Duration(rec.at), line{p.trace.name(rec.key), rec.cost})
	}
}

func (p *replay) end(err error) {
	p.ended, p.err = true, err
	p.reader.close()
}
