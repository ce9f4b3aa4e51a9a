package scenario_test

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// TestAlone: each subject of each combination can be run elsewhere by itself, under
// the name that it has here, and with what concerns it.
func TestAlone(t *testing.T) {
	all, err := swept(t, strings.Replace(sweepable, "  - target: noop\n", "  - limiter: {kind: gcra, rate: 7/s}\n  - limiter: {kind: redis-gcra, rate: 7/s}\n", 1)+
		"quick: {subjects: [own]}\nfaults: [{at: 100ms, kind: pause, for: 100ms}]\n"+
		"steps: [{at: 500ms, set: {subject: gcra, rate: 5/s}}, {at: 600ms, set: {subject: 'gcra#2', rate: 6/s}}]\n"+
		"matrix: {workload.arrivals.rate: [100/s, 200/s]}\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 {
		t.Fatalf("%d scenarios; want 2", len(all))
	}
	for _, s := range all {
		for i, want := range s.Subjects {
			doc, err := strictyaml.Parse("alone", s.Alone(i))
			if err != nil {
				t.Fatal(err)
			}
			one, err := scenario.New(doc, false)
			if err != nil {
				t.Fatalf("%s: %v", want.Name, err)
			}
			if len(one.Subjects) != 1 || one.Subjects[0].Name != want.Name || string(one.Subjects[0].JSON()) != string(want.JSON()) ||
				string(one.WorkloadJSON()) != string(s.WorkloadJSON()) || len(one.FaultsOf(one.Subjects[0])) != len(s.FaultsOf(want)) ||
				len(one.ProtocolInfo(one.Subjects[0]).Steps) != len(s.ProtocolInfo(want).Steps) {
				t.Errorf("%s: alone it is %s", want.Name, doc.ToJSON())
			}
		}
	}
}
