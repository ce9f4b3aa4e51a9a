package live

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// alive is how many bytes are in use, as far as a collection finds.
func alive() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestAllocating: each item of a batch has its memory while it is served, and it is
// garbage then; none that nobody asked for.
func TestAllocating(t *testing.T) {
	const each, items = 8 << 20, 3
	var inside int64
	serve := func(_ context.Context, begin time.Duration, _ []pipelines.Item) (time.Duration, error) {
		inside = alive()
		return begin + 1, nil
	}
	for _, n := range []int64{0, each} {
		before := alive()
		end, err := allocating(n, serve)(t.Context(), 6, make([]pipelines.Item, items))
		if grown, want := inside-before, n*items; grown < want-each/2 || grown > want+each/2 || end != 7 || err != nil {
			t.Errorf("%d items of %d bytes have %d bytes while they are served, until %v, %v; want %d, until 7ns", items, n, grown, end, err, want)
		}
		if kept := alive() - before; kept > each/2 {
			t.Errorf("%d bytes are kept of items that were served; want none", kept)
		}
	}
}
