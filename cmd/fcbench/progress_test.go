package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/results"
)

// step is the second run of four, some way in.
func step(trial string) *experiment.Step {
	live := new(results.Live)
	live.Offered.Store(1200)
	live.OK.Store(1000)
	live.Rejected.Store(190)
	live.InFlight.Store(10)
	live.P99NS.Store(int64(1500 * time.Microsecond))
	return &experiment.Step{Index: 2, Of: 4, Trial: trial, Length: 10 * time.Second, Live: []*results.Live{live}}
}

// TestProgressLine: elapsed, ETA, offered, admitted, p99, in flight; as much of
// it as there is room for, the most important first.
func TestProgressLine(t *testing.T) {
	p := &progress{underway: underway{step: step("gcra")}}
	for width, want := range map[int]string{
		200: "[2/4] gcra 4s  ETA 26s  offered 1200  ok 1000  rejected 190  other 0  p99 1.5ms  in flight 10",
		80:  "[2/4] gcra 4s  ETA 26s  offered 1200  ok 1000  rejected 190  other 0  p99 1.5ms",
		79:  "[2/4] gcra 4s  ETA 26s  offered 1200  ok 1000  rejected 190  other 0  p99 1.5ms",
		78:  "[2/4] gcra 4s  ETA 26s  offered 1200  ok 1000  rejected 190  other 0",
		20:  "[2/4] gcra 4s",
		3:   "[2/4] gcra 4s",
	} {
		if got := fitting(p.parts(4*time.Second), width); got != want {
			t.Errorf("in %d columns the line is %q; want %q", width, got, want)
		}
	}
}

// screen is a terminal as far as it matters here: rows of a width, autowrap, and
// reflow: what becomes too long for a row goes on in the next when it narrows.
type screen struct {
	columns  int
	rows     []string // without trailing blanks
	row, col int
}

func (s *screen) Write(b []byte) (int, error) {
	for text := string(b); text != ""; {
		switch {
		case strings.HasPrefix(text, "\x1b[J"):
			s.rows = append(s.rows[:s.row:s.row], s.at(s.row, s.col))
			text = text[3:]
		case text[0] == '\r':
			s.col, text = 0, text[1:]
		case text[0] == '\n':
			s.row, s.col, text = s.row+1, 0, text[1:]
		case text[0] < ' ':
			panic(fmt.Sprintf("the terminal does not know %q", text))
		default:
			r, size := utf8.DecodeRuneInString(text)
			s.put(r)
			text = text[size:]
		}
	}
	return len(b), nil
}

// at is the first n columns of a row.
func (s *screen) at(row, n int) string {
	for len(s.rows) <= row {
		s.rows = append(s.rows, "")
	}
	runes := []rune(s.rows[row])
	return string(runes[:min(n, len(runes))])
}

func (s *screen) put(r rune) {
	if s.col >= s.columns {
		s.row, s.col = s.row+1, 0
	}
	wide := []rune(s.at(s.row, s.columns))
	for len(wide) <= s.col {
		wide = append(wide, ' ')
	}
	wide[s.col] = r
	s.rows[s.row], s.col = string(wide), s.col+1
}

// narrow gives the terminal another width, and the cursor the place that the
// character it stood on now has.
func (s *screen) narrow(columns int) {
	s.at(s.row, 0)
	var rows []string
	row, col := 0, 0
	for i, text := range s.rows {
		if i == s.row {
			row, col = len(rows)+s.col/columns, s.col%columns
		}
		for runes := []rune(text); ; runes = runes[columns:] {
			if len(runes) <= columns {
				rows = append(rows, string(runes))
				break
			}
			rows = append(rows, string(runes[:columns]))
		}
	}
	s.columns, s.rows, s.row, s.col = columns, rows, row, col
}

func (s *screen) text() string { return strings.TrimRight(strings.Join(s.rows, "\n"), "\n") }

// TestFootLeavesNoJunk: however often the line is drawn, whatever is written
// meanwhile and whatever width the terminal takes, there is one line of it, and
// in the end none; everything else stays.
func TestFootLeavesNoJunk(t *testing.T) {
	s := &screen{columns: 60}
	f := &foot{w: s, width: func() int { return s.columns }}
	p := &progress{w: f, foot: f, underway: underway{step: step("gcra"), begun: time.Now()}}
	fmt.Fprintln(f, "before")
	for _, columns := range []int{60, 60, 40, 25, 9, 60, 41, 200} {
		s.narrow(columns)
		p.update()
		p.update()
		if got := strings.Split(s.text(), "\n"); len(got) != 2 || got[0] != "before" || !strings.HasPrefix(got[1], "[2/4]") || len(got[1]) >= columns+2 {
			t.Fatalf("in %d columns the terminal shows %q; want one line of progress", columns, got)
		}
	}
	fmt.Fprintln(f, "meanwhile")
	p.update()
	fmt.Fprint(s, "^C") // as terminals echo it
	p.update()
	if got := s.text(); strings.Contains(got, "^C") {
		t.Errorf("the terminal shows %q; want the line in the place of ^C", got)
	}
	s.narrow(12)
	p.End(&results.Run{Trial: "gcra", Offered: 5, Outcomes: map[string]uint64{"ok": 5}, Validity: results.Validity{Verdict: results.Valid}})
	p.close()
	if got, want := s.text(), "before\nmeanwhile\n[2/4] gcra…"; got != want {
		t.Errorf("the terminal shows %q; want %q", got, want)
	}
}

// TestProgressElsewhere: what is no terminal gets whole lines and no escapes.
func TestProgressElsewhere(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, underway: underway{step: step("a\x1b[2Jb\n" + strings.Repeat("x", 300)), begun: time.Now()}}
	p.update()
	p.update()
	p.close()
	if got := out.String(); strings.Count(got, "\n") != 2 || strings.ContainsAny(got, "\r\x1b") || !strings.Contains(got, "in flight 10\n") {
		t.Errorf("progress is %q; want two lines and no control characters", got)
	}
}

// TestWidthOf: what is no terminal is as wide as $COLUMNS says, or 120 columns.
func TestWidthOf(t *testing.T) {
	for columns, want := range map[string]int{"": 120, "100": 100, "20": 20, "19": 120, "-5": 120, "wide": 120, "0": 120} {
		t.Setenv("COLUMNS", columns)
		if got := widthOf(new(bytes.Buffer)); got != want {
			t.Errorf("with COLUMNS=%q the width is %d; want %d", columns, got, want)
		}
	}
}
