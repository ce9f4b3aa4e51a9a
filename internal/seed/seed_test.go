package seed

import (
	"fmt"
	"math"
	"math/bits"
	"testing"
)

// TestKnownAnswers reads the zero stream, which is SplitMix64 from seed 0 as
// its authors published it.
func TestKnownAnswers(t *testing.T) {
	for k, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec, 0x1b39896a51a8749b} {
		if got := (Stream{}).Uint64(uint64(k)); got != want {
			t.Errorf("value %d is %#016x; want %#016x", k, got, want)
		}
	}
}

// TestPinned pins the ways of deriving streams: a change would alter every
// schedule that was ever recorded.
func TestPinned(t *testing.T) {
	for _, tt := range []struct {
		name   string
		stream Stream
		want   uint64
	}{
		{"New(0)", New(0), 0x43dec8be6926a4de},
		{"New(42)", New(42), 0xbc16a3d4cc48678e},
		{`Sub("")`, New(42).Sub(""), 0x81d8c3d8de1831b7},
		{`Sub("times")`, New(42).Sub("times"), 0xa6841bc8db5479ee},
		{`Sub("stream").Sub("a")`, New(42).Sub("stream").Sub("a"), 0x6c8da8fced24c1ba},
		{"Index(0)", New(42).Index(0), 0xe9f7ad670d97d06a},
		{"Index(1<<63)", New(42).Index(1 << 63), 0x6d9172d88c9491e6},
	} {
		if got := tt.stream.Uint64(7); got != tt.want {
			t.Errorf("%s: value 7 is %#016x; want %#016x", tt.name, got, tt.want)
		}
	}
}

// TestStreamsDiffer derives many streams whose names and numbers are alike and
// looks for values that occur twice.
func TestStreamsDiffer(t *testing.T) {
	streams := map[string]Stream{}
	for root := range uint64(20) {
		s := New(root)
		streams[fmt.Sprint("root ", root)] = s
		for i := range uint64(20) {
			streams[fmt.Sprint("index ", root, i)] = s.Index(i)
			streams[fmt.Sprint("sub ", root, i)] = s.Sub(string(rune('a' + i)))
			streams[fmt.Sprint("nested ", root, i)] = s.Sub("a").Sub(string(rune('a' + i)))
			streams[fmt.Sprint("joined ", root, i)] = s.Sub("a" + string(rune('a'+i)))
			streams[fmt.Sprint("zeros ", root, i)] = s.Sub(string(make([]byte, i)))
		}
	}
	seen := make(map[uint64]string)
	for name, s := range streams {
		for k := range uint64(50) {
			v := s.Uint64(k)
			if other, taken := seen[v]; taken {
				t.Fatalf("streams %q and %q share the value %#x", name, other, v)
			}
			seen[v] = name
		}
	}
}

// TestBitsAreFair counts every bit over the values of one stream, over the
// first values of many, and over the difference that one step makes.
func TestBitsAreFair(t *testing.T) {
	const n = 40_000
	root := New(3)
	for name, value := range map[string]func(k uint64) uint64{
		"one stream":       root.Uint64,
		"first of indexed": func(k uint64) uint64 { return root.Index(k).Uint64(0) },
		"first of roots":   func(k uint64) uint64 { return New(k).Sub("keys").Uint64(0) },
		"step":             func(k uint64) uint64 { return root.Uint64(k) ^ root.Uint64(k+1) },
		"step of roots":    func(k uint64) uint64 { return New(k).Uint64(0) ^ New(k+1).Uint64(0) },
		"step of index":    func(k uint64) uint64 { return root.Index(k).Uint64(5) ^ root.Index(k+1).Uint64(5) },
	} {
		var ones [64]int
		total := 0
		for k := range uint64(n) {
			v := value(k)
			total += bits.OnesCount64(v)
			for bit := range ones {
				ones[bit] += int(v >> bit & 1)
			}
		}
		for bit, count := range ones {
			if z := (float64(count) - n/2) / (math.Sqrt(n) / 2); math.Abs(z) > 4.5 {
				t.Errorf("%s: bit %d is set in %d of %d values", name, bit, count, n)
			}
		}
		if z := (float64(total) - 32*n) / (4 * math.Sqrt(n)); math.Abs(z) > 4.5 {
			t.Errorf("%s: %d of %d bits are set", name, total, 64*n)
		}
	}
}

// TestNoAllocation derives streams as the hot path does.
func TestNoAllocation(t *testing.T) {
	s := New(1)
	var sum uint64
	if n := testing.AllocsPerRun(1000, func() { sum += s.Sub("keys").Index(3).Uint64(sum) }); n != 0 {
		t.Errorf("%v allocations; want 0", n)
	}
}

func BenchmarkUint64(b *testing.B) {
	s := New(1)
	var sum, k uint64
	for b.Loop() {
		sum += s.Uint64(k)
		k++
	}
	_ = sum
}
