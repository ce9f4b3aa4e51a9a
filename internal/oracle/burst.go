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

func (f *footprint) take(n int64) {
	if f.level == (wide{}) {
		f.start, f.tokens = f.now, 0
	}
	f.bucket.take(n)
	f.tokens = sum(f.tokens, n)
}

// peak is the highest level that any key has reached.
type peak struct {
	level  wide
	window Window
}

func (p *peak) see(key string, f *footprint) {
	if f.level.over(p.level) {
		p.level = f.level
		p.window = Window{Key: key, Start: f.start, End: f.now, Tokens: f.tokens}
	}
}
