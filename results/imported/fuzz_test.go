package imported

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
)

// read never panics; what it reads is a run that can be written and read, whose counts go
// together; and what it refuses it names.
func fuzz(f *testing.F, name string, o Options) {
	for _, s := range samples() {
		if s.tool != name {
			continue
		}
		text, err := os.ReadFile("testdata/" + s.file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[:min(len(text), 2000)])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := tool(t, name).Read(bytes.NewReader(text), "f", o)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("error is %v; want the file's name first", err)
			}
			return
		}
		var sum uint64
		for _, n := range run.Outcomes {
			sum += n
		}
		if _, _, err := results.Value(run, "offered"); err == nil && sum > run.Offered {
			t.Errorf("%d outcomes of %d", sum, run.Offered)
		}
		var line bytes.Buffer
		if err := results.WriteRun(&line, run); err != nil {
			t.Fatal(err)
		}
		if again, err := results.ReadRuns(&line, "again"); err != nil || len(again) != 1 {
			t.Fatalf("%d runs, %v", len(again), err)
		}
	})
}

func FuzzK6(f *testing.F)     { fuzz(f, "k6", Options{}) }
func FuzzVegeta(f *testing.F) { fuzz(f, "vegeta", Options{}) }
func FuzzGhz(f *testing.F)    { fuzz(f, "ghz", Options{}) }
func FuzzWrk2(f *testing.F)   { fuzz(f, "wrk2", Options{}) }
func FuzzHgrm(f *testing.F) {
	fuzz(f, "hgrm", Options{Histogram: "response.ok", Unit: time.Millisecond})
}
