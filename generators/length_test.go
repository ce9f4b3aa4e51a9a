package generators

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// TestLengths: what was written says how long a run is, and what the shortest is
// that cuts nothing.
func TestLengths(t *testing.T) {
	s := func(n float64) units.Duration { return units.Duration(n * 1e9) }
	r := rate(t, "10/s")
	stages := Stages{{s(30), r}, {s(60), rate(t, "0/s")}}
	for _, tt := range []struct {
		name         string
		process      Process
		usual, least time.Duration
	}{
		{"stages", must(NewStages(StagesConfig{stages}))(t), 90 * time.Second, 90 * time.Second},
		{"ramp", must(NewRamp(RampConfig{Rate: r}))(t), 0, 0},
		{"ramp over", must(NewRamp(RampConfig{Rate: r, Over: s(40)}))(t), 40 * time.Second, 40 * time.Second},
		{"spike", must(NewSpike(SpikeConfig{Rate: r}))(t), 0, 0},
		{"spike at, for", must(NewSpike(SpikeConfig{Base: r, At: s(20), For: s(5)}))(t), 25 * time.Second, 25 * time.Second},
		{"spike for", must(NewSpike(SpikeConfig{Base: r, For: s(5)}))(t), 50 * time.Second, 5 * time.Second},
		{"spike at", must(NewSpike(SpikeConfig{Base: r, At: s(18)}))(t), 20 * time.Second, 20 * time.Second},
		{"spike for a century", must(NewSpike(SpikeConfig{Base: r, For: units.Duration(maxLength)}))(t), maxLength, maxLength},
		{"burst", must(NewBurst(BurstConfig{Rate: r}))(t), 0, 0},
		{"sine", must(NewSine(SineConfig{Rate: r}))(t), 0, 0},
		{"trace", must(NewTrace(TraceConfig{File: traceFile(t, logOf(4, 1))}))(t), 4 * time.Second, 4 * time.Second},
	} {
		var usual, least time.Duration
		if f, ok := tt.process.(Finite); ok {
			usual, least = f.Length()
		}
		if usual != tt.usual || least != tt.least {
			t.Errorf("%s: lengths are %v and %v; want %v and %v", tt.name, usual, least, tt.usual, tt.least)
		}
	}
	if _, err := NewSpike(SpikeConfig{Base: r, At: units.Duration(maxLength + 1)}); err == nil {
		t.Error("a spike after over a hundred years is accepted")
	}
}
