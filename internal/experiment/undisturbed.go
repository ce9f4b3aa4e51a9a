package experiment

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// undisturbed is the 99th percentile of response times of the subject under the same
// seed without the overload; 0 where nobody knows. Only in virtual time is a run made to
// find out, once for all that it is the same for: in real time it would take as long
// again, and be another moment of the machine.
func (r *one) undisturbed(ctx context.Context) time.Duration {
	calm := r.Scenario.Undisturbed
	if calm == nil || r.time != results.Virtual {
		return 0
	}
	i := slices.IndexFunc(calm.Subjects, func(s scenario.Subject) bool { return s.Name == r.subject.Name })
	if i < 0 {
		return 0
	}
	find := sync.OnceValue(func() time.Duration { return r.calmly(ctx, calm, calm.Subjects[i]) })
	known, _ := r.world.calm.LoadOrStore(calm.IdentityOf(calm.Subjects[i]), find)
	return known.(func() time.Duration)()
}

// calmly makes that run.
func (r *one) calmly(ctx context.Context, calm *scenario.Scenario, subject scenario.Subject) time.Duration {
	p, err := r.world.Prepare(ctx, calm, r.time)
	if err != nil {
		return 0
	}
	run, err := p.once(ctx, Trial{Plan: p, Repeat: 1, Order: 1, Of: 1, Beside: true, Brief: true}, subject, nobody{})
	if err != nil || run.Partial || run.Latency.Response[results.OK.String()] == nil {
		return 0
	}
	return time.Duration(run.Latency.Response[results.OK.String()].P99NS)
}
