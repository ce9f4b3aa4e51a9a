package generators

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// traceFile writes a trace and returns its name.
func traceFile(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "trace")
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func gzipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil || w.Close() != nil {
		t.Fatal("cannot compress")
	}
	return b.String()
}

// replayed renders what a trace replays as "time key cost", one arrival a line.
func replayed(t testing.TB, c TraceConfig, horizon time.Duration) string {
	t.Helper()
	w := mustWorkload(t, 1, Stream{Process: must(NewTrace(c))(t)})
	var b strings.Builder
	for _, a := range arrivals(t, w.Schedule(horizon), math.MaxInt) {
		if w.KeyName(a.KeyID) != a.Key {
			t.Errorf("key %q is numbered %d, which is %q", a.Key, a.KeyID, w.KeyName(a.KeyID))
		}
		fmt.Fprintf(&b, "%v %s %d\n", a.At, a.Key, a.Cost)
	}
	return b.String()
}

const accessLog = `10.0.0.1 - - [17/May/2015:10:05:03 +0000] "GET /a?x=1 HTTP/1.1" 200 203023 "http://example.org/" "Agent [1.0] (x)"
10.0.0.2 - ann [17/May/2015:12:05:05 +0200] "POST /b HTTP/1.1" 201 -

10.0.0.1 - - [17/May/2015:10:05:04 +0000] "-" 400 0
::1 - "bob smith" [17/May/2015:03:05:05 -0700] "" 400 0
`

func TestTraceFormats(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		config        TraceConfig
		want          string
	}{
		{"clf", accessLog, TraceConfig{}, "0s 10.0.0.1 1\n1s 10.0.0.1 1\n2s 10.0.0.2 1\n2.5s ::1 1\n"},
		{"clf by path", accessLog, TraceConfig{Key: "path"}, "0s /a 1\n1s - 1\n2s /b 1\n2.5s - 1\n"},
		{"clf by user", accessLog, TraceConfig{Key: "user"}, "0s - 1\n1s - 1\n2s ann 1\n2.5s bob smith 1\n"},
		{"gzip", gzipped(t, accessLog), TraceConfig{}, "0s 10.0.0.1 1\n1s 10.0.0.1 1\n2s 10.0.0.2 1\n2.5s ::1 1\n"},
		{
			"csv", "t,key,cost\r\n10,a,2\r\n10.5,b\r\n11.0000000019,\"c,\"\"d\"\"\",3\r\n12, e ,",
			TraceConfig{},
			"0s a 2\n500ms b 1\n1.000000001s c,\"d\" 3\n2s  e  1\n",
		},
		{"csv without header", "1700000000,a,2\n2023-11-14T22:13:21.25Z,\"b\"\n", TraceConfig{}, "0s a 2\n1.25s b 1\n"},
		{"jsonl", `{"t":1.5,"key":"a","cost":7}
{"key":"b","t":"1970-01-01T00:00:02Z","status":200}
{"t":2.25,"key":"é\n"}`, TraceConfig{}, "0s a 7\n500ms b 1\n750ms é\n 1\n"},
		{"format given", "{,x\n", TraceConfig{Format: "csv"}, ""},
		{"faster", "5,a\n6,b\n8,c\n", TraceConfig{Speed: 10}, "0s a 1\n100ms b 1\n300ms c 1\n"},
		{"slower", "5,a\n6,b\n", TraceConfig{Speed: 0.3}, "0s a 1\n3.333333333s b 1\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.File = traceFile(t, tt.content)
			if tt.want == "" {
				if _, err := NewTrace(tt.config); err == nil || !strings.Contains(err.Error(), "trace:1: t is") {
					t.Errorf("error is %v; want one about t in line 1", err)
				}
				return
			}
			if got := replayed(t, tt.config, time.Hour); got != tt.want {
				t.Errorf("replayed\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// spanOf is how long a recording lasts.
func spanOf(p Process) time.Duration {
	usual, _ := p.(Finite).Length()
	return usual
}

func TestTraceFacts(t *testing.T) {
	p := must(NewTrace(TraceConfig{File: traceFile(t, "7,b\n5,a\n9.5,b\n"), Speed: 2}))(t)
	r := p.(Recording)
	if r.Len() != 3 || spanOf(r) != 2300*time.Millisecond || !slices.Equal(r.Names(), []string{"b", "a"}) {
		t.Errorf("trace has %d arrivals over %v of %v; want 3 over 2.3s of [b a]", r.Len(), spanOf(r), r.Names())
	}
}

// TestTraceReorders mixes up a trace within the window: due times ascend, and
// lines of one time keep their order.
func TestTraceReorders(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "%d,line%d\n", 100+i/3-(i*7919)%60, i)
	}
	file := traceFile(t, b.String())
	w := mustWorkload(t, 1, Stream{Process: must(NewTrace(TraceConfig{File: file}))(t)})
	all := arrivals(t, w.Schedule(math.MaxInt64), math.MaxInt)
	if len(all) != 3000 {
		t.Fatalf("%d arrivals; want 3000", len(all))
	}
	line := func(a Arrival) (n int) {
		fmt.Sscanf(a.Key, "line%d", &n)
		return n
	}
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if b.At < a.At || b.At == a.At && line(b) < line(a) {
			t.Fatalf("%v %s comes after %v %s", b.At, b.Key, a.At, a.Key)
		}
	}
}

// TestTraceReordersToTheEdge has a line that is as late as it may be, at the
// time of the line that has waited longest.
func TestTraceReordersToTheEdge(t *testing.T) {
	c := TraceConfig{File: traceFile(t, "100,a\n160,b\n100,c\n")}
	if got := replayed(t, c, time.Hour); got != "0s a 1\n500ms c 1\n1m0s b 1\n" {
		t.Errorf("replayed\n%s", got)
	}
}

func TestTraceHorizon(t *testing.T) {
	c := TraceConfig{File: traceFile(t, "1,a\n2,b\n3,c\n")}
	if got := replayed(t, c, 2*time.Second); got != "0s a 1\n1s b 1\n" {
		t.Errorf("replayed for 2s\n%s", got)
	}
}

func TestTraceRefuses(t *testing.T) {
	ok := "10,a\n"
	for _, tt := range []struct {
		name, content string
		config        TraceConfig
		want          string
	}{
		{"late", "100,a\n130,b\n69.9,c\n", TraceConfig{}, ":3: time is 1m0.1s before that of an earlier line; want at most 1m (reorder)"},
		{"late for little", "100,a\n98,b\n", TraceConfig{Reorder: units.Duration(time.Second)}, ":2: time is 2s before that of an earlier line; want at most 1s (reorder)"},
		{"empty", "", TraceConfig{}, " has no lines; want a recording"},
		{"empty gzip", gzipped(t, "\n\n"), TraceConfig{}, " has no lines; want a recording"},
		{"header alone", "t,key,cost\n", TraceConfig{}, " has no lines; want a recording"},
		{"no comma", ok + "11\n", TraceConfig{}, ":2: line has no comma; want t,key,cost"},
		{"no key", ok + "11,,5\n", TraceConfig{}, ":2: line has no key; want t,key,cost"},
		{"bad time", ok + "\nx,b\n", TraceConfig{}, `:3: t is "x"; want seconds below 9.2e9, such as 1.25, or an RFC 3339 time`},
		{"milliseconds", "1700000000000,a\n", TraceConfig{}, `:1: t is "1700000000000"; want seconds`},
		{"negative", "-5,a\n", TraceConfig{}, `:1: t is "-5"`},
		{"point alone", "5.,a\n", TraceConfig{}, `:1: t is "5."`},
		{"bad fraction", "5.00000000012x,a\n", TraceConfig{}, `:1: t is "5.00000000012x"`},
		{"bad cost", ok + "11,b,0\n", TraceConfig{}, `:2: cost is "0"; want a whole number from 1 to 2^53-1`},
		{"bad quote", ok + "11,\"b\"x,1\n", TraceConfig{}, `:2: key is "\"b\"x,1"; want a comma after the closing quote`},
		{"open quote", ok + "11,\"b\"\"\n", TraceConfig{}, `:2: key is "\"b\"\""; want a closing quote`},
		{"bad json", `{"t":1,"key":"a"}` + "\n{", TraceConfig{}, ":2: line is not a JSON object of t, key and cost"},
		{"json without key", `{"t":1}`, TraceConfig{}, ":1: line lacks t or key; want both"},
		{"json cost", `{"t":1,"key":"a","cost":1.5}`, TraceConfig{}, `:1: cost is "1.5"; want a whole number`},
		{"bad log", accessLog + "nonsense\n", TraceConfig{}, `:6: line is not an access log entry; want client ident user [time] "request"`},
		{"bad date", strings.ReplaceAll(accessLog, "17/May", "31/Feb"), TraceConfig{}, `:1: time is "31/Feb/2015:10:05:03 +0000"; want the form 02/Jan/2006:15:04:05 -0700`},
		{"bad hour", strings.ReplaceAll(accessLog, "10:05", "24:05"), TraceConfig{}, `:1: time is "17/May/2015:24:05:03 +0000"`},
		{"bad month", strings.ReplaceAll(accessLog, "May", "anF"), TraceConfig{}, `:1: time is "17/anF/2015`},
		{"long line", ok + "11," + strings.Repeat("x", maxLine) + "\n", TraceConfig{}, ":2: line is longer than 256 KiB; want shorter lines"},
		{"broken gzip", gzipped(t, strings.Repeat(ok, 1000))[:40], TraceConfig{}, "unexpected EOF"},
		{"no gzip at all", "\x1f\x8bnonsense", TraceConfig{}, "gzip: invalid header"},
		{"prose", "Dear reader\n", TraceConfig{}, ":1: line has no comma; want t,key,cost (it was taken for csv by its first line; format: clf, clf-vhost, csv or jsonl names another)"},
		{"prose with a comma", "\nDear reader, hello\n", TraceConfig{}, `:2: t is "Dear reader"; want seconds below 9.2e9, such as 1.25, or an RFC 3339 time (it was taken for csv by`},
		{"header, then prose", "t;key\n", TraceConfig{}, "(it was taken for csv by its first line"},
		{"braces", "{}\n", TraceConfig{}, ":1: line lacks t or key; want both (it was taken for jsonl by its first line"},
		{"almost a log", "May [1] x\n", TraceConfig{}, "(it was taken for clf by its first line"},
		{"key of csv", ok, TraceConfig{Key: "path"}, `key is "path", but `},
		{
			"bad options", ok,
			TraceConfig{Key: "agent", Format: "xml", Speed: -1, Reorder: -1},
			"speed is -1; want 0.000001 to 1000000000\nformat is \"xml\"; want one of clf, clf-vhost, csv, jsonl\nkey is \"agent\"; want one of client, path, user, request\nreorder is -1ns; want more than 0",
		},
		{"too slow", "1,a\n9000000000,b\n", TraceConfig{Speed: 1e-6}, "lasts over 292 years at this speed; want a higher speed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.File = traceFile(t, tt.content)
			p, err := NewTrace(tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.want) || p != nil {
				t.Errorf("trace is %v, error is %v; want %s", p, err, tt.want)
			}
		})
	}
	for name, c := range map[string]TraceConfig{
		"format given":       {File: traceFile(t, "prose\n"), Format: formatCSV},
		"some lines were ok": {File: traceFile(t, ok+"prose\n")},
	} {
		if _, err := NewTrace(c); err == nil || strings.Contains(err.Error(), "taken for") {
			t.Errorf("%s: error is %v; want one that does not doubt the format", name, err)
		}
	}
	if _, err := NewTrace(TraceConfig{}); err == nil || err.Error() != "file is not given; want the name of a trace" {
		t.Errorf("error is %v; want one about the file", err)
	}
	if _, err := NewTrace(TraceConfig{File: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v; want that the file does not exist", err)
	}
}

// TestTraceChangesUnderway breaks a file after it was checked: the schedule
// ends early and says why and where.
func TestTraceChangesUnderway(t *testing.T) {
	file := traceFile(t, "1,a\n2,b\n3,c\n4,d\n")
	w := mustWorkload(t, 1, Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: file}))(t)},
		Stream{Name: "other", Process: constant(t, "1/s")})
	for _, tt := range []struct{ content, want string }{
		{"1,a\n2,b\n3;c\n", "stream log: " + file + ":3: line has no comma; want t,key,cost, not semicolons"},
		{"1,a\n2,b\n1,c\n4,d\n", "stream log: " + file + ":3: line is out of order; want the file as it was when it was checked"},
	} {
		if err := os.WriteFile(file, []byte(tt.content), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Schedule{w.Schedule(math.MaxInt64), w.Requests()} {
			var a Arrival
			n := 0
			for s.Next(&a) {
				n++
			}
			if n == 0 || n > 8 || s.Err() == nil || s.Err().Error() != tt.want {
				t.Errorf("schedule ended after %d arrivals with %v; want a few and %s", n, s.Err(), tt.want)
			}
		}
	}
}

// TestTraceMemory replays an orderly trace that is much longer than what may
// be held of it.
func TestTraceMemory(t *testing.T) {
	var b strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&b, "%d.%03d,k%d\n", i/1000, i%1000, i%100)
	}
	p := must(NewTrace(TraceConfig{File: traceFile(t, gzipped(t, b.String()))}))(t)
	times := p.Times(stream0(), math.MaxInt64).(*replay)
	allocs := testing.AllocsPerRun(1, func() {
		for range 20_000 {
			if _, ok := times.Next(); !ok {
				t.Fatal("trace ended")
			}
			if times.pending.Len() > 2 {
				t.Fatalf("%d lines are held of a trace in order; want at most 2", times.pending.Len())
			}
		}
	})
	if allocs > 20 {
		t.Errorf("%v allocations in 20000 arrivals; want hardly any", allocs)
	}
}

// FuzzTrace reads arbitrary bytes in every format. Whatever is accepted keeps
// the promises of a record.
func FuzzTrace(f *testing.F) {
	for _, text := range []string{
		accessLog, "t,key,cost\n1,a,2\n2.5,\"b,\"\"c\"\"\",3\n", "2020-01-01T00:00:00Z,a",
		`{"t":1.5,"key":"a","cost":2}` + "\n" + `{"t":"2020-01-01T00:00:00.5+01:00","key":"b"}`, "\x1f\x8b\x08", "\r\n,", "9.2,\"\"",
		"t_ns,key,attempt,outcome\n-5,a,1,ok\n7,\"a,b\",2,\n", `{"t_ns":-5,"key":"a","attempt":0}`, "\ufeff\x00key,t\n\"a\",\"1\"",
		`shop.example:443 ::1 - "a \"b" [17/May/2015:10:05:03 +0000] "GET /a\x22?\\ HTTP/1.1" 200 -` + "\n\x00\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, s := range []source{
			{},
			{format: formatCLF},
			{format: formatCLF, key: keyRequest, skip: 2},
			{format: formatVhost, key: keyUser},
			{format: formatVhost, key: keyPath, skip: 1},
			{format: formatCSV},
			{format: formatJSONL, skip: 1},
		} {
			s.file = "trace"
			r := s.reader(bytes.NewReader(text))
			for {
				rec, err := r.read()
				if err == io.EOF {
					break
				}
				if err != nil {
					if !strings.HasPrefix(err.Error(), "trace:") {
						t.Fatalf("error does not name the file: %v", err)
					}
					break
				}
				if rec.at < -24*3600e9 && !rec.zero || rec.at < -maxNanos || rec.at > 9.2e18 || len(rec.key) == 0 || rec.cost < 1 || rec.unit < 1 {
					t.Fatalf("%+v: record is %+v of %q", s, rec, text)
				}
				if method, target, ok := bytes.Cut(rec.key, []byte(" ")); s.key == keyRequest && (!ok || len(method) == 0 || bytes.ContainsAny(target, " \n")) {
					t.Fatalf("%+v: key is %q; want METHOD TARGET", s, rec.key)
				}
			}
			if r.skipped > s.skip {
				t.Fatalf("%+v: %d lines are skipped of %q", s, r.skipped, text)
			}
		}
	})
}
