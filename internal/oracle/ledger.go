package oracle

import "time"

// ledger is what is known about one key. There may be millions of them, and it is
// bytes and cache lines that cost: these are 64, and what only some families need,
// or keys that something went wrong with, is in an annex.
type ledger struct {
	key    string
	now    time.Duration // of the latest decision; nobody's when negative
	served time.Duration // of the latest admission, or none
	since  time.Duration // of the first denial after it, or none
	start  time.Duration // when the level last left zero
	level  uint64        // at served, of all that was admitted: the low half
	latest uint32        // tokens admitted in the latest period: the low half
	annex  uint32        // its number, from 1 on; 0 without
}

// none is the instant of what has not happened.
const none = time.Duration(-1)

// annex is the rest of what is known about one key.
type annex struct {
	level   uint64 // the high halves
	latest  uint32
	lost    bool // what the limiter has taken is no longer certain
	wronged bool // denied, since it was served, what a bucket that runs free would have admitted
	apart   bool // free is another bucket than the one of what was admitted
	free    bucket
	also    []strand // one for each of the further limits
	model   model    // nil where it is the bucket of what was admitted
	after   model    // the model beyond a boundary, of aligned windows with a resolution
	span    *span    // set once an instant was unknown
	leaving departures
	own     *recent // where the key is not counted with the others

	asOf time.Duration // when the limit was changed, at which the level was what it owed
	owed wide
}

// strand is one key under one of the further limits.
type strand struct {
	free      bucket    // charged with what it grants itself
	footprint footprint // charged with what was admitted
}

// more is the annex of k, or nil.
func (j *Judge) more(k *ledger) *annex {
	if k.annex == 0 {
		return nil
	}
	return j.annexes[k.annex-1]
}

// need is the annex of k, which is made if there is none.
func (j *Judge) need(k *ledger) *annex {
	if k.annex == 0 {
		if last := len(j.spare) - 1; last >= 0 {
			k.annex, j.spare = j.spare[last], j.spare[:last]
		} else {
			j.annexes = append(j.annexes, nil)
			k.annex = uint32(len(j.annexes))
		}
		j.annexes[k.annex-1] = new(annex)
	}
	return j.annexes[k.annex-1]
}

// drop gives the annex of k back.
func (j *Judge) drop(k *ledger) {
	if k.annex > 0 {
		j.annexes[k.annex-1] = nil
		j.spare = append(j.spare, k.annex)
		k.annex = 0
	}
}

// begin makes k the ledger of a key of which nothing is known at the instant at.
func (j *Judge) begin(k *ledger, key string, at time.Duration) {
	j.drop(k)
	*k = ledger{key: key, served: none, since: none}
	if !j.lean {
		j.annexed(k)
	}
	if u := j.untouched; j.changed {
		k.now = u.now
		u.advance(at)
		j.reset(k, u)
		if a := j.more(k); a != nil && a.apart {
			a.free = u
		}
	}
}

// annexed gives k what its family needs.
func (j *Judge) annexed(k *ledger) {
	a := j.need(k)
	a.apart, a.free, a.model = true, bucket{scale: j.asked.scale}, j.fresh()
	if j.shaper { // of which each key lets go at instants of its own
		a.own = &recent{period: j.period, only: k}
	}
	for i := range j.also {
		b := bucket{scale: j.also[i].scale}
		a.also = append(a.also, strand{b, footprint{bucket: b}})
	}
}

// charged is the bucket of what was admitted, as the latest admission left it.
func (j *Judge) charged(k *ledger) bucket {
	b := bucket{scale: j.asked.scale, level: wide{Lo: k.level}, now: max(k.served, 0)}
	if a := j.more(k); a != nil {
		b.level.Hi, b.now = a.level, max(b.now, a.asOf)
	}
	return b
}

// footprint is the same as a measure of the burst. While the level is above zero
// it tells what was admitted: all that has drained since, and itself.
func (j *Judge) footprint(k *ledger) footprint {
	f := footprint{bucket: j.charged(k), start: k.start}
	all := f.level.Plus(product(f.rate, int64(f.now-f.start)))
	if a := j.more(k); a != nil {
		all = all.Minus(a.owed)
	}
	f.tokens = all.Quo(f.period)
	return f
}

// keep puts a footprint back.
func (j *Judge) keep(k *ledger, f *footprint) {
	if a := j.more(k); a != nil || f.level.Hi > 0 {
		a = j.need(k)
		if a.level = f.level.Hi; f.start != k.start {
			a.owed = wide{}
		}
	}
	k.start, k.served, k.level = f.start, f.now, f.level.Lo
}

// model is the model of k. Of a bucket it is a copy that is there until the next call.
func (j *Judge) model(k *ledger) model {
	if !j.lean {
		return j.more(k).model
	}
	j.scratch = j.charged(k)
	return &j.scratch
}

// part has the bucket that runs free go its own way from now on. Until then it is that of
// what was admitted.
func (j *Judge) part(k *ledger, at time.Duration) *annex {
	a := j.need(k)
	if !a.apart {
		a.apart, a.free = true, j.charged(k)
		a.free.advance(at)
	}
	return a
}

func (j *Judge) lost(k *ledger) bool {
	a := j.more(k)
	return a != nil && a.lost
}
