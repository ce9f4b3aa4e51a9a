package pipelines_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/conformance"
)

// must makes a constructor and its config a maker of policies.
func must[C any](t *testing.T, c C, construct func(C) (pipelines.Policy, error)) func() pipelines.Policy {
	return func() pipelines.Policy {
		p, err := construct(c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

var (
	small    = pipelines.Config{Capacity: 20}
	ofFlow   = func(it pipelines.Item) int64 { return int64(it.Key) }
	urgency  = func(it pipelines.Item) int64 { return int64(it.Priority) }
	deadline = func(it pipelines.Item) int64 { return int64(it.Deadline) }
)

func smallCoDel() pipelines.CoDelConfig {
	c := pipelines.DefaultCoDelConfig()
	c.Config = small
	return c
}

// consumer is one of a broker that keeps 20, which pauses at 8 and goes on at low.
func consumer(fetch time.Duration, low units.Count) pipelines.BrokerConfig {
	return pipelines.BrokerConfig{Config: pipelines.Config{Capacity: 3}, Partition: 20, MaxPoll: 4, Fetch: units.Duration(fetch), High: 8, Low: low, Memory: 1 << 20}
}

// TestPoliciesConform: every policy keeps the promises of the contract.
func TestPoliciesConform(t *testing.T) {
	timeout := pipelines.DefaultOfferTimeoutConfig()
	timeout.Config = small
	expire := pipelines.ExpireConfig{Config: small}
	fq := pipelines.DefaultFQCoDelConfig()
	fq.CoDelConfig = smallCoDel()
	slack := pipelines.SlackConfig{Config: small, Standing: units.Duration(20 * time.Millisecond)}
	weighted := pipelines.DefaultWeightedConfig()
	weighted.Config = pipelines.Config{Capacity: 30}
	lastTogether := func(it pipelines.Item) int64 { return min(int64(it.Priority), int64(len(weighted.Weights)-1)) }
	for _, c := range []struct {
		name   string
		fresh  func() pipelines.Policy
		order  conformance.Order
		causes []pipelines.Cause
	}{
		{"none", must(t, pipelines.NoneConfig{Memory: 16 << 10}, pipelines.NewNone), conformance.Oldest, causes(pipelines.MemoryGuard)},
		{"unbuffered", must(t, struct{}{}, pipelines.NewUnbuffered), conformance.Oldest, nil},
		{"block", must(t, small, pipelines.NewBlock), conformance.Oldest, nil},
		{"expand", must(t, small, pipelines.NewExpand), conformance.Oldest, nil},
		{"broker", must(t, consumer(0, 0), pipelines.NewBroker), conformance.Oldest, causes(pipelines.QueueFull)},
		{"drop-newest", must(t, small, pipelines.NewDropNewest), conformance.Oldest, causes(pipelines.QueueFull)},
		{"offer-timeout", must(t, timeout, pipelines.NewOfferTimeout), conformance.Oldest, nil},
		{"drop-oldest", must(t, small, pipelines.NewDropOldest), conformance.Oldest, causes(pipelines.DroppedOldest)},
		{"drop-tail", must(t, small, pipelines.NewDropTail), conformance.Oldest, causes(pipelines.DroppedTail)},
		{"drop-buffer", must(t, small, pipelines.NewDropBuffer), conformance.Oldest, causes(pipelines.DroppedBuffer)},
		{"latest", must(t, struct{}{}, pipelines.NewLatest), conformance.Oldest, causes(pipelines.Conflated)},
		{"fail", must(t, small, pipelines.NewFail), conformance.Oldest, causes(pipelines.Overflow, pipelines.StreamFailed)},
		{"expire", must(t, expire, pipelines.NewExpire), conformance.Oldest, causes(pipelines.QueueFull, pipelines.Expired)},
		{"codel", must(t, smallCoDel(), pipelines.NewCoDel), conformance.Oldest, causes(pipelines.QueueFull, pipelines.Sojourn)},
		{"codel-network", must(t, smallCoDel(), pipelines.NewCoDelNetwork), conformance.Oldest, causes(pipelines.QueueFull, pipelines.Sojourn)},
		{"adaptive-lifo", must(t, smallCoDel(), pipelines.NewAdaptiveLIFO), conformance.OldestOrNewest, causes(pipelines.DroppedOldest, pipelines.Sojourn)},
		{"fq-codel", must(t, fq, pipelines.NewFQCoDel), conformance.OldestOf(ofFlow), causes(pipelines.FattestFlow, pipelines.Sojourn)},
		{"slack", must(t, slack, pipelines.NewSlack), conformance.OldestOrNewest, causes(pipelines.DroppedOldest, pipelines.Expired)},
		{"static-oracle", must(t, slack, pipelines.NewStaticOracle), conformance.OldestOrNewest, causes(pipelines.DroppedOldest, pipelines.Expired)},
		{"edf", must(t, small, pipelines.NewEDF), conformance.First(deadline), causes(pipelines.QueueFull, pipelines.Expired)},
		{"priority", must(t, small, pipelines.NewPriority), conformance.First(urgency), causes(pipelines.QueueFull, pipelines.Displaced)},
		{"weighted-priority", must(t, weighted, pipelines.NewWeighted), conformance.OldestOf(lastTogether), causes(pipelines.QueueFull)},
	} {
		t.Run(c.name, func(t *testing.T) {
			conformance.Run(t, c.fresh, conformance.Options{Order: c.order, Causes: c.causes})
		})
	}
}

func causes(all ...pipelines.Cause) []pipelines.Cause { return all }
