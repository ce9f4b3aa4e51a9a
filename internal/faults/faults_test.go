package faults

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func seconds(s float64) units.Duration { return units.Duration(s * float64(time.Second)) }

func TestPlanIsInOrder(t *testing.T) {
	sequence, problems := NewSequence([]Config{
		{At: seconds(7), Kind: FlushScripts},
		{At: seconds(5), Kind: Slow, For: seconds(2), Delay: seconds(0.1)},
		{At: 0, Kind: Kill, For: seconds(5)},
		{At: seconds(8), Kind: Pause, For: seconds(2)},
	}, 10*time.Second)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var kinds []Kind
	for _, c := range sequence {
		kinds = append(kinds, c.Kind)
	}
	if want := []Kind{Kill, Slow, FlushScripts, Pause}; !slices.Equal(kinds, want) {
		t.Errorf("sequence is %v; want %v", kinds, want)
	}
	if sequence, problems := NewSequence(nil, 0); len(sequence) != 0 || len(problems) != 0 {
		t.Errorf("no faults are %v, %v; want none", sequence, problems)
	}
}

func TestPlanReportsEveryProblem(t *testing.T) {
	_, problems := NewSequence([]Config{
		{At: seconds(1), Kind: "kil", For: seconds(1)},
		{At: -1, Kind: Kill, For: seconds(1)},
		{At: seconds(10), Kind: Kill, For: seconds(1)},
		{At: seconds(2), Kind: Pause},
		{At: seconds(3), Kind: ResetConnections, For: seconds(1)},
		{At: seconds(4), Kind: Slow, For: seconds(1)},
		{At: seconds(5), Kind: ReadOnly, For: seconds(1), Delay: seconds(1)},
		{At: seconds(6), Kind: OutOfMemory, For: seconds(5)},
		{At: seconds(7), Kind: FlushScripts},
		{At: seconds(7), Kind: FlushScripts},
		{At: seconds(8), Kind: Pause, For: -1},
	}, 10*time.Second)
	want := []Problem{
		{0, "kind", `kind "kil" is unknown; want one of kill, `},
		{1, "at", "at is -1ns; want 0 or more and less than the measured window, 10s"},
		{2, "at", "at is 10s; want"},
		{3, "for", "for is 0s; want more than 0, how long pause lasts"},
		{4, "for", "for is 1s; want none, since reset-connections happens at once"},
		{5, "delay", "delay is 0s; want more than 0"},
		{6, "delay", "delay is 1s; want none, it is for slow"},
		{7, "for", "for is 5s from 6s on, past the end of the measured window, 10s"},
		{10, "for", "for is -1ns; want"},
		{8, "at", "at is 7s, before out-of-memory at 6s for 5s is over"},
		{9, "at", "at is 7s, before flush-scripts at 7s is over"},
	}
	if len(problems) != len(want) {
		t.Fatalf("%d problems, want %d:\n%v", len(problems), len(want), problems)
	}
	for i, w := range want {
		if p := problems[i]; p.Index != w.Index || p.Key != w.Key || !strings.HasPrefix(p.Text, w.Text) {
			t.Errorf("problem is %+v; want %+v", p, w)
		}
	}
}

func TestEveryKindIsDescribed(t *testing.T) {
	for _, k := range Kinds {
		if k.Doc() == "" {
			t.Errorf("%s has no line that says what it is", k)
		}
		if !slices.ContainsFunc(everything(), func(c Config) bool { return c.Kind == k }) {
			t.Errorf("%s is no part of what is tested", k)
		}
	}
}

func FuzzNewPlan(f *testing.F) {
	f.Add("kill", int64(1), int64(2), int64(0), "slow", int64(3), int64(1), int64(1), int64(9))
	f.Add("pause", int64(-1), int64(1<<62), int64(1), "pause", int64(1<<62), int64(1<<62), int64(0), int64(1<<62))
	f.Fuzz(func(t *testing.T, kindA string, atA, forA, delayA int64, kindB string, atB, forB, delayB, window int64) {
		d := func(n int64) units.Duration { return units.Duration(n) }
		sequence, problems := NewSequence([]Config{
			{At: d(atA), Kind: Kind(kindA), For: d(forA), Delay: d(delayA)}, {At: d(atB), Kind: Kind(kindB), For: d(forB), Delay: d(delayB)},
		}, time.Duration(window))
		if len(problems) > 0 {
			return
		}
		var end time.Duration
		for _, c := range sequence {
			at := time.Duration(c.At)
			if at < end || at+time.Duration(c.For) > time.Duration(window) || at+time.Duration(c.For) < at {
				t.Fatalf("sequence %+v in %d has a fault out of place", sequence, window)
			}
			end = at + time.Duration(c.For)
		}
	})
}
