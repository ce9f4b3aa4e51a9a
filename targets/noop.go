package targets

import (
	"context"

	"github.com/fcbench/fcbench/results"
)

// Noop is the null target: it says ok and does nothing else, so that what is
// measured is the generator itself.
type Noop struct{}

// NewNoop returns the null target.
func NewNoop(struct{}) (Noop, error) { return Noop{}, nil }

// Do answers ok.
func (Noop) Do(context.Context, *Request) Response { return Response{Outcome: results.OK} }

// Inline marks it as callable from the runner's loop.
func (Noop) Inline() {}
