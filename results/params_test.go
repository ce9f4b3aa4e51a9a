package results

import (
	"encoding/json"
	"testing"
)

func TestCombinedName(t *testing.T) {
	for _, c := range []struct{ params, want string }{
		{"", "gcra"},
		{"{}", "gcra"},
		{"null", "gcra"},
		{`{"limiter.rate":"100/s","load.lanes":"2"}`, "gcra[limiter.rate=100/s,load.lanes=2]"},
		{`{"b":"1","a":"2"}`, "gcra[b=1,a=2]"},
	} {
		params := json.RawMessage(c.params)
		r := Run{Trial: CombinedName("gcra", params), Params: params}
		if r.Trial != c.want || r.SubjectName() != "gcra" {
			t.Errorf("%s makes %s of gcra, and %s of that; want %s, and gcra", params, r.Trial, r.SubjectName(), c.want)
		}
	}
	r := Run{Trial: "gcra", Params: json.RawMessage(`{"a":"1"}`)}
	if r.Param("a") != "1" || r.Param("b") != "" || r.SubjectName() != "gcra" {
		t.Errorf("a is %q, b %q, the subject %q; want 1, nothing and gcra", r.Param("a"), r.Param("b"), r.SubjectName())
	}
}
