package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// has checks what the table of all says, or must not say.
func has(t *testing.T, all []results.Run, yes bool, texts ...string) {
	t.Helper()
	got := string(write(t, "table", all, report.Options{}))
	for _, text := range texts {
		if strings.Contains(got, text) != yes {
			t.Errorf("want %q in the table: %v; it is\n%s", text, yes, got)
		}
	}
}

func TestLossesAreNeverSilent(t *testing.T) {
	all := runs(t, subject{name: "http", admit: 90, took: 80}, 3)
	has(t, all, false, "causes")
	lose := func(r *results.Run, outcome string, causes map[string]uint64) {
		for cause, n := range causes {
			r.Outcomes["ok"] -= n
			r.Outcomes[outcome] += n
			r.Causes[outcome+": "+cause] = n
		}
	}
	lose(&all[1], "failed", map[string]uint64{"connection refused": 261, "EOF": 3, "reset": 2, "broken pipe": 1, "no route": 1})
	lose(&all[2], "failed", map[string]uint64{"EOF": 4})
	lose(&all[2], "timed_out", map[string]uint64{"drain": 5})
	lose(&all[2], "shed", map[string]uint64{"queue full": 6})
	all[0].Outcomes["unsent"] = 1_500 // and nobody noted why
	has(t, all, true, "causes\n"+
		"  http: failed 272 of 6,000: connection refused 261, EOF 7, reset 2, 2 other causes\n"+
		"  http: timed out 5 of 6,000: drain 5\n"+
		"  http: shed 6 of 6,000: queue full 6\n"+
		"  http: unsent 1,500 of 6,000\n")
}

func TestUnobservedAccuracyIsBlank(t *testing.T) {
	all := runs(t, subject{name: "gcra", admit: 50, took: 80}, 2)
	for i := range all {
		all[i].Accuracy.ObservedShare = 0
	}
	has(t, all, false, "false", "False", "excess")
	has(t, all, true, "gcra: no decision was observed, so nothing is known of its accuracy")
}

func TestNothingToCompareWithIsSaid(t *testing.T) {
	all := runs(t, subject{name: "switchable", admit: 50, took: 80}, 2)
	for i := range all {
		all[i].Accuracy.Compared = nil
	}
	has(t, all, true, "accuracy\n  switchable: its limit changes, so that no rate error or burst excess is against one limit asked for\n")
	has(t, runs(t, subject{name: "gcra", admit: 50, took: 80}, 2), false, "its limit changes")
}

func TestMissingRepeatsAreSaid(t *testing.T) {
	all := append(runs(t, subject{name: "gcra", admit: 50, took: 80}, 1), runs(t, subject{name: "noop", admit: 50, took: 80}, 3)...)
	for i := range all {
		all[i].Protocol = as[results.Protocol](`{"repeats":3}`)
	}
	has(t, all, true, "INCOMPLETE: gcra: 1 of 3 repeats.")
	has(t, all, false, "noop: 3 of 3")
}

func TestLimitsThatDifferAreListed(t *testing.T) {
	all := append(runs(t, subject{name: "gcra", admit: 50, took: 80}, 1), runs(t, subject{name: "tight", admit: 50, took: 80}, 1)...)
	has(t, all, false, "limits\n")
	all[1].Subject = json.RawMessage(`{"kind":"gcra","rate":"5/s","burst":"1"}`)
	has(t, all, true, "limits\n  gcra: 100/s burst 20\n  tight: 5/s burst 1\n")
	has(t, all, false, "per key")
}

func TestLegendExplainsWhatIsThere(t *testing.T) {
	all := runs(t, subject{name: "http", admit: 90, took: 80}, 1)
	has(t, all, false, "suspect", "cold caches")
	all[0].Validity.Verdict = results.Suspect
	has(t, all, true, "✓ valid, ? suspect, ✗ invalid")
	local := runs(t, subject{name: "gcra", inProcess: true, admit: 90, took: 80}, 1)
	has(t, local, true, "cold caches", "Saturated: closed loop")
	local[0].Cost.Saturated = nil
	has(t, local, false, "cold caches", "Saturated: closed loop")
}

// TestKindsApart: what is called, what is asked over a network and what serves
// others have columns of their own, in this order.
func TestKindsApart(t *testing.T) {
	all := append(runs(t, subject{name: "web", admit: 90, took: 80_000}, 1), runs(t, subject{name: "redis-gcra", admit: 90, took: 80_000}, 1)...)
	all = append(all, runs(t, subject{name: "gcra", inProcess: true, admit: 90, took: 80}, 1)...)
	all[0].Subject = json.RawMessage(`{"kind":"http","scope":"service","method":"POST","url":"http://127.0.0.1/x"}`)
	all[1].Subject = json.RawMessage(`{"kind":"redis-gcra","scope":"redis","rate":"100/s"}`)
	got := string(write(t, "table", all, report.Options{}))
	local, remote, service := strings.Index(got, "In process."), strings.Index(got, "Limiters on a server"), strings.Index(got, "Services.")
	if local < 0 || remote < local || service < remote {
		t.Errorf("want three tables, in process, on a server, services; got\n%s", got)
	}
	has(t, all, true, "subjects\n  web: POST http://127.0.0.1/x\n")
	has(t, all, false, "redis-gcra: ")
}

func TestNothingOKIsSaid(t *testing.T) {
	all := runs(t, subject{name: "http", admit: 0, took: 80}, 2)
	has(t, all, true, "NOTHING OK: http: rejected 4,000.\n")
	all[1].Outcomes["rejected"], all[1].Outcomes["failed"] = 500, 1_500
	has(t, all, true, "NOTHING OK: http: rejected 2,500, failed 1,500.\n")
	all[1].Outcomes["failed"], all[1].Outcomes["ok"] = 1_499, 1
	has(t, all, false, "NOTHING OK")
}

// TestVerdictsSayWhatTheyMean: in words, with the reasons below.
func TestVerdictsSayWhatTheyMean(t *testing.T) {
	all := comparison(t)
	has(t, all, true,
		"1 sliding-window-log is SUSPECT: its numbers may owe something to the measurement\n    repeat 2: cpu throttled for 12 ms\n",
		"2 redis-gcra is INVALID: its numbers say more about the measurement than about it\n    repeat 3: send delay p99")
}
