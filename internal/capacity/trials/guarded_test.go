package trials

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/guards"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// once holds the first time it is asked.
type once struct{ asked bool }

func (o *once) String() string { return "once" }

func (o *once) Ask(context.Context) error {
	if o.asked {
		return &guards.Tripped{Guard: "once", Why: "asked again"}
	}
	o.asked = true
	return nil
}

// TestGuarded: a guard ends a trial long before its end, and the load goes at once or over
// the time of the ramp down, which a trial may have without a guard too.
func TestGuarded(t *testing.T) {
	const step = 50 * time.Millisecond
	for _, tt := range []struct {
		name           string
		length         time.Duration
		fade, fadeOut  time.Duration
		guarded        bool
		atLeast, below time.Duration
	}{
		{"at once", time.Minute, 0, 0, true, step, 20 * time.Second},
		{"slowly", time.Minute, 6 * step, 0, true, 6 * step, 20 * time.Second},
		{"in the end", 2 * step, 6 * step, 6 * step, false, 8 * step, 20 * time.Second},
	} {
		doc, err := strictyaml.Parse("x", []byte(`
name: x
workload: {arrivals: {kind: poisson, rate: 10/s}}
thresholds: ["response.ok.p99 < 20ms"]
subjects: [{target: noop}]
drain: 10ms
`))
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(doc, "rate")
		if err != nil {
			t.Fatal(err)
		}
		m.World, m.Time, m.Fade = experiment.NewWorld("", nil), results.Real, tt.fade
		if tt.guarded {
			m.Guards = guards.New(step, &once{})
		}
		began := time.Now()
		_, err = m.Measure(t.Context(), capacity.Trial{Value: 2000, Length: tt.length, Fade: tt.fadeOut, Seed: 2})
		took := time.Since(began)
		var no *guards.Tripped
		if errors.As(err, &no) != tt.guarded || !tt.guarded && err != nil || took < tt.atLeast || took > tt.below {
			t.Errorf("%s: %v after %v; want %v to %v", tt.name, err, took, tt.atLeast, tt.below)
		}
		if err := m.World.Close(); err != nil {
			t.Error(err)
		}
	}
}
