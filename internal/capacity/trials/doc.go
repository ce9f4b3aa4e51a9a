// Package trials makes the trials of a search for a capacity out of a scenario:
// each is a run of its own, with its own seed, connections and fresh state.
package trials
