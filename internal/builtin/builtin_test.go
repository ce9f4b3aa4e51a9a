package builtin

import (
	"testing"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// TestLocalLimitersConform: whatever local limiter users can name meets the
// conformance suite, so that none can be forgotten there. Those on Redis meet
// it in their own package, on a real server.
func TestLocalLimitersConform(t *testing.T) {
	for _, kind := range Local(Env{}).Kinds() {
		argument := "10/s"
		if strictyaml.Fields(kind.Config)[0].Name == "limit" {
			argument = "5"
		}
		fresh := func(t *testing.T) limiters.Limiter {
			t.Helper()
			l, _, err := Local(Env{}).Build(kind.Name, func(into any) error {
				return strictyaml.DecodePositional([]string{argument}, kind.Name, into).Err()
			})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		t.Run(kind.Name, func(t *testing.T) {
			limit := fresh(t).(limiters.Described).Info().Limit
			conformance.Run(t, fresh, limit, conformance.Options{Concurrent: true, NoAllocation: true, Decisions: rounds.Of(1_000)})
		})
	}
}

// TestEveryKindIsDescribed: lists need a line for each.
func TestEveryKindIsDescribed(t *testing.T) {
	check := func(name, doc string) {
		if name == "" || len(doc) < 3 {
			t.Errorf("kind %q is described as %q", name, doc)
		}
	}
	for _, k := range Processes().Kinds() {
		check(k.Name, k.Doc)
	}
	for _, k := range Keys().Kinds() {
		check(k.Name, k.Doc)
	}
	for _, k := range append(Costs().Kinds(), Sizes().Kinds()...) {
		check(k.Name, k.Doc)
	}
	for _, k := range Targets(Env{}).Kinds() {
		check(k.Name, k.Doc)
	}
	for _, k := range Limiters(Env{}).Kinds() {
		check(k.Name, k.Doc)
	}
	for _, k := range Pipelines().Kinds() {
		check(k.Name, k.Doc)
	}
}
