package builtin

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
)

// TestDescribeLeavesNothingBehind of any kind, whatever its constructor began.
func TestDescribeLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, kind := range Limiters(Env{}).Kinds() {
		text := map[string]string{
			"ulule":       "{rate: 10/s, cleanup: 1s}",
			"concurrency": "{limit: 5}", "redis-concurrency": "{limit: 5}",
			"composite":       "{limits: [{kind: gcra, rate: 10/s}]}",
			"redis-composite": "{limits: [{rate: 10/s, burst: 1}]}",
			"switchable":      "{first: {kind: gcra, rate: 10/s}, then: []}",
			"exec":            "{command: nothing, rate: 10/s}",
		}[kind.Name]
		if text == "" {
			text = "{rate: 10/s}"
		}
		doc, err := strictyaml.Parse(kind.Name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		l, _, err := Limiters(Env{}).Build(kind.Name, func(into any) error { return strictyaml.Decode(doc, into).Err() })
		if err != nil {
			t.Errorf("%s: %v", kind.Name, err)
			continue
		}
		d := Describe(l)
		if d.Bound == nil || d.Info.Algorithm == "" || d.Bound(0) < 1 {
			t.Errorf("%s is described as %+v", kind.Name, d)
		}
		if _, closes := limiters.As[limiters.Closer](l); d.Closes != closes {
			t.Errorf("%s closes: %v; want %v", kind.Name, d.Closes, closes)
		}
		if _, releases := limiters.As[limiters.Releaser](l); d.Releases != releases {
			t.Errorf("%s releases: %v; want %v", kind.Name, d.Releases, releases)
		}
	}
}

// mute says nothing of itself, and is loath to close.
type mute struct{}

func (mute) Close(context.Context) error { return errors.New("not now") }

// TestDescribeNothing: of what says nothing, and of nothing at all.
func TestDescribeNothing(t *testing.T) {
	for _, l := range []limiters.Limiter{nil, struct{ limiters.Limiter }{}} {
		if d := Describe(l); d.Bound != nil || d.Releases || d.Closes {
			t.Errorf("%T is described as %+v; want nothing", l, d)
		}
	}
	if d := Describe(struct {
		limiters.Limiter
		mute
	}{}); !d.Closes || d.Bound != nil {
		t.Errorf("what only closes is described as %+v", d)
	}
}
