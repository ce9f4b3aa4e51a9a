package experiment

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/procfs"
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
			memory := []float64{resident(b)}
			var took time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := o.Run(b.Context(), Trial{Plan: p, Repeat: 1, Brief: true}, nobody{}); err != nil {
					b.Fatal(err)
				}
				took += time.Since(start)
				memory = append(memory, resident(b))
			}
			b.ReportMetric(float64(took)/float64(b.N)/1e6-float64(window)/1e6, "ms-beyond/trial")
			b.ReportMetric(float64(runtime.NumGoroutine()-goroutines), "goroutines-left")
			b.ReportMetric(max(0, float64(allocated()-heap))/float64(b.N), "B-left/trial")
			b.ReportMetric(memory[0]/(1<<20), "MiB-RSS-before")
			b.ReportMetric(memory[len(memory)-1]/(1<<20), "MiB-RSS-after")
			if half := memory[len(memory)/2:]; len(half) > 1 { // the first trials fill what the others use again
				b.ReportMetric(slope(half), "B-RSS/trial")
			}
			if err := o.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// resident is how many bytes of this process are in memory.
func resident(b *testing.B) float64 {
	stat, err := procfs.ReadStat(os.DirFS("/"), strconv.Itoa(os.Getpid()))
	if err != nil {
		b.Fatal(err)
	}
	return float64(stat.RSS) * float64(os.Getpagesize())
}

// slope is what a line through the values rises from one to the next.
func slope(values []float64) float64 {
	n, middle := float64(len(values)), float64(len(values)-1)/2
	var rise float64
	for i, v := range values {
		rise += (float64(i) - middle) * v
	}
	return rise * 12 / (n * (n*n - 1))
}

// allocated is how many bytes of the heap are in use.
func allocated() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
