// Package rounds says how often the tests of properties try.
package rounds

// Of returns n, the rounds that a test of a property makes, or a quarter of them
// under the race detector, where each takes ten times as long; what only more of
// them find is no race. `make long` makes them all, or `make test` without it.
func Of(n int) int { return (n + share - 1) / share }

// Some are the cases of a table that are tried: all of them, or every fourth, from the
// first on, under the race detector.
func Some[T any](all []T) []T {
	var some []T
	for i := 0; i < len(all); i += share {
		some = append(some, all[i])
	}
	return some
}
