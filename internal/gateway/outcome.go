package gateway

import (
	"iter"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
	"github.com/fcbench/fcbench/limiters"
)

// Outcome is what became of a request. Each has one.
type Outcome uint8

// The outcomes.
const (
	OK          Outcome = iota
	Rejected            // by the limiter: 429
	Full                // no place to wait: 503
	Unavailable         // the limiter could not decide, and no policy says what then: 503
	Closed              // the limiter could not decide, and the policy is to let nothing through: 503
	Failed              // on purpose: the status of errors
	Left                // whoever asked was gone before the answer
	Bad                 // its body could not be read, does not come, or is too large: 400, 408, 413

	outcomes = iota
)

// String is the name in metrics.
func (o Outcome) String() string {
	return [...]string{"ok", "rejected", "full", "unavailable", "closed", "failed", "left", "bad"}[o]
}

func (o Outcome) status() int {
	if o == Rejected {
		return http.StatusTooManyRequests
	}
	return http.StatusServiceUnavailable
}

const modes = limiters.LocalFallback + 1

// Counts are what a gateway counts. They may be read at any time.
type Counts struct {
	outcomes [outcomes]atomic.Uint64
	times    [len(bounds) + 1]atomic.Uint64 // requests by how long they took
	took     atomic.Int64                   // of all, together
	modes    [modes]atomic.Uint64           // decisions by who decided
	errors   atomic.Uint64                  // of the limiter, decisions of a policy included
	keyless  atomic.Uint64
	kept     atomic.Uint64 // permits that could not be given back

	mu   sync.Mutex
	late *loglinear.Histogram // how late answers were ready, after their service ended
	all  time.Duration        // of them together
}

// bounds are those of the histogram of times.
var bounds = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// lateScale counts lateness within 1 in 32.
const lateScale = 5

func (c *Counts) add(o Outcome, took time.Duration) {
	c.outcomes[o].Add(1)
	c.took.Add(int64(took))
	at := 0
	for at < len(bounds) && took > bounds[at] {
		at++
	}
	c.times[at].Add(1)
}

func (c *Counts) lag(late time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late == nil {
		c.late = loglinear.New(lateScale)
	}
	c.late.Add(int64(late))
	c.all += late
}

// Of is how many requests had an outcome.
func (c *Counts) Of(o Outcome) uint64 { return c.outcomes[o].Load() }

// Requests is how many there were.
func (c *Counts) Requests() (n uint64) {
	for o := range c.outcomes {
		n += c.outcomes[o].Load()
	}
	return n
}

// Late is by how much answers were ready after their service had ended, before they
// were written: the quantile q, and the most.
func (c *Counts) Late(q loglinear.Quantile) (late, most time.Duration, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late == nil {
		return 0, 0, 0
	}
	return time.Duration(c.late.At(q)), time.Duration(c.late.Max()), c.late.Count()
}

// Outcomes yields each outcome and how many requests had it.
func (c *Counts) Outcomes() iter.Seq2[Outcome, uint64] {
	return func(yield func(Outcome, uint64) bool) {
		for o := range Outcome(outcomes) {
			if !yield(o, c.Of(o)) {
				return
			}
		}
	}
}

// Oddities yields what a user should know besides, in words that end with "n times".
func (c *Counts) Oddities() iter.Seq2[string, uint64] {
	return func(yield func(string, uint64) bool) {
		_ = yield("the limiter did not decide", c.errors.Load()) &&
			yield("of which its policy let through", c.modes[limiters.FailOpen].Load()) &&
			yield("of which its policy let nothing through", c.modes[limiters.FailClosed].Load()) &&
			yield("of which a limiter in this process decided", c.modes[limiters.LocalFallback].Load()) &&
			yield("a permit could not be given back", c.kept.Load()) &&
			yield("a request named no key, and shared one with all that named none,", c.keyless.Load())
	}
}
