package guards

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/prometheus"
)

// played is a guard that answers one letter after the other, and the last one for ever:
// y for yes, n for no, x for an error, s for no answer at all.
type played struct {
	name string
	plan string
	err  error
	at   *int
}

func (p played) String() string { return p.name }

func (p played) Ask(ctx context.Context) error {
	letter := p.plan[min(*p.at, len(p.plan)-1)]
	*p.at++
	switch letter {
	case 'y':
		return nil
	case 'n':
		return tripped(p, "too high")
	case 's':
		<-ctx.Done()
		return ctx.Err()
	}
	return p.err
}

func play(name, plan string) played { return played{name, plan, errors.New("refused"), new(int)} }

// TestBefore: nothing is sent until every guard has answered.
func TestBefore(t *testing.T) {
	for _, tt := range []struct {
		plans []string
		want  string
		after time.Duration
	}{
		{nil, "", 0},
		{[]string{"y", "y"}, "", 0},
		{[]string{"y", "n"}, "g1 does not hold: too high", 0},
		{[]string{"xy"}, "", time.Second},
		{[]string{"xxy"}, "", 2 * time.Second},
		{[]string{"x"}, "g0 does not hold: it could not be asked 3 times in a row: refused", 2 * time.Second},
		{[]string{"xn"}, "g0 does not hold: too high", time.Second},
		{[]string{"s"}, "g0 does not hold: it could not be asked 3 times in a row: it did not answer within 5s", 17 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var all []Guard
			for i, plan := range tt.plans {
				all = append(all, play(fmt.Sprint("g", i), plan))
			}
			began := time.Now()
			err := New(time.Second, all...).Before(t.Context())
			if got := fmt.Sprint(err); got != tt.want && (err != nil || tt.want != "") || time.Since(began) != tt.after {
				t.Errorf("%v: %v after %v; want %q after %v", tt.plans, err, time.Since(began), tt.want, tt.after)
			}
		})
	}
	var none *Watch
	if err := none.Before(t.Context()); err != nil {
		t.Errorf("without guards: %v", err)
	}
}

// TestBeforeAtOnce: what can never be asked is not asked again.
func TestBeforeAtOnce(t *testing.T) {
	for _, why := range []error{&dial.RefusedError{Addr: "192.0.2.1:9090", Host: "192.0.2.1"}, &prometheus.RefusedError{Kind: "bad_data", Text: "parse error"}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			err := New(time.Second, played{"g", "x", why, new(int)}).Before(t.Context())
			if !errors.Is(err, why) || time.Since(began) != 0 {
				t.Errorf("%v after %v; want %v at once", err, time.Since(began), why)
			}
		})
	}
}

// TestDuring: a trial is ended within an interval of what a guard says, by the first of
// them, and failures count across trials only where they are in a row.
func TestDuring(t *testing.T) {
	for _, tt := range []struct {
		plans []string
		want  string
		after time.Duration
	}{
		{[]string{"y"}, "", 10 * time.Second},
		{[]string{"yyn"}, "g0 does not hold: too high", 3 * time.Second},
		{[]string{"y", "yyyyn", "yyn"}, "g2 does not hold: too high", 3 * time.Second},
		{[]string{"yx"}, "g0 does not hold: it could not be asked 3 times in a row: refused", 4 * time.Second},
		{[]string{"xxyxxyxxyy"}, "", 10 * time.Second},
		{[]string{"s", "yyyn"}, "g1 does not hold: too high", 4 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var all []Guard
			for i, plan := range tt.plans {
				all = append(all, play(fmt.Sprint("g", i), plan))
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			began, end := time.Now(), New(time.Second, all...).During(ctx, cancel)
			select {
			case <-ctx.Done():
			case <-time.After(10*time.Second - 1):
				time.Sleep(time.Nanosecond)
			}
			took := time.Since(began)
			end()
			why := ""
			if err := context.Cause(ctx); err != nil {
				why = err.Error()
			}
			if why != tt.want || took != tt.after {
				t.Errorf("%v: %q after %v; want %q after %v", tt.plans, why, took, tt.want, tt.after)
			}
			cancel(nil)
		})
	}
}

// TestFailuresInARow are counted over the pause between two trials.
func TestFailuresInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(time.Second, play("g", "xx"))
		var why error
		end := w.During(t.Context(), func(err error) { why = err })
		time.Sleep(2500 * time.Millisecond)
		end()
		if why != nil {
			t.Fatalf("it ended a trial for %v", why)
		}
		if err := w.Before(t.Context()); err == nil || !strings.Contains(err.Error(), "3 times in a row") {
			t.Errorf("error is %v; want the third failure told", err)
		}
	})
}
