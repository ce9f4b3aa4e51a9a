package builtin

import (
	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
)

// Pipelines are the queue policies: what a pipeline does when more arrives than
// leaves.
func Pipelines() catalog.Catalog[pipelines.Policy] {
	return catalog.New("pipeline",
		catalog.Define("none", "no back-pressure: a queue without a bound, but for a guard of memory", pipelines.DefaultNoneConfig(), pipelines.NewNone),
		catalog.Define("unbuffered", "the source waits until a worker takes it, as on a channel without a buffer", struct{}{}, pipelines.NewUnbuffered),
		catalog.Define("block", "the source waits, as on a channel with a buffer", pipelines.DefaultConfig(), pipelines.NewBlock),
		catalog.Define("offer-timeout", "the source waits for a while, then drops", pipelines.DefaultOfferTimeoutConfig(), pipelines.NewOfferTimeout),
		catalog.Define("drop-newest", "the newcomer is dropped when it is full, as by select with default", pipelines.DefaultConfig(), pipelines.NewDropNewest),
		catalog.Define("drop-oldest", "the oldest makes room", pipelines.DefaultConfig(), pipelines.NewDropOldest),
		catalog.Define("drop-tail", "the youngest inside makes room", pipelines.DefaultConfig(), pipelines.NewDropTail),
		catalog.Define("drop-buffer", "all inside make room", pipelines.DefaultConfig(), pipelines.NewDropBuffer),
		catalog.Define("latest", "one slot, which the newest has", struct{}{}, pipelines.NewLatest),
		catalog.Define("expand", "the source waits, and a consumer that is faster has the last one again", pipelines.DefaultConfig(), pipelines.NewExpand),
		catalog.Define("broker", "a partition, a consumer that fetches ahead and pauses by water marks, and a queue of its workers", pipelines.DefaultBrokerConfig(), pipelines.NewBroker),
		catalog.Define("fail", "the stream ends when it overflows", pipelines.DefaultConfig(), pipelines.NewFail),
		catalog.Define("expire", "what is too late is dropped before service", pipelines.DefaultExpireConfig(), pipelines.NewExpire),
		catalog.Define("codel", "CoDel for services: after an interval above the target, who waits for twice that is shed", pipelines.DefaultCoDelConfig(), pipelines.NewCoDel),
		catalog.Define("codel-network", "CoDel as in RFC 8289: one is shed after ever shorter times", pipelines.DefaultCoDelConfig(), pipelines.NewCoDelNetwork),
		catalog.Define("adaptive-lifo", "the newest first while the queue stands, and nobody waits long", pipelines.DefaultCoDelConfig(), pipelines.NewAdaptiveLIFO),
		catalog.Define("fq-codel", "CoDel for each flow, round robin among them: fair to keys", pipelines.DefaultFQCoDelConfig(), pipelines.NewFQCoDel),
		catalog.Define("slack", "who will be in time: the oldest of them, the newest while the queue stands; learns how long service takes", pipelines.DefaultSlackConfig(), pipelines.NewSlack),
		catalog.Define("static-oracle", "no strategy: the same, told the capacity at every instant, as others are measured by it", pipelines.DefaultSlackConfig(), pipelines.NewStaticOracle),
		catalog.Define("edf", "the earliest deadline first, and nothing that is too late", pipelines.RoomyConfig(), pipelines.NewEDF),
		catalog.Define("priority", "the most urgent stream first, strictly", pipelines.RoomyConfig(), pipelines.NewPriority),
		catalog.Define("weighted-priority", "streams in proportion to weights", pipelines.DefaultWeightedConfig(), pipelines.NewWeighted),
	)
}

// Services are the laws of how long a worker of a stage takes.
func Services() catalog.Catalog[generators.Law] { return laws[units.Duration]("service law") }
