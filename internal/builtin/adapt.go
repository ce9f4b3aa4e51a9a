package builtin

import (
	"github.com/fcbench/fcbench/limiters"
)

// as makes a constructor of one limiter a constructor of limiters.
func as[C any, L limiters.Limiter](construct func(C) (L, error)) func(C) (limiters.Limiter, error) {
	return func(c C) (limiters.Limiter, error) { return construct(c) }
}

// any1 makes a constructor of one target a constructor of targets.
func any1[C, T any](construct func(C) (T, error)) func(C) (any, error) {
	return func(c C) (any, error) { return construct(c) }
}

// Workers is how many callers a limiter takes at once; 0 for one that is
// called in the runner's loop.
func Workers(l limiters.Limiter) int {
	if c, ok := l.(interface{ Workers() int }); ok {
		return c.Workers()
	}
	return 0
}
