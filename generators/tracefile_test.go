package generators

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pipe returns the name of a pipe that holds a text and ends.
func pipe(t *testing.T, text string) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(text); err != nil || w.Close() != nil {
		t.Fatal("cannot fill the pipe")
	}
	t.Cleanup(func() { _ = r.Close() })
	return fmt.Sprintf("/dev/fd/%d", r.Fd())
}

// TestPipesAreReadOften: what can be read only once is read from a copy, by as many
// streams and schedules as want it.
func TestPipesAreReadOften(t *testing.T) {
	files := new(Files)
	name := pipe(t, "0.0,a\n1.0,b\n")
	one := must(NewTrace(TraceConfig{File: name, Files: files}))(t)
	two := must(NewTrace(TraceConfig{File: name, Speed: 2, Files: files}))(t)
	w := mustWorkload(t, 1, Stream{Name: "one", Process: one}, Stream{Name: "two", Process: two})
	for range 2 {
		var got []string
		for _, a := range arrivals(t, w.Schedule(time.Hour), math.MaxInt) {
			got = append(got, fmt.Sprint(a.At, " ", a.Key))
		}
		if want := "0s a, 0s a, 500ms b, 1s b"; strings.Join(got, ", ") != want {
			t.Errorf("arrivals are %v; want %s", got, want)
		}
	}
	notes := one.(Recording).Notes()
	if want := name + " cannot be read twice; a copy of its 12 bytes is kept in a temporary file"; len(notes) != 1 || notes[0] != want {
		t.Errorf("notes are %q; want %q", notes, want)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "fcbench-trace-*")); len(left) > 0 {
		t.Errorf("temporary files %v are left", left)
	}
}

// TestPipesAreBounded: what would fill the disk is refused, and leaves nothing.
func TestPipesAreBounded(t *testing.T) {
	files := &Files{limit: 11}
	_, err := NewTrace(TraceConfig{File: pipe(t, "0.0,a\n1.0,b\n"), Files: files})
	if err == nil || !strings.Contains(err.Error(), "cannot be read twice, and not be kept: it holds more than 11 bytes; want a file") {
		t.Errorf("error is %v; want that it is too much", err)
	}
	for name, want := range map[string]string{
		"/dev/null": "has no lines; want a recording", pipe(t, ""): "has no lines; want a recording",
		t.TempDir(): "is a directory; want a recording",
	} {
		if _, err := NewTrace(TraceConfig{File: name, Files: files}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v; want %s", name, err, want)
		}
	}
}

// TestSourceIsReadable: while the process lives, another one can read what it was
// given, a pipe's copy too.
func TestSourceIsReadable(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("copies are handed on by way of /proc, which is Linux's")
		return
	}
	file := traceFile(t, "0.0,a\n1.0,b\n")
	open, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	for _, name := range []string{pipe(t, "0.0,a\n1.0,b\n"), file, fmt.Sprintf("/dev/fd/%d", open.Fd())} {
		p := must(NewTrace(TraceConfig{File: name}))(t)
		source := p.(Recording).Source()
		if (source == name) != (name == file) {
			t.Errorf("source of %s is %s; want a file's name, and for others one that is the same to all", name, source)
		}
		if got, err := os.ReadFile(source); err != nil || string(got) != "0.0,a\n1.0,b\n" {
			t.Errorf("%s holds %q, %v; want what the pipe held", source, got, err)
		}
	}
}

// TestTraceGrows: what is appended after the check is no part of the recording.
func TestTraceGrows(t *testing.T) {
	name := traceFile(t, "0.0,a\n1.0,b\n")
	w := mustWorkload(t, 1, Stream{Process: must(NewTrace(TraceConfig{File: name}))(t)})
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("2.0,c\n3."); err != nil || f.Close() != nil {
		t.Fatal("cannot append")
	}
	if n := len(arrivals(t, w.Schedule(time.Hour), math.MaxInt)); n != 2 {
		t.Errorf("%d arrivals; want the 2 that were there", n)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if n := len(arrivals(t, w.Schedule(time.Hour), math.MaxInt)); n != 2 {
		t.Errorf("%d arrivals of a log that was moved; want 2", n)
	}
}

// TestTraceDiffers: a reading that is not the first one again is an error, even
// where every line could be of it, and other streams do not go on without it.
func TestTraceDiffers(t *testing.T) {
	long := strings.Repeat("1.0,a\n", 3*perMark)
	for _, tt := range []struct {
		name, before, after string
		most                int // arrivals until it is noticed
	}{
		{"another key", "1.0,a\n2.0,b\n", "1.0,a\n2.0,c\n", 20},
		{"shorter", "1.0,a\n2.0,b\n", "1.0,a\n", 20},
		{"empty", "1.0,a\n2.0,b\n", "", 10},
		{"early in a long one", long, "1.0,b\n" + long[6:], 10},
		{"late in a long one", long, long[:len(long)-6] + "1.0,b\n", 10},
		{"cut at a mark", long, long[:6*2*perMark], 10},
	} {
		file := traceFile(t, tt.before)
		w := mustWorkload(t, 1, Stream{Name: "log", Process: must(NewTrace(TraceConfig{File: file}))(t)},
			Stream{Name: "other", Process: constant(t, "10/s")})
		if err := os.WriteFile(file, []byte(tt.after), 0o644); err != nil {
			t.Fatal(err)
		}
		for kind, s := range map[string]*Schedule{"open": w.Schedule(time.Hour), "closed": w.Requests()} {
			n := 0
			for n < 4*len(long) && s.Next(new(Arrival)) {
				n++
			}
			if err := s.Err(); err == nil || !strings.Contains(err.Error(), "file has changed; want it as it was when it was checked") || n > tt.most {
				t.Errorf("%s, %s: %d arrivals, error is %v; want that the file has changed, within %d arrivals", tt.name, kind, n, err, tt.most)
			}
		}
	}
}

// TestUnreadableFiles: what is no text says what it is and what would be right.
func TestUnreadableFiles(t *testing.T) {
	utf16 := func(order string) string {
		text := order
		for _, c := range "1.0,a\n" {
			text += string([]byte{byte(c), 0})
		}
		return text
	}
	for _, tt := range []struct{ name, content, want string }{
		{"xz", "\xfd7zXZ\x00\x00\x04", "file is compressed by xz; want text in UTF-8, plain or compressed by gzip, such as by xz -dc"},
		{"zstd", "\x28\xb5\x2f\xfd\x04\x00", "file is compressed by zstd; want"},
		{"bzip2", "BZh91AY&SY\x00\x01", "file is compressed by bzip2; want"},
		{"lz4", "\x04\x22\x4d\x18\x64", "file is compressed by lz4; want"},
		{"zip", "PK\x03\x04\x14", "file is a zip archive; want"},
		{"xz in gzip", gzipped(t, "\xfd7zXZ\x00\x00\x04"), "file is compressed by xz"},
		{"UTF-16", utf16("\xff\xfe"), "file is UTF-16; want text in UTF-8, plain or compressed by gzip, such as by iconv -f UTF-16 -t UTF-8"},
		{"UTF-16, the other", "\xfe\xff\x001\x00,", "file is UTF-16; want"},
		{"UTF-16 without a mark", utf16(""), ":1: line holds NUL bytes, as UTF-16 does; want UTF-8"},
		{"UTF-16 without a mark, the other", "\x00" + utf16(""), ":1: line holds NUL bytes"},
		{"cut gzip", gzipped(t, logOf(10, 1000))[:200], "unexpected EOF: the compressed text ends early"},
		{"gzip and more", gzipped(t, "1.0,a\n") + "2.0,b\n3.0,c\n", ":2: what follows is not gzip; want nothing behind the compressed text"},
		{"gzip and a little more", gzipped(t, "1.0,a\n") + "x", "or is followed by something else; want all of it alone"},
		{"gzip and zeros", gzipped(t, "1.0,a\n") + strings.Repeat("\x00", 512), "what follows is not gzip"},
		{"damaged gzip", strings.Replace(gzipped(t, "1.0,aaaaaaaa\n"), "\xff", "\xfe", 1)[:20] + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "want the file undamaged"},
	} {
		c := TraceConfig{File: traceFile(t, tt.content), Skip: 1000}
		if strings.HasPrefix(tt.want, ":1: line") {
			c.Skip = 0 // a line by itself may be skipped
		}
		if _, err := NewTrace(c); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), c.File) {
			t.Errorf("%s: error is %v; want %s", tt.name, err, tt.want)
		}
	}
	both := TraceConfig{File: traceFile(t, gzipped(t, "1.0,a\n")+gzipped(t, "\ufeff2.0,b\n"))}
	if got := replayed(t, both, time.Hour); got != "0s a 1\n1s b 1\n" {
		t.Errorf("two gzips in one file replayed\n%s", got)
	}
	if got := replayed(t, TraceConfig{File: traceFile(t, "BZhost"+restOfLine)}, time.Hour); got != "0s BZhost 1\n" {
		t.Errorf("a host that begins like bzip2 replayed\n%s", got)
	}
}

// TestTraceSkips: so many lines may be unreadable, and are told of; the same ones
// are left out in every reading.
func TestTraceSkips(t *testing.T) {
	good := "192.0.2.1" + restOfLine
	huge := strings.Repeat("x", 2*maxLine) + "\n"
	for _, tt := range []struct {
		name, content string
		config        TraceConfig
		want          string // notes, or the error
		n             int
	}{
		{"last line being written", good + good + good[:40], TraceConfig{Skip: 1}, ":3: line is not an access log entry", 2},
		{"strict", good + good + good[:40], TraceConfig{}, ":3: line is not an access log entry", 0},
		{"none to skip", good, TraceConfig{Skip: 5}, "", 1},
		{"several", good + "x\n" + huge + good + "a\x00b\n", TraceConfig{Skip: 3, Format: "clf"}, "3 lines are skipped, first: ", 2},
		{"one too many", good + "x\n" + huge + good + "a\x00b\n", TraceConfig{Skip: 2}, `:5: line holds NUL bytes, as UTF-16 does; want UTF-8, such as by iconv -f UTF-16 -t UTF-8 (2 before it skipped already, as many as skip allows)`, 0},
		{"first line", "x\n" + good, TraceConfig{Skip: 1, Format: "clf"}, "1 line is skipped: ", 1},
		{"first line, half of it", "5:01 +0000] \"GET /a HTTP/1.1\" 200 12\n" + good + good, TraceConfig{Skip: 1}, "1 line is skipped: ", 2},
		{"first line, of CSV", "{\nt,key\n1,a\n", TraceConfig{Skip: 1}, "1 line is skipped: ", 1},
		{"too late", "100,a\n200,b\n100,c\n150,d\n", TraceConfig{Skip: 1}, "1 line is skipped: ", 3},
		{"too late, strict", "100,a\n200,b\n100,c\n150,d\n", TraceConfig{}, ":3: time is 1m40s before that of an earlier line; want at most 1m (reorder)", 0},
		{"requests", good + strings.Replace(good, "GET /a HTTP/1.1", "-", 1), TraceConfig{Skip: 1, Key: "request"}, `:2: request is "-"; want METHOD TARGET PROTOCOL`, 1},
		{"all", "x\ny\n", TraceConfig{Skip: 2, Format: "clf"}, "has no lines; want a recording", 0},
		{"wrong columns", "t,client\n1,a\n", TraceConfig{Skip: 9}, "columns client are unknown", 0},
	} {
		tt.config.File = traceFile(t, tt.content)
		p, err := NewTrace(tt.config)
		if err != nil {
			if tt.n > 0 || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: error is %v; want %s", tt.name, err, tt.want)
			}
			continue
		}
		notes := strings.Join(p.(Recording).Notes(), "\n")
		if tt.n == 0 || (tt.want == "") != (notes == "") || !strings.Contains(notes, tt.want) {
			t.Errorf("%s: notes are %q; want %s", tt.name, notes, tt.want)
		}
		for range 2 {
			if n := len(arrivals(t, mustWorkload(t, 1, Stream{Process: p}).Schedule(math.MaxInt64), math.MaxInt)); n != tt.n {
				t.Errorf("%s: %d arrivals; want %d", tt.name, n, tt.n)
			}
		}
	}
}

// TestTraceNames: what is no file, and what is cut off at a colon, says what would be right.
func TestTraceNames(t *testing.T) {
	file := filepath.Join(t.TempDir(), "10:05.log")
	if err := os.WriteFile(file, []byte("1,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(file, ":")
	for want, c := range map[string]TraceConfig{
		"file is -; want /dev/stdin": {File: "-"},
		fmt.Sprintf("file is %s, because what follows a colon is the format; want {kind: trace, file: %q}", before, file): {File: before, Format: after},
	} {
		if _, err := NewTrace(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error is %v; want %s", c, err, want)
		}
	}
}
