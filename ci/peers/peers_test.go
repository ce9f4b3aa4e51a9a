//go:build linux

package main

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// TestPercentilesAreRead from what the generators print or write, in seconds.
func TestPercentilesAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		out, file string
		want      map[string]float64
	}{
		"bombardier": {out: `{"result":{"latency":{"mean":1,"percentiles":{"50":1000,"95":2500.5,"99":5000}}}}`, want: map[string]float64{"50": 0.001, "95": 0.0025005, "99": 0.005}},
		"fortio":     {file: `{"DurationHistogram":{"Percentiles":[{"Percentile":95,"Value":0.25},{"Percentile":99.9,"Value":1.5}]}}`, want: map[string]float64{"95": 0.25, "99.9": 1.5}},
		"hey":        {out: "\nLatency distribution:\n  10%% in 0.0010 secs\n  95%% in 0.0120 secs\n  99% in 0.9000 secs\n", want: map[string]float64{"10": 0.001, "95": 0.012, "99": 0.9}},
		"k6":         {file: `{"metrics":{"http_req_duration":{"p(95)":14.5,"p(99.9)":990,"thresholds":{}},"vus":{"p(95)":3}}}`, want: map[string]float64{"95": 0.0145, "99.9": 0.99}},
	} {
		t.Run(name, func(t *testing.T) {
			j := job{out: filepath.Join(t.TempDir(), "out")}
			if err := os.WriteFile(j.out, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, p := range peers() {
				if p.name != name {
					continue
				}
				if got, err := p.percentiles(options{}, j, []byte(c.out)); err != nil || !maps.Equal(got, c.want) {
					t.Errorf("%v, %v; want %v", got, err, c.want)
				}
			}
		})
	}
}

func TestRatiosAreRoundByRound(t *testing.T) {
	s := series{fcbench: {10, 30, 20}, "wrk": {20, 20, 40}}
	if got := s.ratio("wrk"); got != "0.500 (0.500 to 1.500)" {
		t.Error(got)
	}
	if got := s.say("wrk", "%.0f"); got != "20 (20 to 40)" {
		t.Error(got)
	}
	if got := s.say("hey", "%.0f"); got != "–" {
		t.Error(got)
	}
}
