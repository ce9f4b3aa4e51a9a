package ring

import (
	"runtime"
	"sync"
	"testing"
)

type observation struct {
	Key string
	N   int64
}

func mustRing(t testing.TB, size int) *Ring[observation] {
	t.Helper()
	r, err := New[observation](size)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRingSize(t *testing.T) {
	for _, size := range []int{-4, 0, 3, 1000} {
		if _, err := New[observation](size); err == nil {
			t.Errorf("size %d is accepted", size)
		}
	}
	if _, err := New[observation](3); err.Error() != "ring size is 3; want a power of two" {
		t.Error(err)
	}
	mustRing(t, 1)
}

func TestRingKeepsOrderAndTakesNoMoreThanFits(t *testing.T) {
	r := mustRing(t, 4)
	dst := make([]observation, 3)
	var next, want int64
	for round := range 10 {
		for i := range 6 {
			if pushed := r.Push(&observation{N: next}); pushed != (i < 4) {
				t.Fatalf("round %d: push %d is %v; want 4 to fit", round, i, pushed)
			}
			if i < 4 {
				next++
			}
		}
		for _, size := range []int{3, 1, 0} {
			if n := r.Pop(dst); n != size {
				t.Fatalf("round %d: popped %d; want %d", round, n, size)
			}
			for _, o := range dst[:size] {
				if o.N != want {
					t.Fatalf("round %d: got %d; want %d", round, o.N, want)
				}
				want++
			}
		}
	}
	if n := r.Pop(nil); n != 0 {
		t.Errorf("popped %d into nothing", n)
	}
}

// Under the race detector this also proves that a slot is handed over before it is read.
func TestRingConcurrently(t *testing.T) {
	const total = 200_000
	r := mustRing(t, 64)
	var producer sync.WaitGroup
	producer.Go(func() {
		for i := int64(0); i < total; {
			if r.Push(&observation{Key: "k", N: i}) {
				i++
			} else {
				runtime.Gosched()
			}
		}
	})
	dst := make([]observation, 48)
	for want := int64(0); want < total; {
		n := r.Pop(dst)
		for _, o := range dst[:n] {
			if o.N != want || o.Key != "k" {
				t.Fatalf("got %+v; want number %d", o, want)
			}
			want++
		}
		if n == 0 {
			runtime.Gosched()
		}
	}
	producer.Wait()
}

func TestRingDoesNotAllocate(t *testing.T) {
	r, dst := mustRing(t, 8), make([]observation, 8)
	if n := testing.AllocsPerRun(1000, func() {
		r.Push(&observation{Key: "k"})
		r.Push(&observation{Key: "k"})
		r.Pop(dst)
	}); n != 0 {
		t.Errorf("%v allocations; want 0", n)
	}
}

func BenchmarkRing(b *testing.B) {
	r, dst := mustRing(b, 1024), make([]observation, 512)
	o := observation{Key: "k", N: 1}
	b.ReportAllocs()
	for b.Loop() {
		if !r.Push(&o) {
			r.Pop(dst)
		}
	}
}
