// Package whatif says what limiters would decide about arrivals, without sending any of
// them: the arrivals of a schedule, generated or recorded, go through the exact model of
// every limiter (package oracle), which is neither the limiter nor a run of it. So
// what it says of a limiter on Redis needs no Redis, and a run can contradict it.
//
// [Look] takes the points of a grid; [Lowest] asks the other way round, which rate
// rejects no more than a share.
package whatif
