package experiment

import (
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/seed"
)

// Job is one run to be made.
type Job struct {
	Plan    *Plan
	Subject scenario.Subject
	Repeat  int // from 1
	Place   int // of the trial among those of all plans, from 1
}

// Order is the order of the runs: all subjects of all plans once per repeat,
// shuffled by the seed of the first.
func Order(plans []*Plan) (all []Job) {
	for repeat := 1; ; repeat++ {
		jobs := round(plans, repeat)
		if len(jobs) == 0 {
			return all
		}
		shuffle(seed.New(plans[0].Scenario.Seed).Sub("order").Index(uint64(repeat-1)), jobs)
		all = append(all, jobs...)
	}
}

// round is every trial that has so many repeats, in the order of the plans.
func round(plans []*Plan, repeat int) (jobs []Job) {
	place := 0
	for _, p := range plans {
		for _, subject := range p.Scenario.Subjects {
			if place++; repeat <= p.Scenario.Repeats {
				jobs = append(jobs, Job{p, subject, repeat, place})
			}
		}
	}
	return jobs
}

// shuffle is Fisher and Yates' algorithm.
func shuffle(r seed.Stream, jobs []Job) {
	for i := len(jobs) - 1; i > 0; i-- {
		j := int(r.Uint64(uint64(i)) % uint64(i+1))
		jobs[i], jobs[j] = jobs[j], jobs[i]
	}
}
