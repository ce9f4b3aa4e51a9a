// Package headroom says what a capacity is worth against the traffic that was
// observed: how many times its peak that is, for how many weeks of growth it suffices,
// how many instances the peak needs, and what a million requests cost.
//
// A capacity is an [Interval], and so is everything that follows from it. What several
// instances take together is either so many times what one takes ([Linear]), or was
// measured ([Curve]): the universal scalability law through what was measured, with a
// band, as far as twice the largest number of instances, and no further.
//
// The package knows no clock, no file and no network, and starts no goroutine.
package headroom
