package gating

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/ci"
)

// profiled is a side whose profile is made up.
type profiled struct {
	side
	text []byte
	err  error
}

func (p *profiled) words() string { return "made up" }

func (p *profiled) profile(_ context.Context, _ int, _ subject, _ turn, file string) (spent, error) {
	return spent{ns: 1000}, errors.Join(p.err, os.WriteFile(file, p.text, 0o600))
}

// TestProfile: both profiles are kept by what opens files for the gate, which says what they
// replace; where one could not be made, or has nothing in it, what was there stays.
func TestProfile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profiles")
	a, b := &profiled{text: zipped(t, profileOf(1e8, 9e8))}, &profiled{text: zipped(t, profileOf(4e8, 9e8))}
	var opened []string
	g := &Gate{
		units: []ci.Unit{{Scenario: "web", Subject: "a b"}}, a: a, b: b,
		Create: func(path string) (io.WriteCloser, error) {
			opened = append(opened, filepath.Base(path))
			return os.Create(path)
		},
	}
	out, err := g.Profile(t.Context(), 0, dir)
	if err != nil || !slices.Equal(opened, []string{"web-a-b-a.pprof", "web-a-b-b.pprof"}) || len(out.Grown) != 1 || out.Grown[0].Function != "sync.lock" || !strings.HasPrefix(out.Text(), "of an operation of web/a b grew: sync.lock") {
		t.Fatalf("%v; opened %v; found %+v: %s", err, opened, out, out.Text())
	}
	held := func() string {
		one, errA := os.ReadFile(out.Files[0])
		two, errB := os.ReadFile(out.Files[1])
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		return string(one) + string(two)
	}
	first := held()
	if first != string(a.text)+string(b.text) {
		t.Error("the files hold other profiles")
	}
	for want, spoil := range map[string]func(){
		"profile of side b: broken":              func() { b.err = errors.New("broken") },
		"profile of side b: nothing was sampled": func() { b.err, b.text = nil, zipped(t, profileOf(0, 0)) },
	} {
		opened = nil
		spoil()
		if _, err := g.Profile(t.Context(), 0, dir); err == nil || !strings.Contains(err.Error(), want) || len(opened) > 0 || held() != first {
			t.Errorf("%v, opened %v; want %q, and what was there", err, opened, want)
		}
	}
	g.Create = nil
	b.err, b.text = nil, a.text
	if _, err := g.Profile(t.Context(), 0, dir); err != nil || held() == first {
		t.Errorf("%v; want another profile, without anybody who says so", err)
	}
}
