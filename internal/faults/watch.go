package faults

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
)

// Observation is one decision, or what came instead of it. Instants are on the
// run's clock.
type Observation struct {
	Due      time.Duration // when it should have been asked for: its latency counts from here
	Called   time.Duration // when it was; it was taken between this and Done
	Done     time.Duration
	Mode     limiters.Mode // who decided
	Failed   bool          // nobody did: an error
	Admitted int64         // tokens; 0 when denied
	Key      uint32        // numbered from 0; 0 for all where there are no keys
}

// Watch follows the decisions of a run with faults. A decision belongs to a
// fault when any of the time from Due to Done does, and else to the calm before
// or after. What happens at once is felt later: to its time belong the 100 ms that
// follow, unless another fault comes. The watch's memory does not grow with the number of decisions.
//
// Observe is for one goroutine, such as the loop that takes the answers, and
// takes no lock; the faults may begin and end on another.
type Watch struct {
	sequence Sequence
	bound    func(time.Duration) int64
	origin   time.Duration
	faults   []window
	calm     []spell // calm[k] is before fault k
}

// window is a fault as it really was, and the decisions of its time.
type window struct {
	began, ended atomic.Int64 // never, until then
	whole        atomic.Int64 // wholly in force, or never
	felt         atomic.Int64 // until then, or never
	cut          atomic.Bool

	spell
	first, last time.Duration // of the time that decisions of the fault took
	keys        []int64       // by key: 0 when nobody asked, else 1 + what was admitted
	untracked   bool          // some key had no number below maxTracked
	charged     int64         // what the limiter itself admitted while it was wholly in force
	recovery    recovery
}

const never = math.MaxInt64

// feltFor is how long after a fault that has no length, such as an eviction, requests
// count as under it.
const feltFor = 100 * time.Millisecond

// maxTracked bounds the memory of per-key counts, whatever the numbers are.
const maxTracked = 1 << 22

// spell counts the decisions of a time.
type spell struct {
	modes   [len(modeNames)]uint64
	latency *loglinear.Histogram
}

// modeNames are those of limiters.Mode, and what stands for no decision.
var modeNames = [...]string{"primary", "fail_open", "fail_closed", "local", results.Undecided}

const failed = len(modeNames) - 1

// recovery finds the first primary decision after which all are.
type recovery struct {
	bad  time.Duration // when the latest other one was made, or none
	good time.Duration // when the first primary one after that was, or none
}

const none = time.Duration(-1)

// NewWatch returns a watch over a run with the faults of sequence, whose instants
// count from origin. bound is the most that one key may be admitted in a time
// ([limiters.Described]; of a bucket rate × time + burst), nil when nothing
// says.
func NewWatch(sequence Sequence, origin time.Duration, bound func(time.Duration) int64) *Watch {
	w := &Watch{sequence: sequence, bound: bound, origin: origin, faults: make([]window, len(sequence)), calm: make([]spell, len(sequence)+1)}
	for k := range w.faults {
		f := &w.faults[k]
		f.began.Store(never)
		f.ended.Store(never)
		f.whole.Store(never)
		f.felt.Store(never)
		f.first, f.recovery = never, recovery{bad: none, good: none}
		f.latency = loglinear.New(steps)
	}
	for k := range w.calm {
		w.calm[k].latency = loglinear.New(steps)
	}
	return w
}

func (w *Watch) begin(k int, at time.Duration) { w.faults[k].began.Store(int64(at)) }

// inForce says that the fault is wholly so, since it takes a moment to bring about.
func (w *Watch) inForce(k int, at time.Duration) { w.faults[k].whole.Store(int64(at)) }

func (w *Watch) end(k int, at time.Duration, cut bool) {
	f, felt := &w.faults[k], at
	if !w.sequence[k].Kind.lasts() {
		felt += feltFor
	}
	f.cut.Store(cut)
	f.ended.Store(int64(at))
	f.felt.Store(int64(felt))
}

// Observe takes note of a decision.
func (w *Watch) Observe(o *Observation) {
	k, during := w.place(o)
	mode := int(o.Mode)
	if o.Failed {
		mode = failed
	}
	s := &w.calm[k]
	if during {
		s = &w.faults[k].spell
		w.faults[k].note(o)
	}
	s.modes[mode]++
	s.latency.Add(int64(o.Done - o.Due))
	if !during {
		k-- // a calm after a fault is its recovery
	}
	if k >= 0 {
		w.faults[k].recovery.note(o.Done, mode == int(limiters.Primary))
	}
}

// place returns the fault that a decision belongs to, or the calm.
func (w *Watch) place(o *Observation) (k int, during bool) {
	for k := len(w.faults) - 1; k >= 0; k-- {
		f := &w.faults[k]
		if int64(o.Done) >= f.began.Load() {
			if int64(o.Due) <= f.felt.Load() {
				return k, true
			}
			return k + 1, false
		}
	}
	return 0, false
}

// note takes note of what was admitted during the fault.
func (f *window) note(o *Observation) {
	f.first, f.last = min(f.first, o.Called), max(f.last, o.Done)
	if !o.Failed && o.Mode == limiters.Primary && int64(o.Called) >= f.whole.Load() && int64(o.Done) <= f.ended.Load() {
		f.charged += o.Admitted
	}
	if o.Key >= maxTracked {
		f.untracked = true
		return
	}
	if more := int(o.Key) + 1 - len(f.keys); more > 0 {
		f.keys = append(f.keys, make([]int64, more)...)
	}
	f.keys[o.Key] = max(f.keys[o.Key], 1) + o.Admitted
}

// note takes note of a decision, also of one that comes out of order.
func (r *recovery) note(at time.Duration, primary bool) {
	switch {
	case at <= r.bad:
	case !primary:
		r.bad = at
		if r.good <= at {
			r.good = none
		}
	case r.good == none || at < r.good:
		r.good = at
	}
}
