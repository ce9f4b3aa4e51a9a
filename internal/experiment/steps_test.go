package experiment

import (
	"testing"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/results"
)

// TestStepsAreFollowed: what each limit lets pass of its seconds, and the oracle
// finds nothing wrong with any limiter whose limit changes.
func TestStepsAreFollowed(t *testing.T) {
	p := planOf(t, `name: steps
workload: {arrivals: 'constant:100/s'}
subjects:
- limiter: {kind: gcra, rate: 20/s}
- limiter: {kind: token-bucket, rate: 20/s}
- limiter: {kind: leaky-bucket-meter, rate: 20/s}
- limiter: {kind: fixed-window, rate: 20/s}
- limiter: {kind: sliding-window-log, rate: 20/s}
- limiter: {kind: sliding-window-counter, rate: 20/s}
duration: 10s
warmup: 1s
steps:
- {at: 5s, set: {subject: gcra, rate: 50/s}}
- {at: 8s, set: {subject: gcra, rate: 10/s}}
- {at: 5s, set: {subject: token-bucket, rate: 50/s}}
- {at: 5s, set: {subject: leaky-bucket-meter, rate: 50/s}}
- {at: 5s, set: {subject: fixed-window, rate: 50/s}}
- {at: 5s, set: {subject: sliding-window-log, rate: 50/s}}
- {at: 5s, set: {subject: sliding-window-counter, rate: 50/s}}
`)
	p.Time = results.Virtual
	for name, r := range collect(t, p) {
		least, most := uint64(5*20+5*50-10), uint64(5*20+5*50+31) // a window may be filled anew at the change, and a counter estimates
		if name == "gcra" {
			least, most = 5*20+3*50+2*10-3, 5*20+3*50+2*10+3
		}
		if r.Outcomes["ok"] < least || r.Outcomes["ok"] > most {
			t.Errorf("%s lets %d pass; want %d to %d", name, r.Outcomes["ok"], least, most)
		}
		innocent(t, r)
	}
}

// TestStepsOnAServer happen at an instant of the server's clock, with callers under way.
func TestStepsOnAServer(t *testing.T) {
	p := planOf(t, `name: steps
workload: {arrivals: 'constant:1k/s', keys: 'uniform:3'}
subjects:
- limiter: {kind: redis-gcra, rate: 200/s, burst: 5}
- limiter: {kind: redis-fixed-window, rate: 200/s}
- limiter: {kind: redis-sliding-window-log, rate: 20/s}
duration: 400ms
steps:
- {at: 100ms, set: {subject: redis-gcra, rate: 10/s}}
- {at: 300ms, set: {subject: redis-gcra, rate: 100/s}}
- {at: 200ms, set: {subject: redis-fixed-window, rate: 30/s}}
- {at: 200ms, set: {subject: redis-sliding-window-log, rate: 60/s}}
`)
	p.server = redisproctest.Start(t)
	for name, r := range collect(t, p) {
		if r.Outcomes["failed"] > 0 {
			t.Errorf("%s: %v", name, r.Causes)
		}
		innocent(t, r)
	}
}
