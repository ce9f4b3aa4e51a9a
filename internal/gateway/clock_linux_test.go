package gateway

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkLateness: how late who waits is woken, at instants that come so many a second,
// and of how much of a core.
func BenchmarkLateness(b *testing.B) {
	const each = 50 // instants a second that one waits for
	for _, rate := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			c, err := NewClock()
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			late := make([][]time.Duration, rate/each)
			began, before := c.Now(), spent(b)
			var all sync.WaitGroup
			for i := range late {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(i), 1))
					until := c.Now()
					for range (b.N + len(late) - 1) / len(late) {
						until += time.Duration(r.ExpFloat64() * float64(time.Second) / each)
						c.Wait(until)
						late[i] = append(late[i], c.Now()-until)
					}
				})
			}
			all.Wait()
			core := float64(spent(b)-before) / float64(c.Now()-began)
			sorted := slices.Sorted(slices.Values(slices.Concat(late...)))
			b.ReportMetric(float64(sorted[len(sorted)/2])/1e3, "p50-µs")
			b.ReportMetric(float64(sorted[len(sorted)*99/100])/1e3, "p99-µs")
			b.ReportMetric(core, "cores")
		})
	}
}

// spent is the CPU time of this process.
func spent(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
