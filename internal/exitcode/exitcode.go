// Package exitcode has the codes that the program ends with. Scripts rely on them; they
// do not change. None but Pass collides with what others mean: a panic and make end with
// 2, and most programs with 1.
package exitcode

// The codes.
const (
	Pass         = 0
	Error        = 1   // something broke
	Usage        = 2   // the command line or a scenario is wrong
	Missed       = 10  // a threshold was missed, a run given up, or something regressed
	Inconclusive = 11  // neither a pass nor a regression is proved
	Invalid      = 12  // the generator was the bottleneck, or runs are not comparable
	NoData       = 13  // nothing to judge
	Interrupted  = 130 // stopped by a signal; what was measured is written
)
