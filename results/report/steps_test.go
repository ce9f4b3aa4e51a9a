package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// TestStepsAreLimits: what a limit changes to is noted, also where all subjects share
// the first one.
func TestStepsAreLimits(t *testing.T) {
	for name, c := range map[string]struct{ steps, want string }{
		"none": {`[]`, ""},
		"one":  {`[{"at":"5s","set":{"subject":"gcra","rate":"50/s"}}]`, "gcra: 100/s burst 20; from 5s on rate 50/s"},
		"in order of time": {
			`[{"at":"7s","set":{"subject":"gcra","rate":"1M/s","burst":1000000}},{"at":"0s","set":{"subject":"gcra","burst":5}}]`,
			"gcra: 100/s burst 20; from 0s on burst 5; from 7s on burst 1000000 rate 1M/s",
		},
		"many": {
			"[" + strings.TrimSuffix(strings.Repeat(`{"at":"1s","set":{"subject":"gcra","burst":5}},`, 10), ",") + "]",
			"gcra: 100/s burst 20" + strings.Repeat("; from 1s on burst 5", 8) + "; and 2 more",
		},
	} {
		runs := odd(t, func(r *results.Run) { r.Protocol = as[results.Protocol](fmt.Sprintf(`{"steps":%s}`, c.steps)) })
		table := string(write(t, "table", runs, report.Options{}))
		flat := strings.Join(strings.Fields(table), " ")
		if has := strings.Contains(table, "limits\n  "); has != (c.want != "") || !strings.Contains(flat, c.want) {
			t.Errorf("%s: the table is\n%s\nwant the limits to be %q", name, table, c.want)
		}
	}
}
