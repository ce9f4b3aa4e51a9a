package scenario

import (
	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
)

// statedLimit is what a service is said to limit, each key or all of them.
type statedLimit struct {
	limiters.Config `yaml:",inline"`
	Unkeyed         bool `yaml:"unkeyed,omitempty"` // it does not look at keys
}

// stated is a limiter of which only answers are seen: neither the instant of a
// decision is known, nor its algorithm. It is held to the most that its limit admits.
type stated struct {
	limiters.Described
	unkeyed bool
}

// Info implements [limiters.Described] with what the scenario says.
func (s stated) Info() limiters.Info {
	return limiters.Info{Limit: s.Described.Info().Limit, Unkeyed: s.unkeyed}
}

// stated settles the limit that a service is believed to have.
func (p *parser) stated(s *Scenario, out *Subject, n *strictyaml.Node) {
	if n == nil || out.full == nil {
		return
	}
	c := statedLimit{Config: limiters.DefaultConfig()}
	if problems := strictyaml.Decode(n, &c); problems != nil {
		p.add(problems)
		return
	}
	bucket, err := limiters.NewTokenBucket(c.Config)
	p.add(n.At(err))
	switch {
	case out.Scope != "service":
		p.problem(n, "limit stands beside %s, which nothing limits; want it beside a service, such as http", out.full.Get("kind"))
	case s.Load.Closed:
		p.problem(n, "limit stands beside a closed loop, which is not judged; want an open loop, or no limit")
	case err == nil:
		out.limit = stated{bucket, c.Unkeyed}
		out.full.Put("limit", node(c))
	}
}

// onlyAnswers keeps from a judge what was neither admitted nor refused. A service
// may have charged its limit for what failed or not; left out, what was admitted
// is understated, and no correct service is found wrong.
type onlyAnswers struct{ judges }

func (v onlyAnswers) Observe(o oracle.Observation) {
	if !o.Errored {
		v.judges.Observe(o)
	}
}
