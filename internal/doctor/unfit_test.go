package doctor

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// healthy is what a quiet machine shows.
func healthy() Findings {
	return Findings{
		Host: results.Environment{ClockRead: 26},
		Null: Null{Requests: 1e6},
		Receive: Receive{
			Known: true, Answers: 1000, P50: 20 * time.Microsecond, P99: 150 * time.Microsecond,
			ThreadP50: 10 * time.Microsecond, ThreadP99: 100 * time.Microsecond,
		},
		Pacing: []Pacing{
			{Rate: units.Rate{Count: 1000, Per: time.Second}, Plain: true, P99: time.Second},
			{Rate: units.Rate{Count: 1000, Per: time.Second}, Offered: 1000, Due: 1000, P99: 90 * time.Microsecond},
		},
	}
}

func TestUnfit(t *testing.T) {
	if got := healthy().Unfit(); len(got) != 0 {
		t.Errorf("a quiet machine is unfit: %q", got)
	}
	for want, wound := range map[string]func(*Findings){
		"a clock reading costs 900 ns":          func(f *Findings) { f.Host.ClockRead = 900 },
		"throttled the generator for 3s":        func(f *Findings) { f.Throttled = 3 * time.Second },
		"no request was made":                   func(f *Findings) { f.Null = Null{} },
		"at 1k/s only 980 of 1000 requests":     func(f *Findings) { f.Pacing[1].Offered = 980 },
		"at 1k/s only 0 of 0 requests":          func(f *Findings) { f.Pacing[1].Offered, f.Pacing[1].Due = 0, 0 },
		"at 1k/s the send delay's p99 is 1.5ms": func(f *Findings) { f.Pacing[1].P99 = 1500 * time.Microsecond },
		"answers that have arrived are taken 6ms late (p50), 12ms (p99); fcbench's own": func(f *Findings) {
			f.Receive.P50, f.Receive.P99 = 6*time.Millisecond, 12*time.Millisecond
		},
		"are taken 20µs late (p50), 3ms (p99); a thread that blocks in the kernel is late too": func(f *Findings) {
			f.Receive.P99, f.Receive.ThreadP99 = 3*time.Millisecond, 3*time.Millisecond
		},
		"999 came and 1 did not": func(f *Findings) { f.Receive.Answers, f.Receive.Missed = 999, 1 },
		"0 came and 0 did not":   func(f *Findings) { f.Receive.Answers = 0 },
		"no pace was measured":   func(f *Findings) { f.Pacing = f.Pacing[:1] },
	} {
		f := healthy()
		wound(&f)
		if got := f.Unfit(); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("unfit for %q; want %q alone", got, want)
		}
	}
	unknown := healthy()
	unknown.Receive = Receive{}
	if got := unknown.Unfit(); len(got) != 0 {
		t.Errorf("a machine whose system does not tell is unfit: %q", got)
	}
	if got := (Findings{}).Unfit(); len(got) != 2 {
		t.Errorf("a machine on which nothing was measured is unfit for %q", got)
	}
}
