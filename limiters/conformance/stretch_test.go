package conformance

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// asked are steps at the instants, each of n tokens, granted where it is even.
func asked(key string, n int64, instants ...time.Duration) (all []Step) {
	for i, now := range instants {
		all = append(all, Step{Call: "allow", Key: key, Now: now, N: n, Allowed: i%2 == 0})
	}
	return all
}

func every(d time.Duration, n int) (instants []time.Duration) {
	for i := range n {
		instants = append(instants, d*time.Duration(i))
	}
	return instants
}

// TestStretches says in a line what takes hundreds to print.
func TestStretches(t *testing.T) {
	const ms = time.Millisecond
	polled := asked("key", 1, every(ms, 840)...)
	halved := slices.Concat(asked("key", 50, 0), asked("key", 25, 0), asked("key", 50, ms), asked("key", 50, 2*ms))
	for _, tt := range []struct {
		name  string
		steps []Step
		want  []Stretch
	}{
		{"none", nil, nil},
		{"polled", polled, []Stretch{{1, 840, "allow", "key", 0, 839 * ms, ms, 1, 1, 420, 420, 420}}},
		{"backwards", asked("key", 1, 2*ms, ms, 0), []Stretch{{1, 3, "allow", "key", 2 * ms, 0, -ms, 1, 1, 2, 1, 2}}},
		{"several at an instant", halved, []Stretch{{1, 4, "allow", "key", 0, 2 * ms, ms, 25, 50, 4, 0, 175}}},
		{"two are no coincidence", asked("key", 1, 0, ms), []Stretch{
			{1, 1, "allow", "key", 0, 0, 0, 1, 1, 1, 0, 1}, {2, 2, "allow", "key", ms, ms, 0, 1, 1, 0, 1, 0},
		}},
		{"another key", slices.Concat(asked("a", 1, 0, 0), asked("b", 1, 0)), []Stretch{
			{1, 2, "allow", "a", 0, 0, 0, 1, 1, 1, 1, 1}, {3, 3, "allow", "b", 0, 0, 0, 1, 1, 1, 0, 1},
		}},
	} {
		if got := stretches(tt.steps); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v; want %+v", tt.name, got, tt.want)
		}
	}
}

// TestStretchesAreFew, however irregular what they stand for.
func TestStretchesAreFew(t *testing.T) {
	var steps []Step
	for i := range 500 {
		steps = append(steps, asked(strings.Repeat("k", i%3), int64(1+i%7), time.Duration(i*i))...)
	}
	got := stretches(steps)
	if len(got) != shown || got[0].First != 1 || got[0].Key != mixed || got[len(got)-1].Last != len(steps) {
		t.Fatalf("%d stretches, the first %+v; want %d for all %d steps", len(got), got[0], shown, len(steps))
	}
	for i, s := range got[1:] {
		if s.First != got[i].Last+1 {
			t.Errorf("%+v follows %+v", s, got[i])
		}
	}
}

// TestHistoryIsWhole prints every step of a long history, in however few lines.
func TestHistoryIsWhole(t *testing.T) {
	var f Finding
	f.fail(&breach{steps: asked("key", 1, every(50*time.Microsecond, 864)...)})
	got := f.History()
	for _, want := range []string{
		"  1–840  allow  0s to 41.95ms, every 50µs  \"key\"  1  420 granted, 420 tokens in all; 420 denied\n",
		"\n  841    allow  42ms ", "\n  864 ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("history lacks %q:\n%s", want, got)
		}
	}
	if lines := strings.Count(got, "\n"); lines != 1+1+shown {
		t.Errorf("%d lines; want a head, a stretch and %d steps:\n%s", lines, shown, got)
	}
	if strings.Contains(got, "right") {
		t.Errorf("history has a column for what nobody knows:\n%s", got)
	}
}
