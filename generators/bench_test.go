package generators

import (
	"math"
	"testing"
)

// benchmarkNext measures what the runner pays per arrival.
func benchmarkNext(b *testing.B, streams ...Stream) {
	s := mustWorkload(b, 42, streams...).Schedule(math.MaxInt64)
	var a Arrival
	b.ReportAllocs()
	for b.Loop() {
		if !s.Next(&a) {
			b.Fatal("schedule ended")
		}
	}
}

func BenchmarkNextConstantZipf10k(b *testing.B) {
	benchmarkNext(b, Stream{Process: constant(b, "1k/s"), Keys: zipf(b, 1.1, 10_000)})
}

func BenchmarkNextPoisson100k(b *testing.B) {
	benchmarkNext(b, Stream{Process: poissonAt(b, "100k/s")})
}

func BenchmarkNextPoisson1k(b *testing.B) {
	benchmarkNext(b, Stream{Process: poissonAt(b, "1k/s")})
}

func BenchmarkNextBurst(b *testing.B) {
	benchmarkNext(b, Stream{Process: must(NewBurst(BurstConfig{Rate: rate(b, "2k/s")}))(b)})
}

func BenchmarkNextSine(b *testing.B) {
	benchmarkNext(b, Stream{Process: must(NewSine(SineConfig{Rate: rate(b, "10k/s")}))(b)})
}

func BenchmarkNextTwoStreams(b *testing.B) {
	benchmarkNext(b,
		Stream{Name: "quiet", Process: constant(b, "1k/s"), Keys: zipf(b, 0.99, 1000)},
		Stream{Name: "noisy", Process: poissonAt(b, "10k/s"), Keys: zipf(b, 1.2, 1000)})
}

func BenchmarkPick(b *testing.B) {
	for _, law := range []struct {
		name string
		keys Keys
	}{
		{"zipf-1M", zipf(b, 1.1, 1<<20)},
		{"zipf-1T", zipf(b, 1.1, 1<<40)},
		{"zipf-1T-s0.99", zipf(b, 0.99, 1<<40)},
		{"scrambled-10k", must(NewScrambledZipf(ScrambledZipfConfig{1.1, 10_000}))(b)},
		{"scrambled-1T", must(NewScrambledZipf(ScrambledZipfConfig{1.1, 1 << 40}))(b)},
		{"uniform", must(NewUniform(UniformConfig{10_000}))(b)},
		{"hotset", must(NewHotSet(HotSetConfig{10_000, 100, 0.9}))(b)},
		{"exponential-1T", must(NewExponential(ExponentialConfig{1000, 1 << 40}))(b)},
	} {
		b.Run(law.name, func(b *testing.B) {
			r, k := stream0(), uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				sink += law.keys.Pick(r, k)
				k++
			}
		})
	}
}

func BenchmarkNewZipf1M(b *testing.B) {
	for b.Loop() {
		zipf(b, 1.1, 1<<20)
	}
}

func BenchmarkDigest(b *testing.B) {
	s := mustWorkload(b, 42, Stream{Process: constant(b, "1k/s"), Keys: zipf(b, 1.1, 10_000)}).Schedule(math.MaxInt64)
	arrivals := make([]Arrival, 1<<14)
	for i := range arrivals {
		s.Next(&arrivals[i])
	}
	var d Digest
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		d.Add(&arrivals[i&(len(arrivals)-1)])
		i++
	}
}

func BenchmarkLognormal(b *testing.B) {
	l := must(NewLognormal(LognormalConfig[sizes]{Median: 1024, Sigma: 1}))(b)
	r, k := stream0(), uint64(0)
	for b.Loop() {
		sink += uint64(l.Draw(r, k))
		k++
	}
}
