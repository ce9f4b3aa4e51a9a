package sim

import (
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/targets"
)

// Item is a request as an item, which is worth nothing any more when its caller
// leaves, or deadline after it was due if that is earlier and not 0.
func Item(r *targets.Request, deadline time.Duration) pipelines.Item {
	it := pipelines.Item{
		Token: r.Token, Class: r.Class, Priority: r.Class, Key: flow(r), Size: int64(r.Size),
		Intended: r.Intended, Deadline: r.Deadline,
	}
	if deadline > 0 {
		it.Deadline = min(it.Deadline, r.Intended+deadline)
	}
	return it
}

// flow numbers keys, those without a number by a hash (Fowler, Noll and Vo, 1a).
func flow(r *targets.Request) uint64 {
	if r.KeyID != generators.NoKeyID {
		return uint64(r.KeyID)
	}
	h := uint64(14695981039346656037)
	for i := range len(r.Key) {
		h = (h ^ uint64(r.Key[i])) * 1099511628211
	}
	return h
}
