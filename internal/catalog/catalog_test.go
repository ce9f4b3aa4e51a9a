package catalog

import (
	"errors"
	"slices"
	"testing"
)

// A greeter is something to make kinds of.
type greeter interface{ greet() string }

type politeConfig struct{ Name string }

type polite struct{ name string }

func (p polite) greet() string { return "Good day, " + p.name }

var errNoName = errors.New(`name is ""; want a name`)

func newPolite(c politeConfig) (greeter, error) {
	if c.Name == "" {
		return nil, errNoName
	}
	return polite{c.Name}, nil
}

type curt struct{}

func (curt) greet() string { return "Hi" }

func greeters() Catalog[greeter] {
	return New("greeter",
		Define("polite", "names whom it greets", politeConfig{Name: "world"}, newPolite),
		Define("curt", "does not", struct{}{}, func(struct{}) (greeter, error) { return curt{}, nil }))
}

func keep(any) error { return nil }

func rename(name string) func(any) error {
	return func(into any) error {
		into.(*politeConfig).Name = name
		return nil
	}
}

func TestBuild(t *testing.T) {
	c := greeters()
	g, config, err := c.Build("polite", rename("reader"))
	if err != nil || g.greet() != "Good day, reader" || config != (politeConfig{"reader"}) {
		t.Errorf("Build = %v, %v, %v", g, config, err)
	}
	g, config, err = c.Build("polite", keep)
	if err != nil || g.greet() != "Good day, world" || config != (politeConfig{"world"}) {
		t.Errorf("Build after another Build = %v, %v, %v; want the defaults again", g, config, err)
	}
}

func TestBuildReportsErrors(t *testing.T) {
	c := greeters()
	unreadable := errors.New("unreadable")
	if _, _, err := c.Build("polite", func(any) error { return unreadable }); err != unreadable {
		t.Errorf("Build with a broken config: %v", err)
	}
	_, config, err := c.Build("polite", rename(""))
	if !errors.Is(err, errNoName) || config != (politeConfig{}) {
		t.Errorf("Build with a refused config = %v, %v", config, err)
	}
	const want = `greeter kind "crut" is unknown; want one of curt, polite`
	if _, _, err := c.Build("crut", keep); err == nil || err.Error() != want {
		t.Errorf("Build of an unknown kind: %v; want %s", err, want)
	}
}

func TestListing(t *testing.T) {
	c := greeters()
	if got := c.Names(); !slices.Equal(got, []string{"polite", "curt"}) {
		t.Errorf("Names = %v", got)
	}
	k := c.Kinds()[0]
	if k.Name != "polite" || k.Doc != "names whom it greets" || k.Config != (politeConfig{"world"}) {
		t.Errorf("Kinds()[0] = %+v", k)
	}
	if c.Noun() != "greeter" {
		t.Errorf("Noun = %s", c.Noun())
	}
}

func TestNewPanics(t *testing.T) {
	one := Define("one", "", struct{}{}, func(struct{}) (greeter, error) { return curt{}, nil })
	nameless := one
	nameless.Name = ""
	for _, kinds := range [][]Kind[greeter]{{one, one}, {nameless}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(%d kinds) did not panic", len(kinds))
				}
			}()
			New("greeter", kinds...)
		}()
	}
}
