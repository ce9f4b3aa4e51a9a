// Package capacity finds the largest value of one quantity, mostly the offered
// rate, at which every goal still holds, and says how sure that is.
//
// It knows no clock and starts no goroutine: it asks for trials, one after the
// other, through a [Measure], and decides from what they observed. The same trials
// give the same answer, bit for bit, so that a search can be replayed from its
// journal, go on where it was interrupted, and be tested on targets whose capacity
// is known (package simulated).
//
// Every goal is a share of bad requests within a budget, such as 1 % over 5 ms, or,
// where a metric has no share, pass or fail of a whole trial. Near the knee slow
// requests come in clumps of hundreds, and so a bound that takes them as independent
// is an order of magnitude too narrow. The interval comes from many short trials
// instead, each with a seed of its own: how much they differ says what one is worth.
//
// The search, in order, begins with a calibration where the plan says so: how fast the generator
// goes with a target that does nothing.
//
//  1. floor: the lowest value has to keep the goals.
//  2. ramp: upwards by doubling, then by 1.3, until a trial fails twice.
//  3. return: below what passed before the overload it has to pass again.
//  4. bisect: until the bracket is 6 % wide.
//  5. local: trials around the estimate; a curve through them (quasi-Poisson), or,
//     where trials either pass or fail and nothing is between, up and down by steps.
//  6. verify: more trials at both ends of the interval, which count like the others.
//  7. descent: overload once, then see how soon the goals hold again.
//
// By MLRsearch (RFC 9971) loads are classified between 3 and 7 instead, by how much of the
// time at each of them trials missed a goal. The interval is then that between two loads, of
// which one keeps the goals and the other does not; no confidence is claimed of it.
package capacity
