package experiment

import (
	"runtime"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// BenchmarkTrials is a series of short trials on one open target, as a search for
// capacity makes them: how long one takes beyond its window, and what is left.
func BenchmarkTrials(b *testing.B) {
	const window = 100 * time.Millisecond
	server, err := redisproc.Start(b.Context(), redisproc.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	for _, subject := range []string{"{limiter: {kind: gcra, rate: 100/s}}", "{limiter: {kind: redis-gcra, rate: 100/s}}", "{target: 'delay:1ms:10:100'}"} {
		b.Run(subject, func(b *testing.B) {
			doc, err := strictyaml.Parse("b", []byte("name: b\nworkload: {arrivals: 'constant:1k/s', keys: 'zipf:1.1:10000'}\nsubjects: ["+subject+"]\nduration: 100ms\n"))
			if err != nil {
				b.Fatal(err)
			}
			s, err := scenario.New(doc, false)
			if err != nil {
				b.Fatal(err)
			}
			p := aPlan(s, server)
			o, err := p.Open(b.Context(), p, s.Subjects[0])
			if err != nil {
				b.Fatal(err)
			}
			goroutines, heap := runtime.NumGoroutine(), allocated()
			var took time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := o.Run(b.Context(), Trial{Plan: p, Repeat: 1, Brief: true}, nobody{}); err != nil {
					b.Fatal(err)
				}
				took += time.Since(start)
			}
			b.ReportMetric(float64(took)/float64(b.N)/1e6-float64(window)/1e6, "ms-beyond/trial")
			b.ReportMetric(float64(runtime.NumGoroutine()-goroutines), "goroutines-left")
			b.ReportMetric(max(0, float64(allocated()-heap))/float64(b.N), "B-left/trial")
			if err := o.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// allocated is how many bytes of the heap are in use.
func allocated() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
