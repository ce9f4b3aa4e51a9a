package main

import (
	"fmt"
	"testing"
)

// TestWhatAGateWrites: its verdict, and the files of its outputs.
func TestWhatAGateWrites(t *testing.T) {
	o := gateOptions{verdict: "v.json", outputs: []string{"table", "json=out/x.json", "markdown=-"}}
	if got := fmt.Sprint(o.writes("gate.yaml")); got != "[v.json out/x.json]" {
		t.Errorf("it writes %s; want the two files", got)
	}
}
