package oracle

import (
	"math"
	"time"
)

// recent counts what was admitted in the period up to now, of one key or of all of them, each
// for itself. It remembers every admission of the period, so that the count is exact;
// past maxStamps of them it lets go of the oldest, and what is counted is then the
// least that it can have been.
type recent struct {
	period time.Duration
	only   *ledger // whose they are; nil where they are of all keys
	stamps []stamp // a ring, a power of two of them
	first  int
	len    int
	gone   uint64           // how many were let go, ever
	large  map[uint64]int64 // tokens of those that are too large for a stamp, by number
}

// stamp is one admission, of which there may be many.
type stamp struct {
	at     time.Duration
	ledger uint32 // its number, where they are of all keys
	tokens uint32 // or large
}

const large = math.MaxUint32

// maxStamps is how many admissions are remembered, of all keys together.
const maxStamps = 1 << 19

func (r *recent) entry(i int) *stamp { return &r.stamps[(r.first+i)&(len(r.stamps)-1)] }

// expire lets go of what is a period old at the instant at.
func (r *recent) expire(j *Judge, at time.Duration) {
	for r.len > 0 && at-r.entry(0).at >= r.period {
		r.drop(j)
	}
}

func (r *recent) drop(j *Judge) {
	s, k := r.entry(0), r.only
	if k == nil {
		k = j.keys.at(s.ledger)
	}
	tokens := int64(s.tokens)
	if tokens == large {
		tokens = r.large[r.gone]
		delete(r.large, r.gone)
	}
	j.setLatest(k, j.latest(k)-tokens)
	r.first = (r.first + 1) & (len(r.stamps) - 1)
	r.len--
	r.gone++
	j.stamps--
}

// push remembers an admission of the key that was looked up last, whose tokens do not
// count yet, and returns its number.
func (r *recent) push(j *Judge, at time.Duration) (number uint64) {
	if j.stamps >= maxStamps && r.len > 0 {
		r.drop(j)
		j.most.AtLeast = true
	}
	if r.len == len(r.stamps) {
		r.grow()
	}
	*r.entry(r.len) = stamp{at: at, ledger: j.keys.found}
	r.len++
	j.stamps++
	return r.gone + uint64(r.len) - 1
}

// count counts the tokens of an admission, unless it was let go already, and
// returns how many there are of its key now.
func (r *recent) count(j *Judge, k *ledger, number uint64, n int64) int64 {
	before := j.latest(k)
	if number < r.gone {
		return before
	}
	after := sum(before, n)
	r.entry(int(number - r.gone)).tokens = uint32(min(after-before, large))
	if after-before >= large {
		if r.large == nil {
			r.large = make(map[uint64]int64)
		}
		r.large[number] = after - before
	}
	j.setLatest(k, after)
	return after
}

func (r *recent) grow() {
	stamps := make([]stamp, max(8, 2*len(r.stamps)))
	tail := copy(stamps, r.stamps[r.first:])
	copy(stamps[tail:], r.stamps[:r.first])
	r.stamps, r.first = stamps, 0
}

// latest is what of k is counted now.
func (j *Judge) latest(k *ledger) int64 {
	n := int64(k.latest)
	if a := j.more(k); a != nil {
		n |= int64(a.latest) << 32
	}
	return n
}

func (j *Judge) setLatest(k *ledger, n int64) {
	k.latest = uint32(n)
	if high := uint32(n >> 32); high > 0 || k.annex > 0 {
		j.need(k).latest = high
	}
}

// Peak is the most of one key that was admitted within any one period: from an
// instant on and before the same instant of the next.
type Peak struct {
	Key    string
	End    time.Duration // of the period, whose last admission it is
	Tokens int64
	Period time.Duration // that the limit was written with
	Asked  int64         // that it allows per period
	Burst  int64         // and at once beside that; 0 of a window
	// AtLeast says that Tokens may have been more: instants are uncertain, or there were
	// more admissions in the period than are remembered.
	AtLeast bool
}

// include raises what is asked to that of one more limit.
func (p *Peak) include(l Limit) {
	p.Asked = max(p.Asked, product(l.Rate, int64(p.Period)).Quo(int64(l.Period)))
	if p.Burst > 0 {
		p.Burst = max(p.Burst, l.Burst)
	}
}

// excess is by how much there were more than the limit has in a period, below 0 when there were fewer.
func (p Peak) excess() int64 { return p.Tokens - sum(p.Asked, p.Burst) }

// peak counts n tokens of k at the instant at, and keeps the largest count.
func (j *Judge) peak(k *ledger, at time.Duration, n int64) {
	r := &j.recent
	if a := j.more(k); a != nil && a.own != nil {
		r = a.own
	}
	r.expire(j, at)
	if r.len > 0 && at < r.entry(r.len-1).at { // of another key, or it would be in order
		j.most.AtLeast = true
		j.highest(k, at, sum(j.latest(k), n))
		return
	}
	j.highest(k, at, r.count(j, k, r.push(j, at), n))
}

func (j *Judge) highest(k *ledger, at time.Duration, tokens int64) {
	if tokens > j.most.Tokens || tokens == j.most.Tokens && earlier(at, k.key, j.most.End, j.most.Key) {
		j.most.Key, j.most.End, j.most.Tokens = k.key, at, tokens
	}
}
