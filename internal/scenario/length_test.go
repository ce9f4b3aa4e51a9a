package scenario

import (
	"strings"
	"testing"
	"time"
)

// TestLengthIsWhatWasWritten: without a duration a run holds all of its stages, ramp
// or spike; one that cuts them is told of.
func TestLengthIsWhatWasWritten(t *testing.T) {
	for _, tt := range []struct {
		text   string
		window time.Duration
		note   string
	}{
		{"workload: {arrivals: 'stages:30s@50,1m@200'}", 90 * time.Second, ""},
		{"workload: {arrivals: 'stages:1m@0,1m@60/m'}", 2 * time.Minute, ""},
		{"workload: {arrivals: 'stages:2s@50'}", 2 * time.Second, ""},
		{"warmup: 30s\nworkload: {arrivals: 'stages:30s@50,1m@200'}", time.Minute, ""},
		{"duration: 10s\nworkload: {arrivals: 'stages:30s@50,1m@200'}", 10 * time.Second, "the duration cuts the stages short: 10s of 1m30s"},
		{"duration: 10s\nwarmup: 30s\nworkload: {arrivals: 'stages:30s@50,1m@200'}", 10 * time.Second, "the duration cuts the stages short: 40s of 1m30s"},
		{"duration: 90s\nworkload: {arrivals: 'stages:30s@50,1m@200'}", 90 * time.Second, ""},
		{"count: 10\nworkload: {arrivals: 'stages:30s@50,1m@200'}", 0, ""},
		{"workload: {arrivals: {kind: ramp, rate: 5/s}}", 10 * time.Second, ""},
		{"workload: {arrivals: {kind: ramp, rate: 5/s, over: 1m}}", time.Minute, ""},
		{"duration: 5s\nworkload: {arrivals: {kind: ramp, rate: 5/s, over: 1m}}", 5 * time.Second, "the duration cuts the ramp short: 5s of 1m"},
		{"workload: {arrivals: {kind: spike, base: 5/s, at: 20s, for: 5s}}", 25 * time.Second, ""},
		{"duration: 22s\nworkload: {arrivals: {kind: spike, base: 5/s, at: 20s, for: 5s}}", 22 * time.Second, "the duration cuts the spike short: 22s of 25s"},
		{
			"workload: {streams: [{name: a, arrivals: 'stages:5s@1'}, {name: b, arrivals: 'stages:20s@1'}, {name: c, arrivals: 'constant:5/s'}]}",
			20 * time.Second, "",
		},
		{
			"duration: 10s\nworkload: {streams: [{name: a, arrivals: 'stages:5s@1'}, {name: b, arrivals: 'stages:20s@1'}, {name: c, arrivals: 'constant:5/s'}]}",
			10 * time.Second, "stream b: the duration cuts the stages short: 10s of 20s",
		},
	} {
		s, err := parse(t, "name: t\nsubjects: [{target: noop}]\n"+tt.text+"\n")
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if s.Window != tt.window || strings.Join(s.Notes, "\n") != tt.note {
			t.Errorf("%s: window is %v, notes %q; want %v, %q", tt.text, s.Window, s.Notes, tt.window, tt.note)
		}
	}
}

// TestChangesBeyondTheEndAreTold: of a limiter that is replaced, but not in time.
func TestChangesBeyondTheEndAreTold(t *testing.T) {
	const subject = "{name: a, limiter: {kind: switchable, first: {kind: gcra, rate: 1/s}, then: [{at: 5s, limiter: {kind: gcra, rate: 2/s}}, {at: 10s, limiter: {kind: gcra, rate: 3/s}}]}}"
	for text, note := range map[string]string{
		"duration: 10s": "a does not become what it would at 10s: the run ends after 10s",
		"duration: 4s":  "a does not become what it would at 5s: the run ends after 4s\na does not become what it would at 10s: the run ends after 4s",
		"duration: 11s": "", "duration: 9s\nwarmup: 2s": "", "count: 5": "",
	} {
		s, err := parse(t, "name: t\nworkload: {arrivals: 'constant:5/s'}\nsubjects: ["+subject+"]\n"+text+"\n")
		if err != nil || strings.Join(s.Notes, "\n") != note {
			t.Errorf("%s: %v, notes %q; want %q", text, err, s.Notes, note)
		}
	}
}
