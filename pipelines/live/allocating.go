package live

import (
	"context"
	"os"
	"runtime"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// allocating is work on items each of which is given n bytes first, and keeps them
// until it ends, as buffers of what is decoded and written again are: so the collector
// has work, and those who serve pay for it.
func allocating(n int64, work Together) Together {
	if n == 0 {
		return work
	}
	page := os.Getpagesize()
	return func(ctx context.Context, begin time.Duration, items []pipelines.Item) (time.Duration, error) {
		held := make([][]byte, len(items))
		for i := range held {
			held[i] = make([]byte, n)
			for at := 0; at < len(held[i]); at += page {
				held[i][at] = 1 // memory that nobody wrote to may take none
			}
		}
		defer runtime.KeepAlive(held)
		return work(ctx, begin, items)
	}
}
