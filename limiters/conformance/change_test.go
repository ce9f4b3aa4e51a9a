package conformance

import (
	"context"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// settable is a limiter that is replaced when its limit is changed, rightly or not.
type settable struct {
	limiters.Limiter
	limit  limiters.Limit
	change func(l *settable, now time.Duration, limit limiters.Limit) error
}

func (l *settable) Unwrap() limiters.Limiter { return l.Limiter }

func (l *settable) SetLimit(ctx context.Context, now time.Duration, limit limiters.Limit) (time.Duration, error) {
	return now, l.change(l, now, limit)
}

func (l *settable) Info() limiters.Info {
	d, _ := limiters.As[limiters.Described](l.Limiter)
	return d.Info()
}

func (l *settable) Bound(w time.Duration) int64 {
	d, _ := limiters.As[limiters.Described](l.Limiter)
	return d.Bound(w)
}

func gcraUnder(limit limiters.Limit) (limiters.Limiter, error) {
	return limiters.NewGCRA(limiters.Config{Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Burst: units.Count(limit.Burst)})
}

// TestChangeWounds: what is done wrong with a limit that changes is found, by the rule that it breaks.
func TestChangeWounds(t *testing.T) {
	ctx := context.Background()
	honest := func(l *settable, now time.Duration, limit limiters.Limit) error {
		_, err := l.Limiter.(limiters.LimitSetter).SetLimit(ctx, now, limit)
		return err
	}
	for _, tc := range []struct {
		name   string
		change func(l *settable, now time.Duration, limit limiters.Limit) error
		broken []string
	}{
		{"honest", honest, nil},
		{"ignores it", func(*settable, time.Duration, limiters.Limit) error { return nil }, []string{"KA17 bucket", "changed-exact"}},
		{"begins anew", func(l *settable, _ time.Duration, limit limiters.Limit) (err error) {
			l.Limiter, err = gcraUnder(limit)
			return err
		}, []string{"KA17 bucket", "changed-exact", "changed-bound"}},
		{"is late", func(l *settable, now time.Duration, limit limiters.Limit) error {
			return honest(l, now+time.Second/4, limit)
		}, []string{"KA17 bucket", "changed-exact"}},
		{"changes the rate alone", func(l *settable, now time.Duration, limit limiters.Limit) error {
			limit.Burst = l.limit.Burst
			return honest(l, now, limit)
		}, []string{"KA17 bucket", "changed-exact"}},
		{"refuses", func(*settable, time.Duration, limiters.Limit) error { return ErrRefused }, []string{"KA17 bucket"}},
	} {
		of := Subject{New: func(limit limiters.Limit) (limiters.Limiter, error) {
			l, err := gcraUnder(limit)
			return &settable{l, limit, tc.change}, err
		}}
		limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 10}
		s, err := newSubject(of, limit)
		if err != nil {
			t.Fatal(err)
		}
		s.first = true
		for _, r := range changeRules() {
			if reason, _ := r.missing(s); reason != "" {
				continue
			}
			b := r.check(ctx, s)
			want := false
			for _, name := range tc.broken {
				want = want || name == r.name
			}
			if (b != nil) != want {
				t.Errorf("%s, %s: breach %+v; want one: %v", tc.name, r.name, b, want)
			}
		}
	}
}
