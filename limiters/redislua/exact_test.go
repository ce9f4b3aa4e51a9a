package redislua

import (
	"math/big"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

func TestExactRate(t *testing.T) {
	tests := []struct {
		count        int64
		per          time.Duration
		rate, period int64 // per µs
	}{
		{100, time.Second, 1, 10_000},
		{3_000_000, time.Second, 3, 1},
		{7, 3 * time.Second, 7, 3_000_000},
		{1, 24 * time.Hour, 1, 86_400_000_000},
		{3, 7 * time.Nanosecond, 3000, 7},
		{1, 1500 * time.Nanosecond, 2, 3},
		{1, time.Nanosecond, 1000, 1},
	}
	for _, tt := range tests {
		e, err := newExact(limiters.Config{Rate: units.Rate{Count: tt.count, Per: tt.per}, Burst: 1})
		if err != nil || e.rate != tt.rate || e.period != tt.period {
			t.Errorf("%d/%v is %d per %d µs, %v; want %d per %d µs", tt.count, tt.per, e.rate, e.period, err, tt.rate, tt.period)
		}
	}
}

func FuzzExactRate(f *testing.F) {
	f.Add(int64(3_000_000), int64(time.Second), int64(5))
	f.Add(int64(7), int64(3*time.Second), int64(1<<31))
	f.Add(int64(999_999_999_989), int64(1_000_000_000_000), int64(1))
	f.Fuzz(func(t *testing.T, count, per, burst int64) {
		e, err := newExact(limiters.Config{Rate: units.Rate{Count: count, Per: time.Duration(per)}, Burst: units.Count(burst)})
		if err != nil {
			return
		}
		want := new(big.Rat).Mul(big.NewRat(count, per), big.NewRat(1000, 1))
		if got := big.NewRat(e.rate, e.period); got.Cmp(want) != 0 {
			t.Fatalf("%d/%d ns is %v per µs; want %v", count, per, got, want)
		}
		capacity := new(big.Int).Mul(big.NewInt(e.period), big.NewInt(e.limit.Burst))
		if capacity.Cmp(big.NewInt(maxUnits)) > 0 || e.rate > maxRate {
			t.Fatalf("%d/%d ns burst %d: rate %d and capacity %v are beyond what is exact", count, per, burst, e.rate, capacity)
		}
	})
}

func TestBound(t *testing.T) {
	e, err := newExact(limiters.Config{Rate: units.Rate{Count: 7, Per: 3 * time.Second}, Burst: 10})
	if err != nil {
		t.Fatal(err)
	}
	for w, want := range map[time.Duration]int64{
		0: 10, 428_571_428: 10, 428_571_429: 11, 3 * time.Second: 17, 1<<63 - 1: 10 + 7*(1<<63-1)/3_000_000_000,
	} {
		if got := e.bound(w); got != want {
			t.Errorf("Bound(%v) is %d; want %d", w, got, want)
		}
	}
	fast := exact{limit: limiters.Limit{Rate: 1, Period: 1, Burst: 5}}
	if got := fast.bound(1<<63 - 1); got != 1<<63-1 {
		t.Errorf("Bound of all time at 1/ns is %d; want it clipped", got)
	}
}

func TestShapedBound(t *testing.T) {
	for _, tt := range []struct {
		count int64
		per   time.Duration
		burst units.Count
		want  map[time.Duration]int64
	}{
		{100, time.Second, 5, map[time.Duration]int64{0: 5, 9_999 * time.Microsecond: 5, 10 * time.Millisecond: 6, time.Second: 105}},
		{100, time.Second, 1, map[time.Duration]int64{0: 1, 9_999 * time.Microsecond: 1, 10 * time.Millisecond: 2, time.Second: 101}},
		{3_000_000, time.Second, 5, map[time.Duration]int64{0: 7, time.Microsecond: 10}}, // three share a µs
		{1, time.Nanosecond, 5, map[time.Duration]int64{1 << 53: 5 + (1<<53)/1000*1000 + 999}},
	} {
		e, err := newExact(limiters.Config{Rate: units.Rate{Count: tt.count, Per: tt.per}, Burst: tt.burst})
		if err != nil {
			t.Fatal(err)
		}
		for w, want := range tt.want {
			if got := e.shaped(w); got != want {
				t.Errorf("%d/%v burst %d: in %v %d leave at most; want %d", tt.count, tt.per, tt.burst, w, got, want)
			}
		}
	}
}

func TestReplyOfTheWrongShape(t *testing.T) {
	for _, reply := range [][]int64{nil, {1}, {1, 2, 3, 4, 5, 6}} {
		if d, err := new(Scripted).decision(reply); err == nil {
			t.Errorf("reply %v is the decision %+v; want an error", reply, d)
		}
	}
}
