package scenario

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/faults"
	"github.com/fcbench/fcbench/results"
)

// text is a record as the result file has it.
func text(t *testing.T, record any) string {
	t.Helper()
	b, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRecordsHaveEverySetting: what a scenario says of load and protocol is a
// field of the run, so that nobody looks for it by its name.
func TestRecordsHaveEverySetting(t *testing.T) {
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[load](), reflect.TypeFor[results.Load]()},
		{reflect.TypeFor[retry](), reflect.TypeFor[results.Retry]()},
		{reflect.TypeFor[protocol](), reflect.TypeFor[results.Protocol]()},
		{reflect.TypeFor[faults.Config](), reflect.TypeFor[results.PlannedFault]()},
	} {
		written, kept := names(pair[0], "yaml"), names(pair[1], "json")
		if !slices.Equal(written, kept) {
			t.Errorf("%v has %v; want those of %v, %v", pair[1], kept, pair[0], written)
		}
	}
}

// names are those of a type's fields, in their order.
func names(typ reflect.Type, tag string) (all []string) {
	for _, f := range reflect.VisibleFields(typ) {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" {
			all = append(all, name)
		}
	}
	return all
}
