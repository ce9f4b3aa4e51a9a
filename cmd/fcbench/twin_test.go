package main

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSimulatedAgreesWithLive: what a pipeline keeps under twice its capacity is within
// 5 % the same simulated and live, as service is nothing but waiting. A machine that is
// busy with something else may spoil a live run, but not make one agree that does not.
func TestSimulatedAgreesWithLive(t *testing.T) {
	dir := t.TempDir()
	command := func(args ...string) string {
		var out, complaints bytes.Buffer
		if code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints); code != exitPass {
			t.Fatalf("%v ended with %d: %s", args, code, complaints.String())
		}
		return out.String()
	}
	run := func(flags ...string) {
		command(append([]string{
			"run", "-q", "--pipeline", "drop-oldest:100", "--service", "constant:50ms", "--arrivals", "poisson", "-r", "400/s", "-d", "1s", "--slo", "2s",
			"--drain", "1s", "--on-invalid=warn",
		}, flags...)...)
	}
	simulated := filepath.Join(dir, "simulated.jsonl")
	run("--virtual", "-o", simulated)
	const tries, most = 20, 0.05
	gap := math.Inf(1)
	for i := 0; i < tries && gap > most; i++ {
		live := filepath.Join(dir, strconv.Itoa(i)+".jsonl")
		run("-o", live)
		var compared struct {
			Pairs []struct {
				Base, Other string
				Differences []struct{ Relative float64 }
			}
		}
		text := command("compare", simulated, live, "--metric", "pipeline.retention", "--allow-invalid", "-o", "json")
		if err := json.Unmarshal([]byte(text), &compared); err != nil || len(compared.Pairs) != 1 {
			t.Fatalf("%v: %s", err, text)
		}
		if p := compared.Pairs[0]; p.Base != simulated+", simulated" || p.Other != live+", live" {
			t.Errorf("the sides are called %q and %q", p.Base, p.Other)
		}
		gap = min(gap, math.Abs(compared.Pairs[0].Differences[0].Relative))
	}
	if gap > most {
		t.Errorf("retention of the best of %d live runs is %.1f%% off; want %.0f%% at most", tries, 100*gap, 100*most)
	}
}
