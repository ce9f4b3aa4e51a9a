package combine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// TestSwitchableConforms: without a switch it is the first limiter, and after a
// switch before which nobody asked it is the next.
func TestSwitchableConforms(t *testing.T) {
	limit := limiters.Limit{Rate: 7, Period: time.Second, Burst: 5}
	other := limiters.Limit{Rate: 3, Period: 2 * time.Second, Burst: 2}
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) limiters.Limiter {
				return must(newSwitchable(made(t, k.name, limit)))(t)
			}, conformed(k.name, limit), conforming)
		})
		t.Run(k.name+" after a switch", func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) limiters.Limiter {
				l := must(newSwitchable(made(t, kinds[(i+4)%6].name, other)))(t)
				if err := l.switchTo(0, made(t, k.name, limit)); err != nil {
					t.Fatal(err)
				}
				return onlyCurrent{l}
			}, conformed(k.name, limit), conforming)
		})
	}
}

// switchTo replaces l by next at now.
func (l *switchable) switchTo(now time.Duration, next limiters.Limiter) error {
	in, c, err := successor("next", next)
	if err == nil {
		l.replace(now, in, c)
	}
	return err
}

// onlyCurrent claims the bound of the current limiter, when it is the only one used.
type onlyCurrent struct{ *switchable }

func (o onlyCurrent) Bound(w time.Duration) int64 { return o.era.Load().current.Bound(w) }

// TestHandoverIsHonest: while a key owes, too, denials say how long to wait to
// the nanosecond, and Remaining is there.
func TestHandoverIsHonest(t *testing.T) {
	ctx, denials := context.Background(), 0
	for s := range uint64(1500) {
		rng := rand.New(rand.NewPCG(s, 6))
		limits := limitPairs[rng.IntN(len(limitPairs))]
		l := must(newSwitchable(made(t, kinds[rng.IntN(6)].name, limits.from)))(t)
		next := made(t, kinds[rng.IntN(6)].name, limits.to)
		now := time.Duration(rng.Int64N(3000))
		drain(t, l, now, new([]grant))
		if err := l.switchTo(now, next); err != nil {
			t.Fatal(err)
		}
		now += time.Duration(rng.IntN(100))
		n := 1 + rng.Int64N(next.Bound(0)+1)
		d := must(l.Peek(ctx, now, "k", n))(t)
		if got := must(l.Allow(ctx, now, "k", d.Remaining+1))(t); !d.Allowed && got.Allowed {
			t.Fatalf("seed %d: Remaining was %d, and one more was there", s, d.Remaining)
		}
		switch {
		case n > next.Bound(0) && d.RetryAfter != limiters.Never:
			t.Fatalf("seed %d: a request of %d out of %d has RetryAfter %v; want Never", s, n, next.Bound(0), d.RetryAfter)
		case d.Allowed || d.RetryAfter == limiters.Never:
			continue
		}
		denials++
		soon, then := must(l.Peek(ctx, d.At+d.RetryAfter-1, "k", n))(t), must(l.Peek(ctx, d.At+d.RetryAfter, "k", n))(t)
		full := must(l.Peek(ctx, d.At+d.ResetAfter, "k", next.Bound(0)))(t)
		early := must(l.Peek(ctx, d.At+d.ResetAfter-1, "k", next.Bound(0)))(t)
		if soon.Allowed || !then.Allowed || !full.Allowed || early.Allowed {
			t.Fatalf("seed %d: at %v %+v; retried just before %v and then %v, reset just before %v and then %v",
				s, now, d, soon.Allowed, then.Allowed, early.Allowed, full.Allowed)
		}
	}
	if denials < 100 {
		t.Errorf("only %d denials were followed; want 100 at least", denials)
	}
}

// TestUntouchedKeysKeepTheirDebt, however many switches pass them by, even if
// they are reclaimed in between.
func TestUntouchedKeysKeepTheirDebt(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 10}
	for _, reclaim := range []bool{false, true} {
		l := must(newSwitchable(made(t, "gcra", limit)))(t)
		drain(t, l, time.Second, new([]grant))
		for i := range 3 {
			if reclaim {
				l.Reclaim(time.Second)
			}
			if err := l.switchTo(time.Second, made(t, kinds[i].name, limit)); err != nil {
				t.Fatal(err)
			}
		}
		if got := drain(t, l, 1500*time.Millisecond, new([]grant)); got != 5 {
			t.Errorf("after three switches %d tokens were there; want the 5 that flowed in", got)
		}
	}
}

// TestDebtsOfAChain: a limiter that granted a key something has taken over what was
// owed by then, and that is all its successor asks for. Of one that did not, or no
// longer knows whether it did, it asks for the debts to the one before as well.
func TestDebtsOfAChain(t *testing.T) {
	per := func(rate, burst int64) limiters.Limit {
		return limiters.Limit{Rate: rate, Period: time.Second, Burst: burst}
	}
	slow, ctx := per(10, 100), context.Background()
	for _, tt := range []struct {
		name    string
		middle  limiters.Limit
		taken   int64 // there
		reclaim bool
		after   time.Duration // all of the slow one was spent, it is back
		want    int64
	}{
		{"never asked", per(1000, 1), 0, false, 300 * time.Millisecond, 3}, // that flowed in at 10/s
		{"never asked, others forgotten", per(1000, 1), 0, true, 300 * time.Millisecond, 3},
		{"never asked, others forgotten, later", per(1000, 1), 0, true, 1300 * time.Millisecond, 13},
		{"paid and forgotten", per(1000, 1), 1, true, 300 * time.Millisecond, 3},
		{"paid", per(1000, 1), 1, false, 300 * time.Millisecond, 100},
		{"in debt", per(1000, 50), 20, false, 250 * time.Millisecond, 80}, // 100 less the 30 left, of which 50 came back
	} {
		t.Run(tt.name, func(t *testing.T) {
			const spent = 10 * time.Second
			l := must(newSwitchable(made(t, "gcra", slow)))(t)
			drain(t, l, spent, new([]grant))
			if err := l.switchTo(spent, made(t, "token-bucket", tt.middle)); err != nil {
				t.Fatal(err)
			}
			for i := range 1_000 { // so that some are kept beside the key, wherever that is
				must(l.Allow(ctx, spent+200*time.Millisecond, fmt.Sprint(i), 1))(t)
			}
			if tt.taken > 0 && !must(l.Allow(ctx, spent+200*time.Millisecond, "k", tt.taken))(t).Allowed {
				t.Fatalf("%d tokens were denied in between; want them granted", tt.taken)
			}
			if back := spent + 205*time.Millisecond; tt.reclaim && l.Reclaim(back) == 0 {
				t.Fatalf("nothing was reclaimed at %v", back)
			}
			if err := l.switchTo(spent+tt.after, made(t, "gcra", slow)); err != nil {
				t.Fatal(err)
			}
			if got := drain(t, l, spent+tt.after, new([]grant)); got != tt.want {
				t.Errorf("%d tokens are there; want %d", got, tt.want)
			}
		})
	}
}

// TestHiddenDebts are those of a fixed window that was spent just before its
// edge: at the edge it is as good as new, and yet a bucket has to wait.
func TestHiddenDebts(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: 1000, Burst: 10}
	for _, tt := range []struct {
		name     string
		spent    time.Duration // an edge is just after
		switched time.Duration
		reclaim  bool
	}{
		{"a state that was reclaimed", 999, 1000, true},
		{"a clock ahead of the switch", 5999, 0, false},
	} {
		l := must(newSwitchable(made(t, "fixed-window", limit)))(t)
		drain(t, l, tt.spent, new([]grant))
		if tt.reclaim {
			l.Reclaim(tt.spent + 1)
		}
		if err := l.switchTo(tt.switched, made(t, "gcra", limit)); err != nil {
			t.Fatal(err)
		}
		must(l.Allow(context.Background(), tt.spent+1, "other", 1))(t)
		if got := drain(t, l, tt.spent+1, new([]grant)); got != 0 {
			t.Errorf("%s: %d tokens just after the edge; want none", tt.name, got)
		}
	}
}

// TestLateCallers: who takes a key over with an earlier now than its last grant
// is decided on as at that grant. Nothing flows in before it.
func TestLateCallers(t *testing.T) {
	ctx, limit := context.Background(), limiters.Limit{Rate: 10, Period: time.Second, Burst: 10}
	l := must(newSwitchable(made(t, "gcra", limit)))(t)
	must(l.Allow(ctx, time.Second, "k", 9))(t)
	if err := l.switchTo(time.Second, made(t, "gcra", limit)); err != nil {
		t.Fatal(err)
	}
	if d := must(l.Allow(ctx, time.Second/2, "k", 1))(t); !d.Allowed || d.At != time.Second {
		t.Errorf("the last token, asked for at 500ms: %+v; want it granted at 1s", d)
	}
	if got := drain(t, l, time.Second, new([]grant)); got != 0 {
		t.Errorf("after all 10 were granted %d more were", got)
	}
}

// interrupted is a limiter during whose decision something happens.
type interrupted struct {
	*limiters.GCRA
	happens func()
}

func (i interrupted) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	i.happens()
	return i.GCRA.Allow(ctx, now, key, n)
}

// TestOvertakenBySwitch: a request that an old limiter grants too late, when the
// next one has granted all there is, is not granted.
func TestOvertakenBySwitch(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 10}
	var l *switchable
	first := interrupted{must(limiters.NewGCRA(bucket(limit)))(t), func() {
		if err := l.switchTo(0, made(t, "gcra", limit)); err != nil {
			t.Fatal(err)
		}
		if got := drain(t, l, 0, new([]grant)); got != 10 {
			t.Errorf("%d tokens after the switch; want 10", got)
		}
	}}
	l = must(newSwitchable(first))(t)
	if d := must(l.Allow(context.Background(), 0, "k", 1))(t); d.Allowed {
		t.Errorf("after 10 tokens, all there are, one more was granted: %+v", d)
	}
}

// TestOldStateIsLetGo once it has nothing left to say, and not before.
func TestOldStateIsLetGo(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 10}
	old := must(limiters.NewGCRA(bucket(limit)))(t)
	freed := atomic.Bool{}
	runtime.AddCleanup(old, func(f *atomic.Bool) { f.Store(true) }, &freed)
	l := must(newSwitchable(old))(t)
	drain(t, l, time.Second, new([]grant))
	old = nil
	if err := l.switchTo(time.Second, made(t, "token-bucket", limit)); err != nil {
		t.Fatal(err)
	}
	l.Allow(context.Background(), 3*time.Second-1, "k", 1)
	if len(l.era.Load().olds) == 0 {
		t.Error("the old limiter was let go while a key could owe it something")
	}
	l.Allow(context.Background(), 3*time.Second, "k", 1)
	if len(l.era.Load().olds) > 0 {
		t.Error("the old limiter is kept although no key can owe it anything")
	}
	for range 100 {
		if runtime.GC(); freed.Load() {
			break
		}
		runtime.Gosched()
	}
	if !freed.Load() {
		t.Error("the old limiter is still in memory")
	}
	// Who is late gets the instant at which it was let go.
	if d := must(l.Allow(context.Background(), 0, "other", 1))(t); d.At != 3*time.Second {
		t.Errorf("after the hand-over a request at 0 was decided as at %v; want 3s", d.At)
	}
}

// TestSwitchUnderFire switches again and again while callers take all they can
// get, at instants of their own, of a few keys.
func TestSwitchUnderFire(t *testing.T) {
	limit := limiters.Limit{Rate: 20, Period: 1000, Burst: 20}
	bounds := []inner{}
	for _, k := range kinds[:3] { // whose bounds are alike: windows hold many switches
		bounds = append(bounds, made(t, k.name, limit))
	}
	l := must(newSwitchable(bounds[0]))(t)
	logs := make([][3][]grant, 8)
	var clock atomic.Int64
	var callers sync.WaitGroup
	for c := range logs {
		callers.Go(func() {
			keys := [3]string{"a", "b", "c"}
			for i := range 3000 {
				now := time.Duration(clock.Add(1)) - time.Duration(i%50)
				d, err := l.Allow(context.Background(), now, keys[i%3], 1)
				if err != nil {
					t.Error(err)
					return
				}
				if d.Allowed {
					logs[c][i%3] = append(logs[c][i%3], grant{d.At, 1})
				}
			}
		})
	}
	for i := range 60 {
		for clock.Load() < int64(i*300) {
			runtime.Gosched()
		}
		if err := l.switchTo(time.Duration(clock.Load()), made(t, kinds[i%3].name, limit)); err != nil {
			t.Fatal(err)
		}
	}
	callers.Wait()
	for key := range 3 {
		var all []grant
		for c := range logs {
			all = append(all, logs[c][key]...)
		}
		if err := worst(all, bounds[0].Bound); err != nil {
			t.Errorf("key %d: %v", key, err)
		}
	}
}

func BenchmarkSwitchable(b *testing.B) {
	limit := limiters.Limit{Rate: 1, Period: time.Microsecond, Burst: 100}
	b.Run("bare", func(b *testing.B) { benchmark(b, made(b, "gcra", limit)) })
	b.Run("unswitched", func(b *testing.B) { benchmark(b, must(newSwitchable(made(b, "gcra", limit)))(b)) })
	b.Run("handing over", func(b *testing.B) {
		l := must(newSwitchable(made(b, "gcra", limit)))(b)
		if err := l.switchTo(limiters.Never/2, made(b, "gcra", limit)); err != nil {
			b.Fatal(err)
		}
		benchmark(b, l)
	})
}
