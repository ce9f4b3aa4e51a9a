package results

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTrialsAreInTheOrderOfTheScenario(t *testing.T) {
	of := func(scenario, trial string, place, repeat int) Run {
		return Run{Scenario: scenario, Trial: trial, Place: place, Repeat: repeat}
	}
	for name, tt := range map[string]struct {
		runs []Run
		want string
	}{
		"none":      {nil, ""},
		"shuffled":  {[]Run{of("s", "b", 2, 1), of("s", "a", 1, 1), of("s", "a", 1, 2), of("s", "b", 2, 2)}, "s/a:1,2 s/b:1,2"},
		"not noted": {[]Run{of("s", "b", 0, 1), of("s", "a", 0, 1), of("s", "b", 0, 2)}, "s/b:1,2 s/a:1"},
		"scenarios": {[]Run{of("z", "b", 2, 1), of("y", "a", 1, 1), of("z", "a", 1, 1), of("y", "b", 2, 1)}, "z/a:1 z/b:1 y/a:1 y/b:1"},
		"ten":       {[]Run{of("s", "j", 10, 1), of("s", "b", 2, 1)}, "s/b:1 s/j:1"},
	} {
		var got []string
		for _, trial := range Trials(tt.runs) {
			var repeats []string
			for _, r := range trial.Runs {
				repeats = append(repeats, fmt.Sprint(r.Repeat))
			}
			got = append(got, trial.Scenario+"/"+trial.Name+":"+strings.Join(repeats, ","))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: trials are %v; want %s", name, got, tt.want)
		}
	}
}

func TestSortPutsRepeatsTogether(t *testing.T) {
	runs := []Run{{Trial: "b", Place: 2, Repeat: 2}, {Trial: "a", Place: 1, Repeat: 2}, {Trial: "b", Place: 2, Repeat: 1}, {Trial: "a", Place: 1, Repeat: 1}}
	Sort(runs)
	var got []string
	for _, r := range runs {
		got = append(got, fmt.Sprint(r.Trial, r.Repeat))
	}
	if want := []string{"a1", "a2", "b1", "b2"}; !slices.Equal(got, want) {
		t.Errorf("order is %v; want %v", got, want)
	}
}

func TestSpread(t *testing.T) {
	if _, ok := SpreadOf(nil); ok {
		t.Error("no values have a spread")
	}
	inf := math.Inf(1)
	for _, tt := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{3}, Spread{1, 3, 3, 3}},
		{[]float64{4, 1}, Spread{2, 2.5, 1, 4}},
		{[]float64{9, 1, 5}, Spread{3, 5, 1, 9}},
		{[]float64{7, 7, 7, 7}, Spread{4, 7, 7, 7}},
		{[]float64{inf, 1, inf}, Spread{3, inf, 1, inf}},
		{[]float64{1, inf}, Spread{2, inf, 1, inf}},
		{[]float64{math.MaxFloat64, math.MaxFloat64 / 2}, Spread{2, 0.75 * math.MaxFloat64, math.MaxFloat64 / 2, math.MaxFloat64}},
	} {
		before := slices.Clone(tt.values)
		got, ok := SpreadOf(tt.values)
		if !ok || got != tt.want || got.Constant() != (tt.want.Min == tt.want.Max) {
			t.Errorf("spread of %v is %+v; want %+v", tt.values, got, tt.want)
		}
		if !slices.Equal(before, tt.values) {
			t.Errorf("values became %v; want %v as they were", tt.values, before)
		}
	}
}
