// Package rounds says how often the tests of properties try.
package rounds

// Of returns n, the rounds that a test of a property makes, or a quarter of them
// under the race detector, where each takes ten times as long; what only more of
// them find is no race. `make long` makes them all.
func Of(n int) int { return (n + share - 1) / share }
