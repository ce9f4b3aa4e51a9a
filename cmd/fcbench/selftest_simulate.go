package main

import (
	"runtime"
	"sync"

	"github.com/fcbench/fcbench/results/paired/worlds"
)

// claimCounts are the numbers of claims for which rates are published.
var claimCounts = [...]int{1, 6, 20}

// job is some gates of a row, or what the plan says of it.
type job struct {
	row, from, to int
	plan          bool
}

// gatesAtOnce are given to one core, so that all are busy until the end.
const gatesAtOnce = 250

// simulate plays all rows on all cores. Gates are numbered, and which core plays
// one changes nothing.
func simulate(gates int, seed uint64) ([]worlds.Row, error) {
	var rows []playedRow
	for _, w := range worlds.Worlds() {
		for _, claims := range claimCounts {
			rows = append(rows, playedRow{world: w, claims: claims})
		}
	}
	jobs := make(chan job)
	go func() {
		defer close(jobs)
		for i := range rows {
			jobs <- job{i, 0, 2 * gates, true}
			for from := 0; from < gates; from += gatesAtOnce {
				jobs <- job{i, from, min(from+gatesAtOnce, gates), false}
			}
		}
	}()
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for j := range jobs {
				rows[j.row].do(j, seed+uint64(j.row))
			}
		})
	}
	all.Wait()
	var table []worlds.Row
	for i := range rows {
		r := &rows[i]
		if r.err != nil {
			return nil, r.err
		}
		table = append(table, r.world.Row(r.claims, r.counts, r.predicted))
	}
	return table, nil
}

// playedRow is a row that is being played.
type playedRow struct {
	world  worlds.World
	claims int

	adding    sync.Mutex
	counts    worlds.Counts
	predicted float64
	err       error
}

func (s *playedRow) do(j job, seed uint64) {
	var c worlds.Counts
	var predicted float64
	var err error
	if j.plan {
		predicted, err = s.world.Predict(s.claims, seed, j.to)
	} else {
		c, err = s.world.Play(s.claims, seed, j.from, j.to)
	}
	s.adding.Lock()
	defer s.adding.Unlock()
	s.counts.Add(c)
	s.predicted += predicted
	if err != nil {
		s.err = err
	}
}
