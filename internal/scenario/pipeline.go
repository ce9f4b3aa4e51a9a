package scenario

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
)

// pipelineDocument is what a pipeline has beside the values of its kind, which
// are those of its first queue.
type pipelineDocument struct {
	stageDocument `yaml:",inline"`
	// Deadline is how long after it was due an item is worth nothing; none: the
	// scenario's slo.
	Deadline units.Duration `yaml:"deadline,omitempty"`
	// Limiter is asked before the first queue: what it refuses is dropped.
	Limiter *strictyaml.Node `yaml:"limiter,omitempty"`
	// Control is what changes the pipeline while it runs.
	Control *strictyaml.Node `yaml:"control,omitempty"`
	// Then are the stages that follow, each with the queue before it.
	Then []laterDocument `yaml:"then,omitempty"`
}

// laterDocument is a stage that is not the first.
type laterDocument struct {
	Queue         *strictyaml.Node `yaml:"queue"`
	stageDocument `yaml:",inline"`
}

// stageDocument is a pool of workers.
type stageDocument struct {
	Workers int              `yaml:"workers"`
	Service *strictyaml.Node `yaml:"service"` // how long one of them takes: a law
	// Batch is how many of those that are there a worker takes at most at once. It
	// serves them together, which takes Setup and the service of each.
	Batch int            `yaml:"batch,omitempty"`
	Setup units.Duration `yaml:"setup,omitempty"`
	// Allocate is how much memory each item is given while it is served, in real time.
	Allocate units.Size `yaml:"allocate,omitempty"`
	// Drift is by which share of itself service takes longer for each second of the run.
	Drift float64 `yaml:"drift,omitempty"`
	// Changes are other paces from given instants on.
	Changes []changeDocument `yaml:"changes,omitempty"`
}

// changeDocument is a pace from an instant of the run on, warm-up included.
type changeDocument struct {
	At      units.Duration `yaml:"at"`
	Slower  float64        `yaml:"slower,omitempty"`  // service takes so many times as long; none: once
	Stopped bool           `yaml:"stopped,omitempty"` // the workers stand still
}

const (
	defaultWorkers = 10
	defaultService = "exponential:10ms"
	defaultQueue   = "block"
)

func newStageDocument() stageDocument {
	return stageDocument{Workers: defaultWorkers, Batch: 1, Service: strictyaml.NewScalar("service", defaultService)}
}

func newPipelineDocument() pipelineDocument {
	return pipelineDocument{stageDocument: newStageDocument()}
}

// PipelineDefaults are the values that a pipeline of any kind has beside its own,
// as a config to list.
func PipelineDefaults() any { return newPipelineDocument() }

// pipeline builds a pipeline once, to check it.
func (p *parser) pipeline(s *Scenario, n *strictyaml.Node) Subject {
	out := Subject{family: "pipeline", node: n, Scope: "pipeline", virtual: true, lanes: 1}
	d := newPipelineDocument()
	name, decode := strictyaml.Part(n)
	if n.Kind() == strictyaml.Map {
		own := keysOf(d)
		decode = func(into any) error { return strictyaml.Decode(n, into, append(own, "kind")...).Err() }
		p.add(strictyaml.Decode(only(n, own), &d))
	}
	policy, config, full := build(p, builtin.Pipelines(), n, name, decode)
	if full == nil || policy == nil {
		return out
	}
	out.full, out.flow.Deadline = full, d.Deadline.Std()
	if out.flow.Deadline == 0 {
		out.flow.Deadline = s.SLO
	}
	service := seed.New(s.Seed).Sub("service")
	out.flow.Stages = []sim.Stage{p.stage(n, full, d.stageDocument, service, name, config)}
	if out.flow.Deadline != 0 {
		full.Put("deadline", strictyaml.NewScalar("", units.Duration(out.flow.Deadline).String()))
	}
	p.control(&out, full, d)
	p.then(&out, n, full, service)
	if stages := len(out.flow.Stages); stages > 1 && d.Control != nil {
		s.note("the control of a pipeline of %d stages changes the workers and the batch of the first alone", stages)
	}
	_, err := sim.New(out.flow)
	p.add(n.At(err))
	return out
}

// keysOf are the keys of a config.
func keysOf(config any) (keys []string) {
	for _, f := range strictyaml.Fields(config) {
		keys = append(keys, f.Name)
	}
	return keys
}

// only is a map with these keys alone.
func only(n *strictyaml.Node, keys []string) *strictyaml.Node {
	out := strictyaml.NewMap(n.Pos().Origin)
	for key, value := range n.All() {
		if slices.Contains(keys, key) {
			out.Put(key, value)
		}
	}
	return out
}

// then builds the stages after the first.
func (p *parser) then(out *Subject, n, full *strictyaml.Node, service seed.Stream) {
	items := n.Get("then").Items()
	if len(items) == 0 {
		return
	}
	list := strictyaml.NewList("")
	for i, item := range items {
		d := laterDocument{Queue: strictyaml.NewScalar("queue", defaultQueue), stageDocument: newStageDocument()}
		strictyaml.Decode(item, &d) // whose problems are known
		described := strictyaml.NewMap("")
		_, config, queue := part(p, builtin.Pipelines(), d.Queue)
		if queue == nil {
			continue
		}
		described.Put("queue", queue)
		out.flow.Stages = append(out.flow.Stages, p.stage(item, described, d.stageDocument, service.Index(uint64(i)), queue.Get("kind").String(), config))
		list.Append(described)
	}
	full.Put("then", list)
}

// stage builds a stage behind the queue of a kind, and describes its workers.
func (p *parser) stage(n, full *strictyaml.Node, d stageDocument, draws seed.Stream, kind string, config any) sim.Stage {
	full.Put("workers", strictyaml.NewScalar("", fmt.Sprint(d.Workers)))
	law := put(p, full, "service", builtin.Services(), d.Service)
	out := sim.Stage{
		Workers: d.Workers, Pace: p.pace(n, d), Batch: p.batch(n, d), Setup: d.Setup.Std(), Allocate: p.allocate(n, d), Mean: 1, // of no law, which is a problem already
		Service: func(seq uint64) time.Duration { return time.Duration(law.Draw(draws, seq)) },
	}
	for _, key := range []string{"batch", "setup", "allocate", "drift", "changes"} {
		if value := n.Get(key); value != nil {
			full.Put(key, value)
		}
	}
	if law != nil {
		out.Mean = law.Mean()
	}
	out.Policy = func() (pipelines.Policy, error) {
		policy, err := builtin.Pipelines().Make(kind, config)
		if told, ok := policy.(pipelines.Informed); ok {
			told.Inform(truth(out, law, draws.Sub("truth")))
		}
		return policy, err
	}
	return out
}

// batch refuses one that no worker can take, with its place.
func (p *parser) batch(n *strictyaml.Node, d stageDocument) int {
	if err := sim.CheckBatch(d.Batch); err != nil {
		p.add(at(n, "batch").At(err))
		return 1
	}
	return d.Batch
}

// allocate refuses what no item can be given, with its place.
func (p *parser) allocate(n *strictyaml.Node, d stageDocument) int64 {
	if err := sim.CheckAllocate(int64(d.Allocate)); err != nil {
		p.add(at(n, "allocate").At(err))
		return 0
	}
	return int64(d.Allocate)
}

// truth is what only oracles know of a stage. It is found by other draws than those
// of the run, as it is no knowledge of what comes next.
func truth(s sim.Stage, law generators.Law, draws seed.Stream) pipelines.Truth {
	const few, many = 50, 1000
	out := pipelines.Truth{End: s.Pace.End}
	s.Pace, s.Service = sim.Pace{}, func(seq uint64) time.Duration { return time.Duration(law.Draw(draws, seq)) }
	most := s.Most()
	took := make([]time.Duration, min(max(few, 64*many/most), many))
	for k := range took {
		took[k] = s.End(0, func(i int) uint64 { return uint64(k*most + i) }, most)
	}
	slices.Sort(took)
	out.Nearly, out.Hardly = took[len(took)*98/100], took[len(took)*20/100]
	return out
}

// pace turns factors into millionths.
func (p *parser) pace(n *strictyaml.Node, d stageDocument) (out sim.Pace) {
	var ok bool
	if out.Drift, ok = millionths(d.Drift); !ok {
		p.problem(n.Get("drift"), "drift is %v; want 0 to 1000000, such as 0.01 for 1 %% a second", d.Drift)
	}
	items := n.Get("changes").Items()
	for i, c := range d.Changes {
		change := sim.Change{At: c.At.Std(), Slower: sim.One}
		switch slower, ok := millionths(c.Slower); {
		case c.Stopped && c.Slower != 0:
			p.problem(items[i], "slower stands beside stopped; want one of them")
		case c.Stopped:
			change.Slower = 0
		case c.Slower != 0 && (!ok || slower == 0):
			p.problem(at(items[i], "slower"), "slower is %v; want more than 0 and at most 1000000, or stopped: true", c.Slower)
		case c.Slower != 0:
			change.Slower = slower
		}
		out.Changes = append(out.Changes, change)
	}
	return out
}

// millionths are exact for factors with up to six digits after the point.
func millionths(factor float64) (n int64, ok bool) {
	if !(factor >= 0 && factor <= sim.One) {
		return 0, false
	}
	return int64(math.Round(factor * sim.One)), true
}
