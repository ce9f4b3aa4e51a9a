// Package catalog holds the kinds of a thing that users can name: limiters, key
// laws, output formats. A kind binds a name to a config struct with its
// defaults and to the constructor that takes it; the types of configs are known
// here and nowhere else. There is no registration: one page lists every kind.
package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/nearest"
)

// Kind is one way to make a T.
type Kind[T any] struct {
	Name   string
	Doc    string // one line
	Config any    // the config struct with its defaults, for listings

	Group       string // under what listings show it; "" for nothing
	Recommended bool   // to who has no reason for another

	decode func(decode func(into any) error) (config any, err error)
	make   func(config any) (T, error)
}

// Recommend returns k recommended.
func (k Kind[T]) Recommend() Kind[T] {
	k.Recommended = true
	return k
}

// A Settler is a config with values that stand for something else, such as what
// another value says. Settle puts that in their place, so that what is on
// record says what was in force.
type Settler interface{ Settle() }

// Define binds a name to a constructor and to the config that it starts from.
// What a constructor needs beside its config, such as a client, it closes over.
func Define[T, C any](name, doc string, defaults C, construct func(C) (T, error)) Kind[T] {
	decode := func(decode func(into any) error) (any, error) {
		c := defaults
		if err := decode(&c); err != nil {
			return nil, err
		}
		if s, ok := any(&c).(Settler); ok {
			s.Settle()
		}
		return c, nil
	}
	return Kind[T]{Name: name, Doc: doc, Config: defaults, decode: decode, make: func(config any) (T, error) {
		return construct(config.(C))
	}}
}

// Catalog is the set of kinds of T.
type Catalog[T any] struct {
	noun  string
	kinds []Kind[T]
}

// New returns a catalog in the order given; noun names a T in messages, such as
// "limiter". It panics when a kind lacks a name or two share one, which is a
// mistake in the program.
func New[T any](noun string, kinds ...Kind[T]) Catalog[T] {
	seen := map[string]bool{"": true}
	for _, k := range kinds {
		if seen[k.Name] {
			panic(fmt.Sprintf("catalog: %s kind %q is defined twice or has no name", noun, k.Name))
		}
		seen[k.Name] = true
	}
	return Catalog[T]{noun: noun, kinds: slices.Clone(kinds)}
}

// Build makes a T of the named kind. decode fills the config, which it is
// handed as a pointer to the defaults; config is what decode made of it, for
// the record. Where the constructor refuses the config, that is returned too.
func (c Catalog[T]) Build(name string, decode func(into any) error) (value T, config any, err error) {
	kind, err := c.Kind(name)
	if err != nil {
		return value, nil, err
	}
	if config, err = kind.decode(decode); err != nil {
		return value, nil, err
	}
	value, err = kind.make(config)
	return value, config, err
}

// Make makes a T of the named kind from a config that Build returned, of this
// catalog or of one with the same kinds: what was decoded once is made as often
// as one likes.
func (c Catalog[T]) Make(name string, config any) (value T, err error) {
	kind, err := c.Kind(name)
	if err != nil {
		return value, err
	}
	return kind.make(config)
}

// Kind returns the named kind, or an error that lists those there are.
func (c Catalog[T]) Kind(name string) (Kind[T], error) {
	for _, k := range c.kinds {
		if k.Name == name {
			return k, nil
		}
	}
	return Kind[T]{}, fmt.Errorf("%s kind %q is unknown; want one of %s",
		c.noun, name, strings.Join(nearest.First(name, c.Names()), ", "))
}

// Noun is what a T is called.
func (c Catalog[T]) Noun() string { return c.noun }

// Kinds returns every kind in the order of the catalog.
func (c Catalog[T]) Kinds() []Kind[T] { return slices.Clone(c.kinds) }

// Grouped returns every kind, as of a group.
func (c Catalog[T]) Grouped(name string) []Kind[T] {
	kinds := c.Kinds()
	for i := range kinds {
		kinds[i].Group = name
	}
	return kinds
}

// Names returns the name of every kind in the order of the catalog.
func (c Catalog[T]) Names() []string {
	names := make([]string, len(c.kinds))
	for i, k := range c.kinds {
		names[i] = k.Name
	}
	return names
}
