package experiment

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

const century = `name: century
workload: {arrivals: 'poisson:1000/s'}
subjects: [{limiter: {kind: failsafe-smooth, rate: 5/s}}]
`

// TestInterruptedBubbleIsPartial: what a child has measured when ctx ends is not
// lost, and adds up.
func TestInterruptedBubbleIsPartial(t *testing.T) {
	doc, err := strictyaml.Parse("century.yaml", []byte(century))
	if err != nil {
		t.Fatal(err)
	}
	s := withSetting(t, doc, "duration", "876000h")
	p := &Plan{World: NewWorld("", func(string) {}), Scenario: s, Time: results.Virtual, Schedule: results.ScheduleInfo{Arrivals: 1 << 50}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	c := collector{}
	if err := Run(ctx, []*Plan{p}, c); err != nil {
		t.Fatal(err)
	}
	r := c["failsafe-smooth"]
	if r == nil || !r.Partial || r.Time != "bubble" {
		t.Fatalf("run is %+v; want a partial one from a bubble", r)
	}
	var sum uint64
	for _, n := range r.Outcomes {
		sum += n
	}
	if rate := float64(r.Offered) / time.Duration(r.MeasuredNS).Seconds(); sum != r.Offered || r.Offered == 0 || rate < 500 || rate > 1500 {
		t.Errorf("outcomes add up to %d of %d in %v; want all of some 1000/s", sum, r.Offered, time.Duration(r.MeasuredNS))
	}
	if v := r.Validity; v.Verdict != results.Suspect || !strings.Contains(v.Reasons[0], "partial") {
		t.Errorf("verdict is %+v; want suspect, because it is partial", v)
	}
}

// TestHeed: the word is heard within a thousandth of the time it was waited for.
func TestHeed(t *testing.T) {
	for _, said := range []time.Duration{0, 5 * time.Millisecond, 10 * time.Second, 100 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			ctx := heed(func() bool { return time.Since(start) >= said }, said+time.Second)
			<-ctx.Done()
			if late := time.Since(start) - said; late > max(checkEvery, said/1000) {
				t.Errorf("said after %v, heard %v later", said, late)
			}
		})
	}
}

// TestHeedGivesUp: it keeps the clock of a bubble going no longer than arrivals
// do, and seldom looks.
func TestHeedGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		horizon, looks := 876_000*time.Hour, 0
		ctx := heed(func() bool { looks++; return false }, horizon)
		time.Sleep(2 * horizon)
		synctest.Wait()
		if seen := looks; ctx.Err() != nil || seen < 10_000 || seen > 25_000 {
			t.Errorf("%d looks in a century, and then %v; want some 20,000, and no end", seen, ctx.Err())
		}
		before := looks
		time.Sleep(horizon / 2)
		synctest.Wait()
		if looks != before {
			t.Errorf("%d looks after the last arrival", looks-before)
		}
	})
}
