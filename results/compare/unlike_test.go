package compare_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/compare"
)

// A limit of 5/s against one of 100/s explains any difference.
func TestNotesSayWhatDiffers(t *testing.T) {
	set := func(subject, load, protocol, environment string) []results.Run {
		runs := service("gcra", 1, 2)
		for i := range runs {
			runs[i].Subject = json.RawMessage(subject)
			for text, into := range map[string]json.Unmarshaler{load: &runs[i].Load, protocol: &runs[i].Protocol, environment: &runs[i].Environment} {
				if err := into.UnmarshalJSON([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
		}
		return runs
	}
	base := set(`{"kind":"gcra","scope":"local","rate":"5/s","burst":"20"}`, `{"model":"open"}`, `{"slo":"5ms","repeats":2}`, `{"cpu":"A","clock_read_ns":20}`)
	mixed := slices.Clone(base)
	mixed[1].Subject = json.RawMessage(`{"kind":"gcra","rate":"6/s","burst":"20"}`)
	for name, c := range map[string]struct {
		other []results.Run
		want  []string
	}{
		"nothing": {set(`{"burst":"20","rate":"5/s","kind":"gcra"}`, `{"model":"open"}`, `{"slo":"5ms","repeats":9}`, `{"cpu":"A","clock_read_ns":30}`), nil},
		"limit":   {set(`{"kind":"gcra","rate":"100/s","burst":"20"}`, `{"model":"open"}`, `{"slo":"5ms"}`, `{"cpu":"A"}`), []string{"subject differs: rate 5/s against 100/s"}},
		"all": {
			set(`{"kind":"gcra","rate":"5/s","connections":4}`, `{"model":"closed"}`, `{"slo":"9ms"}`, `{"cpu":"B"}`),
			[]string{
				"subject differs: burst 20 only in the base, connections 4 only in the other", "load differs: model open against closed",
				"protocol differs: slo 5ms against 9ms", "machine differs: cpu A against B",
			},
		},
		"another kind":   {set(`{"kind":"fixed-window","rate":"7/s","window":"1s"}`, `{"model":"open"}`, `{"slo":"5ms"}`, `{"cpu":"A"}`), []string{"subject differs: rate 5/s against 7/s"}},
		"within repeats": {mixed, []string{"subject differs: rate 5/s against 5/s and 6/s"}},
	} {
		got, err := compare.Files(base, c.other, compare.Options{Metrics: []string{"outcomes.ok"}})
		if err != nil || len(got.Pairs) != 1 {
			t.Fatalf("%s: %d pairs, %v; want one", name, len(got.Pairs), err)
		}
		want := append(c.want, "two files are not paired: whatever else changed between them is in every difference")
		if notes := got.Pairs[0].Notes; !slices.Equal(notes, want) {
			t.Errorf("%s: notes are %q; want %q", name, notes, want)
		}
	}
}
