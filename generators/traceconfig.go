package generators

import (
	"cmp"
	"errors"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// TraceConfig describes the replay of a recording: an access log in Common or
// Combined Log Format, CSV or JSON Lines of t, key and cost, or an event log of a
// run in either of these; gzip is noticed.
//
// In CSV and JSON Lines t is a number of seconds or an RFC 3339 time, and the
// cost may be left out; it is then 1, as in access logs. An event log has t_ns,
// from the start of its window, in place of t; of the attempts of an arrival the
// first counts.
type TraceConfig struct {
	File    string         `yaml:"file"`
	Format  string         `yaml:"format,omitempty"`  // clf, clf-vhost, csv or jsonl; default: as the first line looks
	Speed   float64        `yaml:"speed,omitempty"`   // 10 replays an hour in six minutes; default 1
	Reorder units.Duration `yaml:"reorder,omitempty"` // how much too late a line may come; default 60s
	Key     string         `yaml:"key,omitempty"`     // of an access log: client, path, user or request; default client
	// Within says where in a stamp's time the lines of that stamp are: even, one
	// after the other at equal distances; uniform, at random; burst, all at once.
	Within string `yaml:"within,omitempty"`
	// Resolution is the time that a stamp stands for; default: that of the last
	// digit of the finest of them.
	Resolution units.Duration `yaml:"resolution,omitempty"`
	Skip       units.Count    `yaml:"skip,omitempty"` // lines that may be unreadable, and are left out; default 0
	// Files opens the file. Traces that share it may read one pipe.
	Files *Files
}

// DefaultTraceConfig is what holds where nothing else is said, and what opens one
// file after the other.
func DefaultTraceConfig() TraceConfig {
	return TraceConfig{Speed: 1, Reorder: units.Duration(time.Minute), Within: withinEven, Files: new(Files)}
}

// NewTrace returns a process that replays a recording, a [Recording]. Time 0
// is that of its earliest line, or the start of the window of an event log. It
// reads the whole file once to check it, and again, in memory bounded by the
// disorder it found, for every run; where the two differ, that ends the run.
func NewTrace(c TraceConfig) (Process, error) {
	d := DefaultTraceConfig()
	c.Speed, c.Reorder, c.Within = cmp.Or(c.Speed, d.Speed), cmp.Or(c.Reorder, d.Reorder), cmp.Or(c.Within, d.Within)
	if c.Files == nil {
		c.Files = d.Files
	}
	t := &trace{config: c, source: source{file: c.File, format: c.Format, key: c.Key, skip: uint64(c.Skip)}, reorder: int64(c.Reorder), most: maxWaiting}
	if err := errors.Join(t.setSpeed(c.Speed), t.source.check(), checkLength("reorder", c.Reorder),
		checkOneOf("within", c.Within, withinEven, withinUniform, withinBurst), t.checkResolution(), checkAmount("skip", c.Skip)); err != nil {
		return nil, err
	}
	var err error
	if t.content, err = c.Files.open(c.File); err != nil {
		return nil, err
	}
	if err := t.scan(); err != nil {
		return nil, err
	}
	return t, nil
}

// The places of lines within the time of their stamp.
const (
	withinEven    = "even"
	withinUniform = "uniform"
	withinBurst   = "burst"
)
