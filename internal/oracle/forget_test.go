package oracle

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// TestForgettingChangesNothing: a judge that forgets whenever it can says the same as one
// that never has to, of right and wrong limiters, known and unknown instants.
func TestForgettingChangesNothing(t *testing.T) {
	for _, algorithm := range append(algorithms(), "bound", "composite") {
		forgot := 0
		for seed := range uint64(60) {
			rng := rand.New(rand.NewPCG(seed, 5))
			l := Limit{Rate: 10, Period: time.Second, Burst: 1 + rng.Int64N(8)}
			o := Options{Algorithm: algorithm, Limit: l, Shaper: seed%2 == 0, Resolution: time.Duration(seed % 3 * 1000)}
			switch algorithm {
			case "bound":
				o.Bound = func(w time.Duration) int64 { return l.Burst + int64(w)*l.Rate/int64(l.Period) }
			case "composite":
				o.Also = []Limit{{Rate: 60, Period: time.Minute, Burst: 20}}
			}
			keen, lazy := mustJudge(t, o), mustJudge(t, o)
			var now time.Duration
			for range 400 {
				if seed%3 == 0 && rng.IntN(80) == 0 {
					next := Limit{Rate: 1 + rng.Int64N(20), Period: l.Period, Burst: 1 + rng.Int64N(8)}
					if err := keen.SetLimit(now, next); (err == nil) != (lazy.SetLimit(now, next) == nil) {
						t.Fatalf("one judge follows a change of the limit and one does not: %v", err)
					}
				}
				o := observation(rng, &now)
				keen.Observe(o)
				lazy.Observe(o)
				live := keen.keys.live
				keen.forget()
				forgot += live - keen.keys.live
			}
			want, got := told(lazy), told(keen)
			if want != got {
				t.Fatalf("%s, seed %d: keys were forgotten\n%s; want\n%s", algorithm, seed, got, want)
			}
		}
		if forgot < 100 {
			t.Errorf("%s: %d keys were forgotten; want many", algorithm, forgot)
		}
	}
}

// told is all that a judge says but for the examples, which are those found first.
func told(j *Judge) string {
	r := j.Report()
	r.Violations = nil
	return fmt.Sprintf("%+v", r)
}

// observation is any, a little or a long time after the one before.
func observation(rng *rand.Rand, now *time.Duration) Observation {
	if *now += time.Duration(rng.Int64N(int64(200 * time.Millisecond))); rng.IntN(20) == 0 {
		*now += time.Duration(rng.Int64N(int64(3 * time.Minute)))
	}
	key := rng.IntN(6)
	o := Observation{
		Key: strconv.Itoa(key), N: 1 + rng.Int64N(3), At: *now, Called: *now, Returned: *now + time.Duration(rng.Int64N(1e8)),
		Allowed: rng.IntN(3) > 0, Errored: rng.IntN(200) == 0,
	}
	if o.Until = o.At + time.Duration(rng.Int64N(1e9)); key >= 4 {
		o.At = -1
	}
	return o
}

// TestForgottenKeyTooLate: what may have been forgotten too early for a decision is not judged by.
func TestForgottenKeyTooLate(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	j.Observe(Observation{Key: "a", N: 1, Allowed: true})
	j.Observe(Observation{Key: "b", N: 1, At: time.Minute, Allowed: true})
	j.forget()
	if j.keys.live != 1 {
		t.Fatalf("%d keys live; want one, that of a minute ago forgotten", j.keys.live)
	}
	j.Observe(Observation{Key: "a", N: 1, At: 1}) // right, but who would know
	j.Observe(Observation{Key: "b", N: 1, At: time.Minute + 1})
	j.Observe(Observation{Key: "a", N: 1, At: time.Minute - lateBy, Allowed: true})
	j.Observe(Observation{Key: "c", N: 1, At: -1, Called: time.Second, Returned: time.Second, Allowed: true}) // on another clock
	if r := j.Report(); r.Judged != 5 || r.Unjudged != 1 || r.FalseAdmits+r.FalseDenials != 0 {
		t.Errorf("%+v; want 5 judged, without an error, and one not", r)
	}
}

// TestMemoryFollowsLiveKeys: of all the keys that come once, those of the last moments are there.
func TestMemoryFollowsLiveKeys(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 100, Period: time.Second, Burst: 20})
	name := make([]byte, 0, 20)
	for i := range 300_000 {
		name = strconv.AppendInt(name[:0], int64(i), 10)
		j.Observe(Observation{Key: string(name), N: 1, At: time.Duration(i) * time.Millisecond, Allowed: true})
	}
	if most := 100_000; j.keys.used > most || len(j.keys.slots) > 2*most {
		t.Errorf("%d ledgers in %d slots; want no more than for %d keys", j.keys.used, len(j.keys.slots), most)
	}
	if r := j.Report(); r.Judged != 300_000 || r.FalseAdmits+r.FalseDenials != 0 {
		t.Errorf("%+v; want all judged without an error", r)
	}
}

// TestBytesPerKey of keys that all live, decided on rightly.
func TestBytesPerKey(t *testing.T) {
	const keys = 500_000
	names := make([]string, keys)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	before := allocated()
	j := mustNew(t, "gcra", Limit{Rate: 100, Period: time.Second, Burst: 20})
	for i, name := range names {
		j.Observe(Observation{Key: name, N: 1, At: time.Duration(i) * 10 * time.Microsecond, Allowed: true})
	}
	if perKey := float64(allocated()-before) / keys; perKey > 80 {
		t.Errorf("%.1f bytes a key; want at most 80", perKey)
	}
	if r := j.Report(); r.Judged != keys || r.FalseAdmits+r.FalseDenials != 0 {
		t.Errorf("%+v; want no error", r)
	}
	runtime.KeepAlive(names)
}

func allocated() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// FuzzIndex compares with a map.
func FuzzIndex(f *testing.F) {
	f.Add(uint64(1), 3)
	f.Add(uint64(2), 5000)
	f.Fuzz(func(t *testing.T, seed uint64, keys int) {
		rng := rand.New(rand.NewPCG(seed, 0))
		x, m := newIndex(), map[string]*ledger{}
		for range 6000 {
			key := strconv.Itoa(rng.IntN(max(1, min(keys, 1<<20))))
			if got := x.find(key); got != m[key] {
				t.Fatalf("%q is at %p; want %p", key, got, m[key])
			}
			if m[key] == nil {
				if x.full() {
					part := rng.IntN(4)
					x.rebuild(func(k *ledger) bool {
						gone := rng.IntN(4) < part
						if gone {
							delete(m, k.key)
						}
						return gone
					})
				}
				m[key] = x.add(key)
				*m[key] = ledger{key: key}
			}
		}
		if x.live != len(m) {
			t.Errorf("%d live; want %d", x.live, len(m))
		}
		seen := 0
		for k := range x.all {
			if seen++; m[k.key] != k {
				t.Errorf("%q is at %p; want %p", k.key, k, m[k.key])
			}
		}
		if seen != len(m) {
			t.Errorf("%d seen; want %d", seen, len(m))
		}
	})
}

// TestWhatIsNotForgotten however long nobody asks: that an error may have taken anything, and that a key
// was denied what was due to it and has not been served since.
func TestWhatIsNotForgotten(t *testing.T) {
	l := Limit{Rate: 1, Period: time.Second, Burst: 1}
	lost := mustNew(t, "gcra", l)
	lost.Observe(Observation{N: 1, Errored: true})
	lost.Observe(Observation{Key: "other", N: 1, At: time.Hour, Allowed: true})
	lost.forget()
	lost.Observe(Observation{N: 1, At: time.Hour})
	if r := lost.Report(); r.Unjudged != 2 || r.FalseDenials != 0 {
		t.Errorf("after an error and an hour: %+v; want nothing of the key judged", r)
	}
	starved := mustNew(t, "gcra", l)
	starved.Observe(Observation{N: 1})
	starved.Observe(Observation{Key: "other", N: 1, At: time.Hour, Allowed: true})
	starved.forget()
	starved.Observe(Observation{N: 1, At: time.Hour, Allowed: true})
	if want := (Starvation{End: time.Hour, Intervals: 3600}); starved.Report().Starvation != want {
		t.Errorf("denied what was due, and served an hour later: %+v; want %+v", starved.Report().Starvation, want)
	}
}
