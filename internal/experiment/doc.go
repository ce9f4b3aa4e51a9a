// Package experiment makes runs of scenarios: it checks them, connects what they
// measure, has the runner send the load, and makes a result of what came of it.
//
// One run, step by step:
//
//  1. A [World] holds what all runs share of the outside: a Redis, once one is
//     needed, and what is known about this machine.
//
//  2. [World.Prepare] makes a [Plan] of a scenario. It checks the hosts, and walks
//     through the whole schedule once ([Walk]), which gives its digest and refuses
//     what brings more than max_rate. Nothing is sent.
//
//  3. [World.Open] collects the heap and connects a subject; for one on Redis it
//     starts or finds the server first ([World.Ready]). What it returns serves any
//     number of trials.
//
//  4. [Opened.Run] makes one. The runner gets a trial of the target with a shard of
//     results for each lane, a meter of this process and of those under load, and
//     the witnesses that there are: a judge of decisions, one that tells what faults
//     did, a log of all attempts.
//
//  5. What came of it is merged into one [results.Run] with its costs, its accuracy
//     and a verdict on itself. Where decisions are made in process and in real time,
//     the same keys are decided once more, on fresh state and as fast as can be, for
//     what a decision costs.
//
//  6. [Opened.Close] disconnects.
//
// [Run] does so for every subject and repeat of a scenario, or of several, between
// the hooks of the scenario: each repeat takes all subjects in a seeded random order,
// each opened anew. Runs in virtual time are made beside each other, on all cores.
//
// Time is the world's, or virtual. A subject that reads the clock itself follows
// virtual time in a bubble: a process of its own, which makes the one run it is told to.
package experiment
