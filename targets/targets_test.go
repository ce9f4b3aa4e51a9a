package targets_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestNoRoomIsWasted between the fields of what is made for every call.
func TestNoRoomIsWasted(t *testing.T) {
	for _, made := range []reflect.Type{reflect.TypeFor[targets.Request](), reflect.TypeFor[targets.Response]()} {
		fields, align := uintptr(0), uintptr(made.Align())
		for i := range made.NumField() {
			fields += made.Field(i).Type.Size()
		}
		if least := (fields + align - 1) / align * align; made.Size() > least {
			t.Errorf("a %s takes %d bytes, of which its fields need %d; want those of one size to stand together", made, made.Size(), least)
		}
	}
}

func TestNoopConforms(t *testing.T) {
	conformance.Run(t, func(*testing.T) targets.Target { return null(t) })
}

func TestLimiterConforms(t *testing.T) {
	for name, workers := range map[string]int{"inline": 0, "pooled": 4} {
		t.Run(name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) targets.Target {
				return limiting(everyOther{}, targets.LimiterOptions{Workers: workers})
			})
		})
	}
}

func TestDelayConforms(t *testing.T) {
	conformance.Run(t, func(t *testing.T) targets.Target {
		d, err := targets.NewDelay(targets.DelayConfig{Service: units.Duration(3 * time.Millisecond), Servers: 2, Queue: 5})
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}

func null(t *testing.T) targets.Target {
	t.Helper()
	noop, err := targets.NewNoop(struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return noop
}

// calling begins a trial and returns what may be called without a lane.
func calling(t *testing.T, target targets.Target) targets.Caller {
	t.Helper()
	if err := target.Begin(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	return target.Info().Inline
}

// everyOther allows n = 1 of odd milliseconds and fails on key k5.
type everyOther struct{}

func (everyOther) Allow(_ context.Context, now time.Duration, key string, _ int64) (limiters.Decision, error) {
	if key == "k5" {
		return limiters.Decision{}, fmt.Errorf("limiter: key %s: %w", key, errors.New("no answer"))
	}
	return limiters.Decision{Allowed: now/time.Millisecond%2 == 1, At: now}, nil
}

func TestLimiterOutcomes(t *testing.T) {
	target := calling(t, limiting(everyOther{}, targets.LimiterOptions{}))
	for _, c := range []struct {
		now  time.Duration
		key  string
		want targets.Response
	}{
		{time.Millisecond, "a", targets.Response{Outcome: results.OK, Decided: time.Millisecond, Judged: true}},
		{2 * time.Millisecond, "a", targets.Response{Outcome: results.Rejected, Decided: 2 * time.Millisecond, Judged: true}},
		{0, "k5", targets.Response{Outcome: results.Failed, Cause: "no answer"}},
	} {
		if got := target.Do(t.Context(), standing().Clock, &targets.Request{Now: c.now, Key: c.key, Cost: 1}); got != c.want {
			t.Errorf("at %v, key %s: %+v; want %+v", c.now, c.key, got, c.want)
		}
	}
}

func TestConstructorsNameEveryProblem(t *testing.T) {
	_, err := targets.NewDelay(targets.DelayConfig{Queue: -1})
	wantAll(t, err, "service is 0s", "servers is 0", "queue is -1")
}

func wantAll(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error is %v; want it to say %s", err, p)
		}
	}
}

func TestInlineTargetsAllocateNothing(t *testing.T) {
	ctx := t.Context()
	limiter := calling(t, limiting(everyOther{}, targets.LimiterOptions{}))
	for name, target := range map[string]targets.Caller{"noop": calling(t, null(t)), "limiter": limiter} {
		r := &targets.Request{Key: "a", Cost: 1}
		if n := testing.AllocsPerRun(1000, func() { target.Do(ctx, standing().Clock, r) }); n != 0 {
			t.Errorf("%s allocates %v times a request; want 0", name, n)
		}
	}
}

// TestDelayIsAQueue: 4 requests at once on one server of 3 ms with room for
// two more end at 3, 6 and 9 ms, and the fourth is shed.
func TestDelayIsAQueue(t *testing.T) {
	d, err := targets.NewDelay(targets.DelayConfig{Service: units.Duration(3 * time.Millisecond), Servers: 1, Queue: 2})
	if err != nil {
		t.Fatal(err)
	}
	lane := laneOf(t, d, standing())
	var got []string
	done := func(token uint32, at time.Duration, r *targets.Response) {
		got = append(got, fmt.Sprint(token, at, r.Outcome, r.Started))
	}
	for i := range uint32(4) {
		lane.Start(0, &targets.Request{Token: i}, done)
	}
	for now := time.Duration(0); now < time.Second; {
		now = lane.Poll(now, time.Second, done)
	}
	want := "[3 0s shed 0s 0 3ms ok 0s 1 6ms ok 3ms 2 9ms ok 6ms]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
