package generators

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// logOf writes perSecond log lines in each of so many seconds.
func logOf(seconds, perSecond int) string {
	var b strings.Builder
	for s := range seconds {
		for range perSecond {
			fmt.Fprintf(&b, "192.0.2.1 - - [17/May/2025:10:05:%02d +0000] \"GET /a HTTP/1.1\" 200 12 \"-\" \"agent\"\n", s)
		}
	}
	return b.String()
}

func timesOf(t *testing.T, root uint64, c TraceConfig) []time.Duration {
	t.Helper()
	w := mustWorkload(t, root, Stream{Process: must(NewTrace(c))(t)})
	var all []time.Duration
	for _, a := range arrivals(t, w.Schedule(math.MaxInt64), math.MaxInt) {
		all = append(all, a.At)
	}
	return all
}

// TestTraceSpreadsEvenly: the lines of a stamp come at equal distances in the time
// that it stands for, and the last stamp's time counts.
func TestTraceSpreadsEvenly(t *testing.T) {
	c := TraceConfig{File: traceFile(t, logOf(10, 100))}
	for i, at := range timesOf(t, 1, c) {
		if at != time.Duration(i)*10*time.Millisecond {
			t.Fatalf("arrival %d is due at %v; want one each 10ms", i, at)
		}
	}
	r := must(NewTrace(c))(t).(Recording)
	if spanOf(r) != 10*time.Second {
		t.Errorf("the log lasts %v; want 10s", spanOf(r))
	}
	c.Speed = 10
	if at := timesOf(t, 1, c); at[999] != 999*time.Millisecond {
		t.Errorf("at ten times the speed the last arrival is due at %v; want 999ms", at[999])
	}
}

// TestTraceSpreadsInSmallUnits: what the stamps of a file stand for is told by
// the finest of them.
func TestTraceSpreadsInSmallUnits(t *testing.T) {
	for _, tt := range []struct {
		content string
		config  TraceConfig
		want    string
	}{
		{"1,a\n1,b\n2,c\n", TraceConfig{}, "[0s 500ms 1s] 2s 1s"},
		{"1.0,a\n1.0,b\n2,c\n", TraceConfig{}, "[0s 50ms 1s] 1.1s 100ms"},
		{"1.01,a\n1.01,b\n1.50,c\n1.5,c\n", TraceConfig{}, "[0s 5ms 490ms 495ms] 500ms 10ms"},
		{"1.000000000,a\n1,b\n", TraceConfig{}, "[0s 0s] 1ns 1ns"},
		{"1.0000000001,a\n1,b\n", TraceConfig{}, "[0s 0s] 1ns 1ns"},
		{"2025-01-01T00:00:00Z,a\n2025-01-01T01:00:00.5+01:00,b\n2025-01-01T00:00:00.5Z,c\n", TraceConfig{}, "[0s 500ms 550ms] 600ms 100ms"},
		{`{"t":"2025-01-01T00:00:00Z","key":"a"}` + "\n" + `{"t":"2025-01-01T00:00:00Z","key":"b"}`, TraceConfig{}, "[0s 500ms] 1s 1s"},
		{"1,a\n1,b\n2,c\n", TraceConfig{Resolution: units.Duration(time.Nanosecond)}, "[0s 0s 1s] 1.000000001s 1ns"},
		{"1,a\n1,b\n2,c\n", TraceConfig{Within: "burst"}, "[0s 0s 1s] 2s 1s"},
		{"1,a\n3,b\n1,c\n", TraceConfig{}, "[0s 500ms 2s] 3s 1s"}, // lines of one stamp far apart
		{"1.0,a\n1.0,b\n2,c\n", TraceConfig{Resolution: units.Duration(time.Second)}, "[0s 500ms 1s] 2s 1s"},
		{"1.00,a\n1.25,b\n1.25,c\n", TraceConfig{Resolution: units.Duration(250 * time.Millisecond)}, "[0s 250ms 375ms] 500ms 250ms"},
	} {
		tt.config.File = traceFile(t, tt.content)
		p := must(NewTrace(tt.config))(t)
		found := p.(Recording).Config().(TraceConfig)
		got := fmt.Sprint(timesOf(t, 1, tt.config), spanOf(p), found.Resolution)
		if got != tt.want {
			t.Errorf("%+v of %q: due, span and resolution are %s; want %s", tt.config, tt.content, got, tt.want)
		}
	}
	_, err := NewTrace(TraceConfig{File: traceFile(t, "1.25,a\n"), Resolution: units.Duration(time.Second)})
	if err == nil || !strings.Contains(err.Error(), "tell 10ms apart; want at most that") {
		t.Errorf("error is %v; want that the resolution is finer", err)
	}
}

// TestFractionsThatSayNothing: what a clock of seconds read is no more exact for being
// written with zeros behind the point, and the reading says so.
func TestFractionsThatSayNothing(t *testing.T) {
	log := func(form string, lines int) string {
		var b strings.Builder
		for i := range lines {
			fmt.Fprintf(&b, form+"\n", i/5, i)
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, content string
		config        TraceConfig
		spread        bool
	}{
		{"milliseconds", log("%d.000,%d", 10), TraceConfig{}, true},
		{"RFC 3339", log("2025-05-17T10:05:%02d.000000Z,%d", 10), TraceConfig{}, true},
		{"JSON Lines", log(`{"t":"2025-05-17T10:05:%02d.000+02:00","key":"%d"}`, 10), TraceConfig{}, true},
		{"as written", log("%d.000,%d", 10), TraceConfig{Resolution: units.Duration(time.Millisecond)}, false},
		{"too few to tell", log("%d.000,%d", 9), TraceConfig{}, false},
		{"one stamp", log("0.000,%d%d", 10), TraceConfig{}, false},
		{"one that says something", log("%d.000,%d", 10) + "1.001,x\n", TraceConfig{}, false},
		{"an event log", "t_ns,key,attempt\n" + log("%d000000000,%d,1", 10), TraceConfig{}, false},
	} {
		tt.config.File = traceFile(t, tt.content)
		p := must(NewTrace(tt.config))(t)
		if spread := timesOf(t, 1, tt.config)[1] == 200*time.Millisecond; spread != tt.spread {
			t.Errorf("%s: lines of a second are spread within it: %t; want %t", tt.name, spread, tt.spread)
		}
		notes := strings.Join(p.(Recording).Notes(), "\n")
		if said := strings.HasPrefix(notes, "all 10 stamps are whole seconds, although written to 1"); said != tt.spread {
			t.Errorf("%s: notes are %q", tt.name, notes)
		}
	}
}

// TestTraceSpreadsAtRandom: the places are of the seed, lie within the stamp, are
// in order, and fill it evenly.
func TestTraceSpreadsAtRandom(t *testing.T) {
	c := TraceConfig{File: traceFile(t, logOf(10, 400)), Within: "uniform"}
	one, again, other := timesOf(t, 1, c), timesOf(t, 1, c), timesOf(t, 2, c)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Error("places do not depend on the seed, or on more than it")
	}
	if !slices.IsSorted(one) {
		t.Error("arrivals are not in order")
	}
	var tenths [10]float64
	for i, at := range one {
		if int(at/time.Second) != i/400 {
			t.Fatalf("line %d of second %d is due at %v", i%400, i/400, at)
		}
		tenths[at%time.Second/(100*time.Millisecond)]++
	}
	var cells []cell
	for _, n := range tenths {
		cells = append(cells, cell{n, 400})
	}
	if fit := chiSquare(cells); fit.P < 0.001 || fit.P > 0.999 {
		t.Errorf("tenths of a second hold %v arrivals; want about 400 each (p = %v)", tenths, fit.P)
	}
	if slices.Equal(one[:400], shifted(one[400:800], time.Second)) {
		t.Error("two seconds are alike")
	}
}

func shifted(all []time.Duration, by time.Duration) []time.Duration {
	var out []time.Duration
	for _, at := range all {
		out = append(out, at-by)
	}
	return out
}

// TestTraceHoldsSoMuch: lines that wait for their turn are bounded, and a file that
// needs more is refused with what to do.
func TestTraceHoldsSoMuch(t *testing.T) {
	for name, content := range map[string]string{
		"one stamp": logOf(1, 11), "one late line": "1,a\n2,a\n3,a\n4,a\n5,a\n6,a\n7,a\n8,a\n9,a\n10,a\n11,a\n12,a\n1.5,late\n13,a\n",
	} {
		p := must(NewTrace(TraceConfig{File: traceFile(t, content)}))(t)
		p.(*trace).most = 10
		s := mustWorkload(t, 1, Stream{Process: p}).Schedule(time.Hour)
		for s.Next(new(Arrival)) {
		}
		if err := s.Err(); err == nil || !strings.Contains(err.Error(), "10 lines wait for those that come up to") {
			t.Errorf("%s: error is %v; want that too many lines wait", name, err)
		}
		p.(*trace).most = 100
		arrivals(t, mustWorkload(t, 1, Stream{Process: p}).Schedule(time.Hour), math.MaxInt)
	}
}

// TestTraceShards: shards of a workload with recordings, in order and not, are
// jointly the whole schedule, at any of the places within a stamp.
func TestTraceShards(t *testing.T) {
	for _, within := range []string{"even", "uniform", "burst"} {
		w := mustWorkload(t, 1,
			Stream{Name: "a", Process: must(NewTrace(TraceConfig{File: traceFile(t, logOf(3, 50)), Within: within}))(t)},
			Stream{Name: "b", Process: poissonAt(t, "100/s"), Keys: zipf(t, 1, 100)},
			Stream{Name: "c", Process: must(NewTrace(TraceConfig{File: traceFile(t, "5,x,3\n4,y\n5,z\n4.5,x\n"), Within: within}))(t)})
		whole := arrivals(t, w.Schedule(4*time.Second), math.MaxInt)
		for _, n := range []int{2, 3, 7} {
			joined := make([]Arrival, len(whole))
			for i := range n {
				for _, a := range arrivals(t, w.Shard(4*time.Second, i, n), math.MaxInt) {
					if a.Seq%uint64(n) != uint64(i) {
						t.Fatalf("shard %d of %d holds arrival %d", i, n, a.Seq)
					}
					joined[a.Seq] = a
				}
			}
			if !slices.Equal(joined, whole) {
				t.Errorf("%s: %d shards are not jointly the schedule", within, n)
			}
		}
	}
}
