package runner

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// atOnceAgain is the wait of who may come back at once, and was told so.
const atOnceAgain = time.Duration(-1)

// refuse is a target that refuses until an instant, and says how long to wait.
func refuse(until, wait time.Duration, asked *[]string) atOnce {
	return atOnce{func(_ context.Context, r *targets.Request) targets.Response {
		*asked = append(*asked, fmt.Sprint(r.Seq, "@", r.Now))
		if r.Now < until {
			return targets.Response{Outcome: results.Rejected, RetryAfter: max(0, wait), RetryAtOnce: wait == atOnceAgain}
		}
		return ok
	}}
}

func retrying(source Source, double any, r Recorder, retry Retry) Trial {
	t := trial(source, double, r)
	retry.On = NewOutcomeSet(results.Rejected)
	t.Time, t.Retry = results.Virtual, retry
	return t
}

func TestRetries(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		retry    Retry
		asks     time.Duration // what the target asks for
		window   time.Duration
		asked    string
		attempts uint64
		samples  string // outcome and response time
	}{
		"none":            {Retry{}, 10 * ms, 0, "[0@0s 1@1ms]", 2, "[rejected 0s rejected 0s]"},
		"as told":         {Retry{Attempts: 3}, 10 * ms, 0, "[0@0s 1@1ms 0@10ms 1@11ms 0@20ms 1@21ms]", 6, "[ok 20ms ok 20ms]"},
		"too few":         {Retry{Attempts: 2}, 10 * ms, 0, "[0@0s 1@1ms 0@10ms 1@11ms]", 4, "[rejected 10ms rejected 10ms]"},
		"own wait":        {Retry{Attempts: 9, Wait: 15 * ms}, 10 * ms, 0, "[0@0s 1@1ms 0@15ms 1@16ms]", 4, "[ok 15ms ok 15ms]"},
		"not told":        {Retry{Attempts: 9}, 0, 0, "[0@0s 1@1ms]", 2, "[rejected 0s rejected 0s]"},
		"after the end":   {Retry{Attempts: 9, Wait: 15 * ms}, 0, 15*ms + 1, "[0@0s 1@1ms 0@15ms]", 3, "[ok 15ms rejected 0s]"},
		"at once, thrice": {Retry{Attempts: 3}, atOnceAgain, 0, "[0@0s 0@0s 0@0s 1@1ms 1@1ms 1@1ms]", 6, "[rejected 0s rejected 0s]"},
		"at once, or so":  {Retry{Attempts: 2, Wait: 20 * ms}, atOnceAgain, 0, "[0@0s 1@1ms 0@20ms 1@21ms]", 4, "[ok 20ms ok 20ms]"},
		"longer than all": {Retry{Attempts: 9}, Forever, 0, "[0@0s 1@1ms]", 2, "[rejected 0s rejected 0s]"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked, ends []string
			var rec tape
			tr := retrying(&every{gap: ms, n: 2}, refuse(15*ms, c.asks, &asked), &rec, c.retry)
			tr.Window = c.window
			rep, err := Run(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			rec.conserved(t)
			for _, s := range rec.samples {
				ends = append(ends, fmt.Sprint(s.Outcome, " ", s.Done-s.Intended))
			}
			if got := fmt.Sprint(asked); got != c.asked || rep.Attempts != c.attempts || fmt.Sprint(ends) != c.samples {
				t.Errorf("asked %s in %d attempts, ends are %v; want %s in %d, %s", got, rep.Attempts, ends, c.asked, c.attempts, c.samples)
			}
		})
	}
}

// TestJitterSpreadsRetries: a crowd that was told one wait comes back at once,
// or spread over the jitter's share of the wait; the same for the same seed.
func TestJitterSpreadsRetries(t *testing.T) {
	spread := func(jitter float64) (distinct int, all string) {
		var asked []string
		var rec tape
		retry := Retry{Attempts: 2, Jitter: jitter, Random: seed.New(1)}
		if _, err := Run(t.Context(), retrying(&every{n: 100}, refuse(10*time.Millisecond, 10*time.Millisecond, &asked), &rec, retry)); err != nil {
			t.Fatal(err)
		}
		instants := map[time.Duration]bool{}
		for _, s := range rec.samples {
			if s.Done < 10*time.Millisecond || s.Done > 20*time.Millisecond {
				t.Errorf("a retry ended at %v; want 10ms to 20ms", s.Done)
			}
			instants[s.Done] = true
		}
		return len(instants), fmt.Sprint(asked)
	}
	if n, _ := spread(0); n != 1 {
		t.Errorf("without jitter there are %d instants; want 1", n)
	}
	n, first := spread(1)
	if _, again := spread(1); n < 90 || first != again {
		t.Errorf("with jitter there are %d instants, the same again: %v; want 100 and true", n, first == again)
	}
}

// TestJitterEndsWithTheWindow: who would come back after it has given up, also
// if that is for the jitter alone.
func TestJitterEndsWithTheWindow(t *testing.T) {
	var asked []string
	var rec tape
	tr := retrying(&every{n: 100}, refuse(time.Hour, 600*time.Millisecond, &asked), &rec, Retry{Attempts: 2, Jitter: 8, Random: seed.New(1)})
	tr.Window = time.Second
	rep, err := Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range rec.samples {
		if s.Done > time.Second {
			t.Errorf("an arrival was answered at %v; want none after the window of 1s", s.Done)
		}
	}
	if rep.Attempts == 100 || rep.Attempts > 130 {
		t.Errorf("%d attempts; want those of about a twelfth of 100 callers beside the first ones", rep.Attempts)
	}
}

// TestRetriesEndWithTheRun: who waits for another attempt when the run is
// stopped was refused, and no slot is lost.
func TestRetriesEndWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var rec tape
	target := atOnce{func(_ context.Context, r *targets.Request) targets.Response {
		if r.Seq == 5 {
			cancel()
		}
		return targets.Response{Outcome: results.Rejected, RetryAfter: time.Hour}
	}}
	tr := trial(&every{gap: time.Millisecond, n: 1000}, target, &rec)
	tr.Retry = Retry{On: NewOutcomeSet(results.Rejected), Attempts: 5}
	rep, err := Run(ctx, tr)
	if err != nil || !rep.Partial {
		t.Fatalf("run ended with %v, partial %v; want a partial run", err, rep.Partial)
	}
	rec.conserved(t)
	if n := rec.count(results.Rejected); n != rec.offered || n < 6 {
		t.Errorf("%d of %d arrivals were rejected; want all", n, rec.offered)
	}
}

// TestRetriesFillTheCap: whoever waits to ask again is in flight.
func TestRetriesFillTheCap(t *testing.T) {
	var asked []string
	var rec tape
	tr := retrying(&every{gap: time.Millisecond, n: 10}, refuse(time.Second, time.Second, &asked), &rec, Retry{Attempts: 2})
	tr.MaxInFlight = 4
	if _, err := Run(t.Context(), tr); err != nil {
		t.Fatal(err)
	}
	if ok, unsent := rec.count(results.OK), rec.count(results.Unsent); ok != 4 || unsent != 6 {
		t.Errorf("%d ok and %d unsent; want 4 and 6", ok, unsent)
	}
}

// TestGivenUpRetriesKeepTheirAnswer: who waits for another attempt that is not
// made ends with what the last one was told.
func TestGivenUpRetriesKeepTheirAnswer(t *testing.T) {
	var rec tape
	told := targets.Response{Outcome: results.Rejected, Cause: "429", Status: 429, Mode: 1, RetryAfter: time.Hour, RetryUnread: true}
	tr := retrying(&every{gap: time.Millisecond, n: 3}, atOnce{func(context.Context, *targets.Request) targets.Response { return told }}, &rec, Retry{Attempts: 5})
	tr.Drain = time.Second
	if _, err := Run(t.Context(), tr); err != nil {
		t.Fatal(err)
	}
	rec.conserved(t)
	for _, s := range rec.samples {
		if s.Outcome != results.Rejected || s.Cause != told.Cause || s.Status != told.Status || !s.RetryUnread || s.Mode != told.Mode {
			t.Errorf("ended %v: %q, status %d, mode %d; want what it was told", s.Outcome, s.Cause, s.Status, s.Mode)
		}
	}
}
