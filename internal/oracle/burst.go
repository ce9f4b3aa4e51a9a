package oracle

import "time"

// footprint measures the empirical burst of one key: the level that a bucket
// of unlimited depth reaches when charged with all that was admitted. The
// highest level is σ*, the maximum over all windows of (tokens admitted in the
// window) − r·(its length), found in one pass because the window that attains
// it begins where the level last left zero (Le Boudec and Thiran, "Network
// Calculus", 2001).
type footprint struct {
	bucket
	start  time.Duration // when the level last left zero
	tokens int64         // admitted since
}

func (f *footprint) charge(at time.Duration, n int64) {
	f.advance(at)
	if f.level == (wide{}) {
		f.start, f.tokens = f.now, 0
	}
	f.bucket.charge(n)
	f.tokens = sum(f.tokens, n)
}

// gauge measures all keys against one limit.
type gauge struct {
	*scale
	peak   wide   // the highest level that any key has reached
	window Window // where it was reached
}

// reach keeps the highest level; of equal ones that which was reached first, and of those
// the one of the first key, whatever the order in which they are told.
func (g *gauge) reach(level wide, key string, start, end time.Duration, tokens int64) {
	if level.Over(g.peak) || level == g.peak && earlier(end, key, g.window.End, g.window.Key) && tokens > 0 {
		g.peak = level
		g.window = Window{Key: key, Start: start, End: end, Tokens: tokens}
	}
}

// excess is by how many tokens the peak exceeds capacity, rounded up.
func (g *gauge) excess(capacity wide) float64 {
	return ceilFloat(g.peak.Minus(capacity), g.period)
}

// worst is the window of the peak, with what capacity allows in it.
func (g *gauge) worst(capacity wide) Window {
	w := g.window
	if w.Tokens > 0 {
		refill := product(g.rate, int64(w.End-w.Start))
		w.Bound = capacity.Plus(refill).Quo(g.period)
	}
	return w
}

// earlier orders what happened to keys.
func earlier(at time.Duration, key string, than time.Duration, other string) bool {
	return at < than || at == than && key < other
}
