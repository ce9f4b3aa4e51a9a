package pipelines_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
)

// told is an oracle that knows that service takes 2 ms to 20 ms, and five times as long
// from 1 s on.
func told(t *testing.T) pipelines.Policy {
	p := must(t, pipelines.DefaultSlackConfig(), pipelines.NewStaticOracle)()
	p.(pipelines.Informed).Inform(pipelines.Truth{Nearly: 20 * ms, Hardly: 2 * ms, End: func(now, work time.Duration) time.Duration {
		if now >= time.Second {
			work *= 5
		}
		return now + work
	}})
	return p
}

// line offers items, numbered from 0, with these deadlines at now.
func line(p pipelines.Policy, now time.Duration, deadlines ...time.Duration) {
	for i, d := range deadlines {
		p.Offer(now, &pipelines.Item{Token: uint32(i), Deadline: d})
	}
}

// served takes what there is, of which the first drops are of the first take.
func served(p pipelines.Policy, now time.Duration) (taken, dropped []uint32) {
	var it pipelines.Item
	for {
		ok, shed := p.Take(now, &it)
		for _, d := range shed {
			dropped = append(dropped, d.Item.Token)
		}
		if !ok {
			return taken, dropped
		}
		taken = append(taken, it.Token)
	}
}

func same(a []uint32, b ...uint32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestSlackOrder: the oldest of those with slack, then who lost it last; who has less
// time than service ever takes is given up.
func TestSlackOrder(t *testing.T) {
	p := told(t)
	line(p, 0, 100*ms, 51*ms, 60*ms, 65*ms, 200*ms, 69*ms, 80*ms)
	taken, dropped := served(p, 50*ms)
	if !same(taken, 0, 4, 6, 5, 3, 2) || !same(dropped, 1) {
		t.Errorf("taken are %v, dropped %v; want 0 4 6 with slack, 5 3 2 without, and 1 given up", taken, dropped)
	}
}

// TestSlackStands: after a second in which the queue was never empty the newest is
// next, until it is empty again.
func TestSlackStands(t *testing.T) {
	p := told(t)
	for _, c := range []struct {
		at    time.Duration
		first uint32
	}{{0, 0}, {time.Second, 0}, {time.Second + 1, 2}} {
		served(p, c.at)
		line(p, 0, 9*time.Second, 9*time.Second, 9*time.Second)
		if taken, _ := served(p, c.at); taken[0] != c.first {
			t.Errorf("after %v the first is %d; want %d", c.at, taken[0], c.first)
		}
	}
}

// TestOracleIsTold: what has slack now has none when service takes five times as long.
func TestOracleIsTold(t *testing.T) {
	for _, c := range []struct {
		at   time.Duration
		want []uint32
	}{{0, []uint32{0, 1, 2}}, {time.Second, []uint32{2, 1, 0}}} {
		p := told(t)
		line(p, c.at, c.at+50*ms, c.at+50*ms, c.at+50*ms)
		if taken, _ := served(p, c.at); !same(taken, c.want...) {
			t.Errorf("taken at %v are %v; want %v", c.at, taken, c.want)
		}
	}
}

// TestSlackRefuses: who comes too late to a queue is refused at once, and those inside
// who are hopeless leave then; who finds a worker free is served as long as there is time.
func TestSlackRefuses(t *testing.T) {
	p := told(t)
	line(p, 0, 30*ms, 90*ms)
	if a := p.Offer(0, &pipelines.Item{Token: 7, Deadline: ms}); a.Verdict != pipelines.Refused || a.Dropped[0].Cause != pipelines.Expired {
		t.Errorf("an item that comes too late is %v", a)
	}
	var it pipelines.Item
	p.Take(29*ms, &it) // 1; 0 is moved to those without slack, and given up
	if it.Token != 1 || p.Len() != 0 {
		t.Errorf("item %d was taken, and %d are inside", it.Token, p.Len())
	}
	line(p, 40*ms, 41*ms)
	if taken, dropped := served(p, 40*ms); !same(taken, 0) || dropped != nil {
		t.Errorf("who found a worker free was dropped: %v", dropped)
	}
}

// TestSlackRetries: one that comes back with little time left does not go before those
// who have slack, nor keeps its place at the back.
func TestSlackRetries(t *testing.T) {
	p := told(t)
	line(p, 0, 100*ms, 100*ms)
	p.Offer(0, &pipelines.Item{Token: 2, Deadline: 15 * ms})
	p.Offer(0, &pipelines.Item{Token: 3, Deadline: 100 * ms})
	if taken, dropped := served(p, 0); !same(taken, 0, 1, 3, 2) || dropped != nil {
		t.Errorf("taken are %v; want 0 1 3 2", taken)
	}
}

// TestSlackLearns: what service has taken decides, at any scale, and an hour of
// standing still is soon forgotten.
func TestSlackLearns(t *testing.T) {
	for _, scale := range []time.Duration{time.Microsecond, ms, time.Second} {
		p := must(t, pipelines.DefaultSlackConfig(), pipelines.NewSlack)()
		learn := p.(pipelines.Learner)
		for i := range time.Duration(5000) { // 1 to 100
			learn.Served(0, (1+i*37%100)*scale)
		}
		learn.Served(0, time.Hour)
		// All have slack but the one that has less than the 98th of a hundred.
		line(p, 0, 90*scale, 130*scale, 115*scale)
		if taken, dropped := served(p, 0); !same(taken, 1, 2, 0) || dropped != nil {
			t.Errorf("at %v, taken are %v, dropped %v; want 1 2 0", scale, taken, dropped)
		}
		// And what hardly any service takes is the 20th.
		line(p, 0, 130*scale, 10*scale, 30*scale)
		if taken, _ := served(p, 0); !same(taken, 0, 2) {
			t.Errorf("at %v, taken are %v; want 0 2, as 1 is hopeless", scale, taken)
		}
	}
}

// TestSlackIsChecked: all that is wrong is said.
func TestSlackIsChecked(t *testing.T) {
	for _, construct := range []func(pipelines.SlackConfig) (pipelines.Policy, error){pipelines.NewSlack, pipelines.NewStaticOracle} {
		_, err := construct(pipelines.SlackConfig{Config: pipelines.Config{Capacity: 0}, Standing: units.Duration(-ms)})
		if want := "capacity is 0; want 1 to 16777216\nstanding is -1ms; want a positive duration"; err == nil || err.Error() != want {
			t.Errorf("the error is %v; want %s", err, want)
		}
	}
}
