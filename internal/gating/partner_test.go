package gating

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/results"
)

// subjectsOf are those of "scenario:subject,subject scenario:subject".
func subjectsOf(text string) (all []subject) {
	for part := range strings.FieldsSeq(text) {
		under, names, _ := strings.Cut(part, ":")
		for name := range strings.SplitSeq(names, ",") {
			all = append(all, subject{under, name, "d"})
		}
	}
	return all
}

// TestPartners: what is compared with what, for each of side B its place on side A.
func TestPartners(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"s:gcra,bucket", "s:bucket,gcra", "[1 0]"},
		{"s:gcra", "s:bucket", "[0]"},
		{"s:gcra,bucket", "s:bucket,window", ""},
		{"s:gcra,bucket", "s:gcra,window", ""}, // which of them is meant nobody said
		{"s:gcra,bucket", "s:window,queue", ""},
		{"s:gcra,bucket", "s:gcra", ""},
		{"s/calm:gcra s/wild:gcra", "s/calm:bucket s/wild:bucket", "[0 1]"},
		{"s/calm:gcra s/wild:gcra", "s/wild:bucket s/calm:bucket", "[1 0]"},
		{"s:gcra other:gcra", "s:gcra,bucket", ""},
		{"x:gcra,bucket", "y:bucket,gcra", "[1 0]"},
		{"x:gcra", "y:bucket", "[0]"},
		{"x:gcra,bucket", "y:gcra,window", ""},
		{"x/calm:gcra x/wild:gcra", "y/wild:gcra y/calm:gcra", "[1 0]"},
		{"x/calm:gcra x/wild:gcra", "y/calm:gcra y/tame:gcra", ""},
		{"x/calm:gcra z/calm:gcra", "y/calm:gcra z/calm:gcra", ""},
	} {
		g := &Gate{policy: &ci.Policy{A: &ci.Side{}, B: &ci.Side{}}, asA: subjectsOf(c.a), asB: subjectsOf(c.b)}
		err := g.match()
		var unlike *Unlike
		switch {
		case c.want == "" && !errors.As(err, &unlike):
			t.Errorf("%s with %s: %v, %v; want them refused", c.a, c.b, g.matchedA, err)
		case c.want != "" && (err != nil || fmt.Sprint(g.matchedA) != c.want):
			t.Errorf("%s with %s: %v, %v; want %s", c.a, c.b, g.matchedA, err, c.want)
		}
	}
}

// TestOtherWorkIsRefused: a run of either side, and of the null control, with another
// schedule than was prepared, as another build may make.
func TestOtherWorkIsRefused(t *testing.T) {
	as := func(digest string) map[subject]ci.Measured {
		return map[subject]ci.Measured{{"s", "gcra", digest}: {Run: &results.Run{}}}
	}
	for _, c := range []struct {
		a, b, want string
		null       bool
	}{
		{"d1", "d1", "", false},
		{"d2", "d1", "side a ran the schedule d2 of s/gcra; want d1", false},
		{"d1", "d2", "side b ran the schedule d2", false},
		{"d2", "d2", "side a ran", false},
		{"d1", "d1", "", true},
		{"d1", "d2", "side b ran", true},
		{"d2", "d1", "side a ran", true},
	} {
		g := &Gate{asA: []subject{{"s", "other", "d0"}, {"s", "gcra", "d1"}}, asB: []subject{{"s", "gcra", "d1"}}, matchedA: []int{1}, units: make([]ci.Unit, 1)}
		err := g.keep(0, 1, true, c.null, as(c.a), as(c.b))
		var unlike *Unlike
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &unlike) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("a ran %s and b %s (null %t): %v; want %q", c.a, c.b, c.null, err, c.want)
		}
		if kept := len(g.units[0].Pairs) + len(g.units[0].Null); kept > 0 != (c.want == "") {
			t.Errorf("a ran %s and b %s (null %t): %d pairs are kept", c.a, c.b, c.null, kept)
		}
	}
}
