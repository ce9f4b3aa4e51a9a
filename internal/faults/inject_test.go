package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/results"
)

// notebook is a server that writes down what is done to it, and when.
type notebook struct {
	now   func() time.Duration
	lines []string
	fails map[string]error
}

func (n *notebook) note(text string) error {
	n.lines = append(n.lines, fmt.Sprintf("%v %s", n.now(), text))
	return n.fails[text]
}

func (n *notebook) Kill() error                        { return n.note("kill") }
func (n *notebook) Pause() error                       { return n.note("pause") }
func (n *notebook) Resume() error                      { return n.note("resume") }
func (n *notebook) Slow(d time.Duration) error         { return n.note(fmt.Sprint("slow ", d)) }
func (n *notebook) FlushScripts(context.Context) error { return n.note("flush") }
func (n *notebook) ResetConnections(context.Context) error {
	return n.note("reset")
}

func (n *notebook) ReadOnly(_ context.Context, on bool) error {
	return n.note(fmt.Sprint("read-only ", on))
}

func (n *notebook) OutOfMemory(_ context.Context, on bool) error {
	return n.note(fmt.Sprint("oom ", on))
}

func (n *notebook) Evict(_ context.Context, on bool) error {
	return n.note(fmt.Sprint("evict ", on))
}

func (n *notebook) Replicate(ctx context.Context, on bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return n.note(fmt.Sprint("replicate ", on))
}

func (n *notebook) CutReplica(context.Context) error { return n.note("cut") }
func (n *notebook) FailOver(context.Context) error   { return n.note("fail over") }

func (n *notebook) Restart(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	time.Sleep(20 * time.Millisecond) // of the bubble
	return n.note("restart")
}

// clock is the bubble's, from now.
func clock() Clock {
	start := time.Now()
	return Clock{Now: func() time.Duration { return time.Since(start) }, Wait: wait}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newSequence(t *testing.T, list ...Config) Sequence {
	t.Helper()
	sequence, problems := NewSequence(list, time.Hour)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return sequence
}

func everything() []Config {
	return []Config{
		{At: seconds(1), Kind: Kill, For: seconds(2)},
		{At: seconds(3), Kind: Pause, For: seconds(1)},
		{At: seconds(5), Kind: Slow, For: seconds(1), Delay: seconds(0.5)},
		{At: seconds(7), Kind: ReadOnly, For: seconds(1)},
		{At: seconds(9), Kind: OutOfMemory, For: seconds(1)},
		{At: seconds(11), Kind: Evict, For: seconds(1)},
		{At: seconds(13), Kind: FlushScripts},
		{At: seconds(14), Kind: ResetConnections},
		{At: seconds(16), Kind: Failover, For: seconds(1)},
	}
}

func TestInjection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clock()
		server := &notebook{now: clock.Now}
		sequence := newSequence(t, everything()...)
		const origin = 10 * time.Second
		watch := NewWatch(sequence, origin, nil)
		injection := sequence.Inject(t.Context(), server, clock, origin, watch)
		time.Sleep(time.Minute)
		if err := injection.Stop(); err != nil {
			t.Error(err)
		}
		want := []string{
			"11s kill", "13.02s restart", "13.02s pause", "14.02s resume", "15s slow 500ms", "16s slow 0s", "17s read-only true",
			"18s read-only false", "19s oom true", "20s oom false",
			"21s evict true", "22s evict false", "23s flush", "24s reset",
			"24s replicate true", "26s cut", "27s fail over", // a replica takes a moment to have everything
		}
		if !slices.Equal(server.lines, want) {
			t.Errorf("the server saw\n%s; want\n%s", strings.Join(server.lines, "\n"), strings.Join(want, "\n"))
		}
		all := watch.Results()
		for i, c := range sequence {
			r := all[i]
			if !r.Reached || r.Cut || r.Kind != string(c.Kind) || r.AtNS != int64(c.At) || r.ForNS != int64(c.For) || r.BeganNS < r.AtNS || r.EndedNS < r.BeganNS+r.ForNS {
				t.Errorf("fault %d is told of as %+v", i, r)
			}
		}
		if kill, pause := all[0], all[1]; kill.EndedNS != int64(3020*time.Millisecond) || pause.BeganNS != kill.EndedNS {
			t.Errorf("kill ended at %d and pause began at %d; want the instants as they were", kill.EndedNS, pause.BeganNS)
		}
	})
}

// TestInjectionStopsEarly stops in each second of the sequence: nothing may be left
// in force, and no goroutine, which synctest would complain about.
func TestInjectionStopsEarly(t *testing.T) {
	undo := map[string]string{"kill": "restart", "pause": "resume", "slow 500ms": "slow 0s", "read-only true": "read-only false", "oom true": "oom false", "evict true": "evict false", "replicate true": "replicate false", "cut": "fail over"}
	for second := range 18 {
		synctest.Test(t, func(t *testing.T) {
			clock := clock()
			server := &notebook{now: clock.Now}
			sequence := newSequence(t, everything()...)
			watch := NewWatch(sequence, 0, nil)
			injection := sequence.Inject(t.Context(), server, clock, 0, watch)
			time.Sleep(time.Duration(second)*time.Second + 500*time.Millisecond)
			if err := injection.Stop(); err != nil {
				t.Errorf("stopped after %ds: %v", second, err)
			}
			var open string
			for _, line := range server.lines {
				_, what, _ := strings.Cut(line, " ")
				if what == open {
					open = ""
				} else {
					open = undo[what]
				}
			}
			if open != "" {
				t.Errorf("stopped after %ds: %q is missing in %q", second, open, server.lines)
			}
			cut := slices.ContainsFunc(watch.Results(), func(r results.Fault) bool { return r.Cut })
			if want := slices.Contains([]int{1, 2, 3, 5, 7, 9, 11, 16}, second); cut != want {
				t.Errorf("stopped after %ds: a fault was cut short is %v; want %v", second, cut, want)
			}
		})
	}
}

func TestInjectionThatFails(t *testing.T) {
	for step, kind := range map[string]Kind{
		"read-only true": ReadOnly, "read-only false": ReadOnly, "replicate true": Failover, "cut": Failover, "fail over": Failover,
	} {
		synctest.Test(t, func(t *testing.T) {
			clock := clock()
			server := &notebook{now: clock.Now, fails: map[string]error{step: errors.New("no such luck")}}
			sequence := newSequence(t, Config{At: seconds(1), Kind: kind, For: seconds(1)}, Config{At: seconds(3), Kind: FlushScripts})
			watch := NewWatch(sequence, 0, nil)
			injection := sequence.Inject(t.Context(), server, clock, 0, watch)
			time.Sleep(time.Minute)
			err := injection.Stop()
			if err == nil || !strings.Contains(err.Error(), string(kind)+" at 1s: no such luck") {
				t.Errorf("%s fails: %v; want that and where", step, err)
			}
			undone := map[Kind]string{ReadOnly: "read-only false", Failover: "fail over"}[kind]
			if step == "replicate true" {
				undone = step // nothing came of it
			}
			if last := server.lines[len(server.lines)-1]; !strings.HasSuffix(last, undone) {
				t.Errorf("%s fails: the last that was done is %q; want the fault undone, and no more faults", step, last)
			}
			if watch.Results()[1].Reached {
				t.Errorf("%s fails: the next fault is told of", step)
			}
		})
	}
}
