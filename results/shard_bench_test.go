package results

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func benchOptions() Options {
	return Options{Warmup: time.Second, Window: 10 * time.Minute, Keys: 10000, SLO: 5 * time.Millisecond}
}

func benchSamples(n int) []Sample {
	r := rand.New(rand.NewPCG(1, 2))
	samples := make([]Sample, n)
	for i := range samples {
		delay := time.Duration(r.ExpFloat64() * 2000)
		service := time.Duration(100 + r.ExpFloat64()*200)
		samples[i] = Sample{Released: delay, Started: delay + 20, Done: delay + 20 + service, Outcome: OK, KeyID: r.Uint32N(10000), Cost: 1}
	}
	return samples
}

func BenchmarkRecord(b *testing.B) {
	for _, bm := range []struct {
		name string
		step time.Duration
	}{{"10k/s", 100 * time.Microsecond}, {"saturated", 150}} {
		b.Run(bm.name, func(b *testing.B) {
			s := NewShard(benchOptions())
			samples := benchSamples(4096)
			b.ReportAllocs()
			at := time.Second
			i := 0
			for b.Loop() {
				m := samples[i&4095]
				m.Intended += at
				m.Released += at
				m.Started += at
				m.Done += at
				s.Record(&m)
				at += bm.step
				i++
			}
		})
	}
}

func BenchmarkOffer(b *testing.B) {
	s := NewShard(benchOptions())
	samples := benchSamples(4096)
	b.ReportAllocs()
	at := time.Second
	i := 0
	for b.Loop() {
		s.Offer(at, 0, samples[i&4095].KeyID, 1)
		at += 150
		i++
	}
}

func BenchmarkRecordValue(b *testing.B) {
	var r recorder
	samples := benchSamples(4096)
	i := 0
	for b.Loop() {
		r.record(int64(samples[i&4095].Done), int64(time.Hour))
		i++
	}
}
func BenchmarkHDR(b *testing.B) {
	h := hdrhistogram.New(1, int64(time.Hour), digits)
	samples := benchSamples(4096)
	i := 0
	for b.Loop() {
		_ = h.RecordValue(int64(samples[i&4095].Done))
		i++
	}
}
