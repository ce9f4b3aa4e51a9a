package experiment

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// TestLongWalksSaySo: a walk that takes seconds says how far it is, and how long it has to go.
func TestLongWalksSaySo(t *testing.T) {
	for name, text := range map[string]string{
		"by time":  "workload: {arrivals: 'constant:1k/s'}\nduration: 100s\n",
		"by count": "workload: {arrivals: 'constant:1k/s'}\ncount: 100k\n",
	} {
		doc, err := strictyaml.Parse("x.yaml", []byte("name: x\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.New(doc, true)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			var said []string
			slow := func(*generators.Arrival) error { time.Sleep(100 * time.Microsecond); return nil }
			if _, err := Walk(t.Context(), s, func(m string) { said = append(said, m) }, slow); err != nil {
				t.Fatal(err)
			}
			want := "the schedule is gone through once before anything is sent: 20480 arrivals so far, 20 % of it, about 8s to go"
			if len(said) != 3 || said[0] != want || !strings.Contains(said[2], " 82 % of it, about 1.8s to go") {
				t.Errorf("%s: it said %q; want %q first of three", name, said, want)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			if _, err := Walk(t.Context(), s, func(m string) { t.Errorf("a short walk said %q", m) }, nil); err != nil {
				t.Fatal(err)
			}
		})
	}
}
