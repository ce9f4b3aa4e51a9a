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

// shift moves the sample to a later instant.
func (m *Sample) shift(by time.Duration) {
	m.Intended += by
	m.Released += by
	m.Started += by
	m.Done += by
}

// step is what a sample moves on each time that it is used again.
const step = 4096 * 150 * time.Nanosecond

// benchSamples are ok: decisions of some hundred nanoseconds, late by some microseconds.
func benchSamples() *[4096]Sample {
	r := rand.New(rand.NewPCG(1, 2))
	samples := new([4096]Sample)
	for i := range samples {
		due := time.Second + time.Duration(i)*step/4096
		delay := due + time.Duration(r.ExpFloat64()*2000)
		service := time.Duration(100 + r.ExpFloat64()*200)
		samples[i] = Sample{Intended: due, Released: delay, Started: delay + 20, Done: delay + 20 + service, Outcome: OK, KeyID: r.Uint32N(10_000), Cost: 1}
	}
	return samples
}

// Record of ok on a warm shard: three histograms, interval, key.
func BenchmarkRecord(b *testing.B) {
	s, samples := NewShard(benchOptions()), benchSamples()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := &samples[i%len(samples)]
		m.shift(step)
		s.Record(m)
	}
}

func BenchmarkOfferAndRecord(b *testing.B) {
	s, samples := NewShard(benchOptions()), benchSamples()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := &samples[i%len(samples)]
		m.shift(step)
		s.Offer(m.Intended, m.Class, m.KeyID, m.Cost)
		s.Record(m)
	}
}

// BenchmarkRecorder is one histogram with its exact extremes and sum;
// BenchmarkHdrHistogram the library's own recording, for comparison.
func BenchmarkRecorder(b *testing.B) {
	var r recorder
	samples := benchSamples()
	for i := 0; b.Loop(); i++ {
		r.record(int64(samples[i%len(samples)].ResponseTime()), int64(time.Hour))
	}
}

func BenchmarkHdrHistogram(b *testing.B) {
	h, samples := hdrhistogram.New(1, int64(time.Hour), digits), benchSamples()
	for i := 0; b.Loop(); i++ {
		_ = h.RecordValue(int64(samples[i%len(samples)].ResponseTime()))
	}
}

// BenchmarkOpen is what the first value of an outcome pays, three times.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		var r recorder
		r.record(1000, int64(time.Hour))
	}
}

func BenchmarkSummary(b *testing.B) {
	var r recorder
	for _, m := range benchSamples() {
		r.record(int64(m.ResponseTime()), int64(time.Hour))
	}
	for b.Loop() {
		if _, err := r.latency(int64(time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
}
