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
	plan, err := NewPlan([]Config{
		{At: seconds(7), Kind: FlushScripts},
		{At: seconds(5), Kind: Slow, For: seconds(2), Delay: seconds(0.1)},
		{At: 0, Kind: Kill, For: seconds(5)},
		{At: seconds(8), Kind: Pause, For: seconds(2)},
	}, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []Kind
	for _, c := range plan {
		kinds = append(kinds, c.Kind)
	}
	if want := []Kind{Kill, Slow, FlushScripts, Pause}; !slices.Equal(kinds, want) {
		t.Errorf("plan is %v; want %v", kinds, want)
	}
	if plan, err := NewPlan(nil, 0); len(plan) != 0 || err != nil {
		t.Errorf("no faults are %v, %v; want none", plan, err)
	}
}

func TestPlanReportsEveryProblem(t *testing.T) {
	_, err := NewPlan([]Config{
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
	if err == nil {
		t.Fatal("everything is accepted")
	}
	want := []string{
		`faults[0]: kind "kil" is unknown; want one of kill, `,
		"faults[1]: at is -1ns; want 0 or more and less than the measured window, 10s",
		"faults[2]: at is 10s; want",
		"faults[3]: for is 0s; want more than 0, how long pause lasts",
		"faults[4]: for is 1s; want none, since reset-connections happens at once",
		"faults[5]: delay is 0s; want more than 0",
		"faults[6]: delay is 1s; want none, it is for slow",
		"faults[7]: at 6s for 5s ends after the measured window, 10s",
		"faults[8]: flush-scripts at 7s begins before faults[7], out-of-memory, is over",
		"faults[9]: flush-scripts at 7s begins before faults[8], flush-scripts, is over",
		"faults[10]: for is -1ns; want",
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("problems lack %q", text)
		}
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != len(want) {
		t.Errorf("%d problems, want %d:\n%v", len(lines), len(want), err)
	}
}

func FuzzNewPlan(f *testing.F) {
	f.Add("kill", int64(1), int64(2), int64(0), "slow", int64(3), int64(1), int64(1), int64(9))
	f.Add("pause", int64(-1), int64(1<<62), int64(1), "pause", int64(1<<62), int64(1<<62), int64(0), int64(1<<62))
	f.Fuzz(func(t *testing.T, kindA string, atA, forA, delayA int64, kindB string, atB, forB, delayB, window int64) {
		d := func(n int64) units.Duration { return units.Duration(n) }
		plan, err := NewPlan([]Config{
			{At: d(atA), Kind: Kind(kindA), For: d(forA), Delay: d(delayA)}, {At: d(atB), Kind: Kind(kindB), For: d(forB), Delay: d(delayB)},
		}, time.Duration(window))
		if err != nil {
			return
		}
		var end time.Duration
		for _, c := range plan {
			at := time.Duration(c.At)
			if at < end || at+time.Duration(c.For) > time.Duration(window) || at+time.Duration(c.For) < at {
				t.Fatalf("plan %+v in %d has a fault out of place", plan, window)
			}
			end = at + time.Duration(c.For)
		}
	})
}
