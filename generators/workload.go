package generators

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/fcbench/fcbench/internal/seed"
)

// A Stream is one class of load: when, for whom, how much.
type Stream struct {
	Name    string  // of its class; default: its place among the streams, from 0
	Process Process // when; nil for a stream of closed loops only, which is in no schedule
	Keys    Keys    // for whom; nil: as recorded, or else one key
	Prefix  string  // of key names, which continue with the key's index; default "k"
	Cost    Law     // nil: as recorded, or else 1
	Size    Law     // nil: 0
}

// A Workload is streams merged by time. It is immutable: any number of
// schedules may be read from it at once.
type Workload struct {
	streams []stream
	keys    *keyTable
}

// stream is a Stream that was checked and seeded. Its own name, and not its
// place, is what tells its random numbers from those of other streams.
type stream struct {
	name    string
	process Process
	times   seed.Stream
	keys    Keys
	keySeed seed.Stream
	prefix  string
	space   keySpace
	cost    Law
	costs   seed.Stream
	size    Law
	sizes   seed.Stream
}

// maxStreams is how many classes an [Arrival] can tell apart.
const maxStreams = math.MaxUint8 + 1

// NewWorkload returns the workload of a seed and at least one stream.
func NewWorkload(root uint64, streams []Stream) (*Workload, error) {
	if n := len(streams); n < 1 || n > maxStreams {
		return nil, fmt.Errorf("workload has %d streams; want 1 to %d", n, maxStreams)
	}
	w := &Workload{}
	var problems []error
	seen := make(map[string]bool)
	for i, s := range streams {
		if s.Name == "" {
			s.Name = strconv.Itoa(i)
		}
		if s.Prefix == "" {
			s.Prefix = "k"
		}
		if err := errors.Join(s.check(seen)...); err != nil {
			problems = append(problems, fmt.Errorf("stream %s: %w", s.Name, err))
			continue
		}
		w.streams = append(w.streams, s.seeded(seed.New(root).Sub("stream").Sub(s.Name)))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if err := w.numberKeys(); err != nil {
		return nil, err
	}
	return w, nil
}

func (s Stream) check(seen map[string]bool) (problems []error) {
	if seen[s.Name] {
		problems = append(problems, errors.New("name is taken; want one of its own"))
	}
	seen[s.Name] = true
	if s.Cost != nil {
		if least, most := s.Cost.Range(); least < 1 {
			problems = append(problems, fmt.Errorf("cost is from %d to %d; want at least 1", least, most))
		}
	}
	if s.Size != nil {
		if least, most := s.Size.Range(); least < 0 || most > math.MaxInt32 {
			problems = append(problems, fmt.Errorf("size is from %d to %d bytes; want 0 to 2^31-1", least, most))
		}
	}
	return problems
}

func (s Stream) seeded(r seed.Stream) stream {
	if _, recorded := s.Process.(Recording); s.Keys == nil && !recorded {
		s.Keys = sequential(1)
	}
	return stream{
		name: s.Name, prefix: s.Prefix,
		process: s.Process, times: r.Sub("times"),
		keys: s.Keys, keySeed: r.Sub("keys"),
		cost: s.Cost, costs: r.Sub("costs"),
		size: s.Size, sizes: r.Sub("sizes"),
	}
}

func (w *Workload) numberKeys() (err error) {
	if w.keys, err = newKeyTable(w.streams); err != nil {
		return err
	}
	for i := range w.streams {
		if s := &w.streams[i]; s.keys != nil {
			s.space = w.keys.space(s.prefix)
		}
	}
	return nil
}

// KeyCount returns the number of numbered keys: ids are less than it.
func (w *Workload) KeyCount() int { return w.keys.len() }

// KeyName returns the name of a numbered key.
func (w *Workload) KeyName(id uint32) string { return w.keys.name(id) }

// Classes returns the names of the streams, by class.
func (w *Workload) Classes() []string {
	names := make([]string, len(w.streams))
	for i, s := range w.streams {
		names[i] = s.name
	}
	return names
}
