package combine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

var conforming = conformance.Options{Concurrent: true, NoAllocation: true, Decisions: rounds.Of(1_000)}

// conformed is the limit that kind reports to the suite.
func conformed(kind string, l limiters.Limit) limiters.Limit {
	if strings.Contains(kind, "window") {
		l.Burst = 0
	}
	return l
}

// TestCompositeOfOne is that one.
func TestCompositeOfOne(t *testing.T) {
	limit := limiters.Limit{Rate: 7, Period: time.Second, Burst: 5}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) limiters.Limiter {
				return must(NewComposite(made(t, k.name, limit)))(t)
			}, conformed(k.name, limit), conforming)
		})
	}
}

// TestCompositeOfBuckets: two buckets of one limit are one.
func TestCompositeOfBuckets(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 3}
	conformance.Run(t, func(t *testing.T) limiters.Limiter {
		return must(NewComposite(made(t, "gcra", limit), made(t, "token-bucket", limit)))(t)
	}, limit, conforming)
}

// TestCompositeAgainstItsParts asks the parts beside the composite, charged with
// what that granted.
func TestCompositeAgainstItsParts(t *testing.T) {
	ctx := context.Background()
	for s := range uint64(300) {
		rng := rand.New(rand.NewPCG(s, 8))
		var limits, parts []limiters.Limiter
		for range 2 + rng.IntN(2) {
			kind := kinds[rng.IntN(len(kinds))].name
			limit := limiters.Limit{Rate: 1 + rng.Int64N(10), Period: time.Duration(10 + rng.IntN(200)), Burst: 1 + rng.Int64N(10)}
			limits, parts = append(limits, made(t, kind, limit)), append(parts, made(t, kind, limit))
		}
		c, now, log := must(NewComposite(limits...))(t), time.Duration(0), []grant(nil)
		for range 100 {
			now = max(0, now+time.Duration(rng.IntN(60)-10))
			n := 1 + rng.Int64N(4)
			want := together(t, parts, now, n)
			peeked, _ := c.Peek(ctx, now, "k", n)
			got, err := c.Allow(ctx, now, "k", n)
			if err != nil || got.Allowed != want.Allowed || got.RetryAfter != want.RetryAfter || peeked != got {
				t.Fatalf("seed %d at %v: %+v, peeked %+v, %v; want Allowed %v and RetryAfter %v", s, now, got, peeked, err, want.Allowed, want.RetryAfter)
			}
			if wait := got.RetryAfter; wait > 0 && wait != limiters.Never {
				soon, _ := c.Peek(ctx, got.At+wait-1, "k", n)
				then, _ := c.Peek(ctx, got.At+wait, "k", n)
				if soon.Allowed || !then.Allowed {
					t.Fatalf("seed %d at %v: RetryAfter is %v; allowed just before: %v, and then: %v", s, now, wait, soon.Allowed, then.Allowed)
				}
			}
			if more, _ := c.Peek(ctx, now, "k", got.Remaining+1); more.Allowed {
				t.Fatalf("seed %d at %v: Remaining is %d, and one more was there", s, now, got.Remaining)
			}
			if all, _ := c.Peek(ctx, now, "k", max(1, got.Remaining)); got.Remaining > 0 && !all.Allowed {
				t.Fatalf("seed %d at %v: Remaining is %d, and as many were not there", s, now, got.Remaining)
			}
			if !got.Allowed {
				continue
			}
			log = append(log, grant{got.At, n})
			for _, p := range parts {
				if d, err := p.Allow(ctx, got.At, "k", n); err != nil || !d.Allowed || d.At != got.At {
					t.Fatalf("seed %d: a part says %+v, %v to what was granted at %v", s, d, err, got.At)
				}
			}
		}
		if err := worst(log, c.Bound); err != nil {
			t.Fatalf("seed %d: %v", s, err)
		}
	}
}

// together is what parts say: all have to agree, and the slowest sets the wait.
func together(tb testing.TB, parts []limiters.Limiter, now time.Duration, n int64) limiters.Decision {
	tb.Helper()
	want := limiters.Decision{Allowed: true}
	for _, p := range parts {
		now = max(now, must(p.(inner).Peek(context.Background(), now, "k", n))(tb).At)
	}
	for _, p := range parts {
		d := must(p.(inner).Peek(context.Background(), now, "k", n))(tb)
		want.Allowed = want.Allowed && d.Allowed
		want.RetryAfter = max(want.RetryAfter, d.RetryAfter)
	}
	return want
}

// moody agrees when peeked at, and then does not.
type moody struct {
	*limiters.GCRA
	err error
}

func (m moody) Allow(context.Context, time.Duration, string, int64) (limiters.Decision, error) {
	return limiters.Decision{}, m.err
}

// TestCompositeHidesNothing: a limit that fails, or was used by somebody else,
// is an error and no decision.
func TestCompositeHidesNothing(t *testing.T) {
	bucket := made(t, "gcra", limiters.Limit{Rate: 1, Period: 1, Burst: 1}).(*limiters.GCRA)
	broken := errors.New("broken")
	for _, tt := range []struct {
		limit limiters.Limiter
		want  string
	}{
		{moody{bucket, nil}, "a limit refused what it had agreed to"},
		{moody{bucket, broken}, "broken"},
	} {
		c := must(NewComposite(tt.limit))(t)
		if _, err := c.Allow(context.Background(), 0, "k", 1); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Allow says %v; want an error with %q", err, tt.want)
		}
	}
	if _, err := must(NewComposite(bucket))(t).Allow(context.Background(), 0, "k", 0); err == nil {
		t.Error("a request of 0 was decided on")
	}
}

// elsewhere is a limiter on a clock of its own.
type elsewhere struct{ *limiters.GCRA }

func (e elsewhere) Info() limiters.Info {
	info := e.GCRA.Info()
	info.TimeSource = limiters.TimeRedis
	return info
}

// shaping is a limiter that delays.
type shaping struct{ *limiters.GCRA }

func (s shaping) Info() limiters.Info {
	info := s.GCRA.Info()
	info.Shaper = true
	return info
}

func TestWhatCannotBeCombined(t *testing.T) {
	bucket := made(t, "gcra", limiters.Limit{Rate: 1, Period: 1, Burst: 1}).(*limiters.GCRA)
	pair := must(NewComposite(bucket, bucket))(t)
	_, none := NewComposite()
	_, all := NewComposite(bucket, nil, elsewhere{bucket}, shaping{bucket})
	_, first := newSwitchable(pair)
	_, plan := NewScheduled(bucket, []Change{{5, bucket}, {5, nil}, {4, pair}})
	for _, tt := range []struct {
		err  error
		want []string
	}{
		{none, []string{"limits are none"}},
		{all, []string{"limit 2 is <nil>", "limit 3 is gcra on a clock of its own (redis TIME)", "limit 4 is gcra; want a limiter whose answer is final"}},
		{first, []string{"first is composite"}},
		{plan, []string{"limiter 2 is <nil>", "limiter 3 is composite"}},
	} {
		for _, want := range tt.want {
			if tt.err == nil || !strings.Contains(tt.err.Error(), want) {
				t.Errorf("got %v; want an error with %q", tt.err, want)
			}
		}
	}
	if _, err := NewScheduled(bucket, []Change{{5, bucket}, {5, bucket}}); err == nil || !strings.Contains(err.Error(), "limiter 2 takes over at 5ns") {
		t.Errorf("got %v; want instants in order", err)
	}
}

// FuzzComposite draws limits and a history from bytes: no window holds more
// than any of the limits allows.
func FuzzComposite(f *testing.F) {
	f.Add(uint8(0), uint8(4), uint16(10), uint16(100), uint8(4), []byte("\x01\x02\x80\x03\xff"))
	f.Fuzz(func(t *testing.T, a, b uint8, rate, period uint16, burst uint8, history []byte) {
		p := 1 + int64(period)
		limit := limiters.Limit{Rate: 1 + int64(rate)%p, Period: time.Duration(p), Burst: 1 + int64(burst)}
		other := limiters.Limit{Rate: 1, Period: limit.Period, Burst: 1 + limit.Burst/2}
		c := must(NewComposite(made(t, kinds[int(a)%6].name, limit), made(t, kinds[int(b)%6].name, other)))(t)
		now, log := time.Duration(0), []grant(nil)
		for _, step := range history {
			now += time.Duration(step&0x7f) * limit.Period / 64
			if step&0x80 != 0 {
				now = max(0, now-limit.Period)
			}
			d, err := c.Allow(context.Background(), now, "k", 1+int64(step%3))
			if err != nil {
				t.Fatal(err)
			}
			if d.Allowed {
				log = append(log, grant{d.At, 1 + int64(step%3)})
			}
		}
		if err := worst(log, c.Bound); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkComposite(b *testing.B) {
	for _, parts := range []int{1, 2} {
		b.Run(fmt.Sprintf("limits=%d", parts), func(b *testing.B) {
			all := make([]limiters.Limiter, parts)
			for i := range all {
				all[i] = made(b, "gcra", limiters.Limit{Rate: 1, Period: time.Microsecond, Burst: 100})
			}
			benchmark(b, must(NewComposite(all...))(b))
		})
	}
}

// benchmark has half of its requests granted.
func benchmark(b *testing.B, l limiters.Limiter) {
	b.Helper()
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		now += 500
		l.Allow(context.Background(), now, "user-1", 1)
	}
}

// TestCompositeNamesItsLimits: the lowest rate first, all the others beside it;
// and an exact model only where all are buckets.
func TestCompositeNamesItsLimits(t *testing.T) {
	slow, fast := limiters.Limit{Rate: 1, Period: time.Second, Burst: 5}, limiters.Limit{Rate: 1, Period: time.Second / 2, Burst: 5}
	for _, tc := range []struct{ kind, want string }{{"gcra", "composite"}, {"sliding-window-log", "sliding-window-log + gcra"}} {
		info := must(NewComposite(made(t, tc.kind, fast), made(t, "gcra", slow)))(t).Info()
		if tc.kind != "gcra" {
			fast.Burst = 0
		}
		if info.Algorithm != tc.want || info.Limit != slow || len(info.Also) != 1 || info.Also[0] != fast {
			t.Errorf("it is %s under %v and %v; want %s under %v and %v", info.Algorithm, info.Limit, info.Also, tc.want, slow, fast)
		}
	}
}
