package redislua_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters/redislua"
)

// BenchmarkAllow measures decisions on one hot key over a unix socket, most of
// them denied, by one caller and by 16 with a connection each. To see what the
// client costs, run redis-benchmark with the same EVALSHA beside it.
func BenchmarkAllow(b *testing.B) {
	server := startServer(b)
	for _, k := range kinds() {
		for _, callers := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/callers=%d", k.name, callers), func(b *testing.B) {
				client := connect(b, server, callers)
				l := k.build(b, client, redislua.Config{Config: bucket(1000, time.Second, 100), Prefix: k.name + ":"})
				before, err := server.CommandStats(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ResetTimer()
				var left atomic.Int64
				left.Store(int64(b.N))
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						for left.Add(-1) >= 0 {
							if _, err := l.Allow(b.Context(), 0, "key", 1); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.StopTimer()
				after, err := server.CommandStats(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(after["evalsha"].Sub(before["evalsha"]).MicrosPerCall(), "server-µs/op")
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
			})
		}
	}
}

// TestAllocations guards the cost of a call. Of the nine, three are the pool's
// look at whether the connection still lives and two the command and its reply.
func TestAllocations(t *testing.T) {
	client := connect(t, startServer(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1000, time.Second, 100), k.name+":")
		now := time.Duration(0)
		got := testing.AllocsPerRun(200, func() {
			now += time.Millisecond
			allow(t, l, now, "key", 1)
		})
		if got > 9 {
			t.Errorf("a decision allocates %v times; want at most 9", got)
		}
	})
}
