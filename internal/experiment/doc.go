// Package experiment makes runs. It is the one door for everybody who wants some:
// the run command, a gate, a search for capacity, an agent on another machine.
//
// One run, step by step:
//
//  1. A [World] holds what all runs share of the outside: a Redis, the dialer, what
//     is known about this machine.
//  2. [World.Prepare] makes a [Plan] of a scenario. It checks the hosts, and walks
//     through the whole schedule once, which gives its digest and refuses what
//     brings more than max_rate.
//  3. [World.Open] connects a subject. It collects the heap once. What it returns
//     serves any number of trials.
//  4. [Opened.Run] makes one: it gives the runner a trial of the target with a shard
//     of results for each lane, and witnesses who judge decisions, tell of faults
//     or keep a log.
//  5. What came of it is merged into one [results.Run] with its costs, its accuracy
//     and a verdict on itself, and, where decisions are made in process, with what
//     they cost when nothing waits, on fresh state.
//  6. [Opened.Close] disconnects.
//
// [Run] does so for every subject and repeat of a scenario, or of several: each
// repeat takes all subjects in a seeded random order, each opened anew. Runs in
// virtual time are made beside each other, on all cores.
//
// Time is the world's, or virtual. A subject that reads the clock itself follows
// virtual time in a bubble: a process of its own, which makes the one run it is told to.
package experiment
