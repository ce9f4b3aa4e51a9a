package headroom

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestReadTraffic(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		columns    Columns
		want       Traffic
	}{
		{"rates", "time,rate\n0,5\n60,20\n120,11\n", Columns{}, Traffic{Peak: 20, PeakAt: "60", P99: 20, Mean: 12, Intervals: 3, Width: 60}},
		{"counts", "time,count\n0,600\n60,1200\n120,600\n", Columns{}, Traffic{Peak: 20, PeakAt: "60", P99: 20, Mean: 40.0 / 3, Intervals: 3, Width: 60}},
		{"the last count is one too", "t,requests\n0,60\n60,60\n120,600\n", Columns{}, Traffic{Peak: 10, PeakAt: "120", P99: 10, Mean: 4, Intervals: 3, Width: 60}},
		{"a gap makes no interval longer", "t,count\n0,60\n60,60\n180,600\n240,60\n", Columns{}, Traffic{Peak: 10, PeakAt: "180", P99: 10, Mean: 3.25, Intervals: 4, Width: 60, Missing: 1}},
		{"dates", "timestamp,rps\n2026-03-01T00:00:00Z,5\n2026-03-01T01:00:00+00:00,6\n", Columns{}, Traffic{Peak: 6, PeakAt: "2026-03-01T01:00:00+00:00", P99: 6, Mean: 5.5, Intervals: 2, Width: 3600}},
		{"dates as databases write them", "time,rate\n2026-03-01 00:00:00,5\n2026-03-01 00:00:30.5,6\n", Columns{}, Traffic{Peak: 6, PeakAt: "2026-03-01 00:00:30.5", P99: 6, Mean: 5.5, Intervals: 2, Width: 30.5}},
		{"days", "time,count\n2026-03-01,86400\n2026-03-02,172800\n", Columns{}, Traffic{Peak: 2, PeakAt: "2026-03-02", P99: 2, Mean: 1.5, Intervals: 2, Width: 86400}},
		{"columns by name, others beside them", "host,When,Value,rate\na,0,1,9\na,1,2,9\n", Columns{Time: "when", Rate: "Value"}, Traffic{Peak: 2, PeakAt: "1", P99: 2, Mean: 1.5, Intervals: 2, Width: 1}},
		{"counts by name", "t,n\n0,10\n2,20\n", Columns{Count: "n"}, Traffic{Peak: 10, PeakAt: "2", P99: 10, Mean: 7.5, Intervals: 2, Width: 2}},
		{"one of both", "t,rate,count\n0,10,1\n2,20,1\n", Columns{Rate: "rate"}, Traffic{Peak: 20, PeakAt: "2", P99: 20, Mean: 15, Intervals: 2, Width: 2}},
		{"as spreadsheets write it", "\ufefftime, rate\r\n\"0\", 5\r\n1,6.5\r\n\r\n", Columns{}, Traffic{Peak: 6.5, PeakAt: "1", P99: 6.5, Mean: 5.75, Intervals: 2, Width: 1}},
		{"rates of uneven intervals", "t,rate\n0,5\n7,6\n9,1\n16,2\n", Columns{}, Traffic{Peak: 6, PeakAt: "7", P99: 6, Mean: 3.5, Intervals: 4, Width: 7}},
	} {
		got, err := ReadTraffic(strings.NewReader(tt.text), tt.columns)
		if err != nil || math.Abs(got.Mean-tt.want.Mean) > 1e-12 {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
		if got.Mean = tt.want.Mean; got != tt.want {
			t.Errorf("%s: %+v; want %+v", tt.name, got, tt.want)
		}
	}
}

func TestP99(t *testing.T) {
	var b strings.Builder
	b.WriteString("t,rate\n")
	for i := range 200 {
		fmt.Fprintf(&b, "%d,%d\n", i, (i*77)%200+1)
	}
	got, err := ReadTraffic(strings.NewReader(b.String()), Columns{})
	if err != nil || got.Peak != 200 || got.P99 != 198 {
		t.Errorf("%+v, %v; want a peak of 200 and 198 for 99 %%", got, err)
	}
}

func TestBadTraffic(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		columns    Columns
		want       []string
		none       bool // there is no traffic
	}{
		{"nothing", "", Columns{}, []string{"file is empty", "want a first line such as time,rate"}, true},
		{"a first line", "time,rate\n", Columns{}, []string{"a first line alone"}, true},
		{"only zeros", "t,rate\n0,0\n1,0\n", Columns{}, []string{"all 2 intervals have 0 requests"}, true},
		{"only counts of 0", "t,count\n0,0\n1,0\n", Columns{}, []string{"all 2 intervals have 0 requests"}, true},
		{"one line", "t,rate\n0,5\n", Columns{}, []string{"there is 1 interval; want 2"}, false},
		{"one count", "t,count\n0,5\n", Columns{}, []string{"there is 1 interval; want 2"}, false},
		{"no columns", "a,b\n1,2\n", Columns{}, []string{`line 1: column time is missing from "a,b"`}, false},
		{"no first line", "0,5\n1,6\n", Columns{}, []string{`column time is missing from "0,5"`}, false},
		{"no value", "time,b\n1,2\n", Columns{}, []string{`columns rate and count are missing from "time,b"`, "--rate-column"}, false},
		{"semicolons", "time;rate\n1;2\n", Columns{}, []string{`missing from "time;rate"`}, false},
		{"both", "time,rate,count\n1,2,3\n", Columns{}, []string{"columns are rate and count; want which of them"}, false},
		{"two times", "time,t,rate\n1,2,3\n", Columns{}, []string{"columns are time and t; want one"}, false},
		{"a column that is not there", "time,rate\n1,2\n", Columns{Time: "when", Rate: "v"}, []string{`column when is missing; want one of "time,rate"`, "column v is missing"}, false},
		{"everything at once", "t,rate\n0,5\nx,6\n0,NaN\n5,-1\n6,+Inf\n7,\n8,1,2\n9,1e300\n", Columns{}, []string{
			`line 3: t is "x"; want an instant such as 2026-03-01T12:00:00Z, or seconds`,
			"line 4: t is 0, and not after the 0 before it", `line 4: rate is "NaN"; want a number from 0`,
			`line 5: rate is "-1"`, `line 6: rate is "+Inf"`, `line 7: rate is ""`, "line 8: 3 fields; want 2", `line 9: rate is "1e300"`,
		}, false},
		{"back in time", "t,count\n10,5\n5,5\n20,5\n", Columns{}, []string{"line 3: t is 5, and not after the 10 before it"}, false},
		{"milliseconds", "t,rate\n1772323200000,5\n1772323260000,5\n", Columns{}, []string{"line 2: t is \"1772323200000\"; want seconds", "milliseconds", "line 3"}, false},
		{"two ways to write", "t,rate\n2026-03-01T00:00:00Z,5\n1772323260,5\n", Columns{}, []string{"line 3", "want it written as that of the first line"}, false},
		{"uneven counts", "t,count\n0,5\n60,5\n120,5\n150,5\n210,5\n", Columns{}, []string{"line 5: time is 30 s after the line before, and most are 60 s"}, false},
		{"one column twice", "t,rate\n0,5\n1,5\n", Columns{Rate: "t"}, []string{"column t is to be both"}, false},
		{"counts of no time", "t,count\n0,5\n1e-320,5\n", Columns{}, []string{"line 2: at 0 the rate is +Inf"}, false},
		{"no CSV", "t,rate\n0,\"5\n", Columns{}, []string{"line 2: ", "want CSV"}, false},
		{"very many", "t,rate\n" + strings.Repeat("0,-1\n", 100), Columns{}, []string{"line 2", "more like these"}, false},
	} {
		_, err := ReadTraffic(strings.NewReader(tt.text), tt.columns)
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		if errors.Is(err, ErrNoTraffic) != tt.none {
			t.Errorf("%s: error is %v; no traffic is %v", tt.name, err, tt.none)
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error is\n%v\nwant %q in it", tt.name, err, want)
			}
		}
		if n := strings.Count(err.Error(), "\n"); n > mostProblems {
			t.Errorf("%s: error has %d lines; want %d at most", tt.name, n+1, mostProblems+1)
		}
	}
}

// TestObserve: what a server says is looked at like a file.
func TestObserve(t *testing.T) {
	if _, err := Observe(nil); !errors.Is(err, ErrNoTraffic) {
		t.Errorf("of nothing error is %v", err)
	}
	_, err := Observe([]Sample{{0, "noon", 5, 0}, {1, "later", math.NaN(), 0}, {2, "last", -1, 0}})
	if err == nil || !strings.Contains(err.Error(), "at later the rate is NaN") || !strings.Contains(err.Error(), "at last the rate is -1") {
		t.Errorf("error is %v; want both named", err)
	}
}

// FuzzReadTraffic: whatever is read, there is no panic, and a peak is one of it.
func FuzzReadTraffic(f *testing.F) {
	for _, s := range []string{"time,rate\n0,5\n60,20\n", "t,count\n2026-03-01,5\n2026-03-02,7\n", "t,rate\n0,\"", "\ufefft,rps\n-1,1e12\n1e10,1e-300\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ReadTraffic(strings.NewReader(text), Columns{})
		if err == nil && !(got.Peak > 0 && got.P99 <= got.Peak && got.Mean <= got.Peak*(1+1e-9) && got.Width > 0 && got.Intervals > 1 && got.Missing >= 0) {
			t.Errorf("%q is %+v", text, got)
		}
	})
}

// FuzzReadScale: whatever is read, there is no panic, and what is accepted is a curve.
func FuzzReadScale(f *testing.F) {
	for _, s := range []string{"instances,capacity\n1,5\n2,9\n", "instances,capacity,lo,hi\n1,5,4,6\n2,9,8,10\n3,12,11,13\n4,15,14,16\n5,18,17,19\n6,20,19,21\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ReadScale(strings.NewReader(text))
		if err != nil {
			return
		}
		c, err := newCurve(all, 0.95, 1, 20)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if c.Law != nil {
			if b := c.Band(c.Told()); !(b.Low <= b.Value && b.Value <= b.High && b.Low >= 0) {
				t.Errorf("%q has the band %v", text, b)
			}
		}
	})
}
