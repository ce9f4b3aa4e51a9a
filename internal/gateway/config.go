package gateway

import (
	"slices"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// document is what a user writes, in a file or in flags. Parts that have more than
// one form are kept as nodes.
type document struct {
	Listen  string           `yaml:"listen"`
	Seed    uint64           `yaml:"seed"`
	Limiter *strictyaml.Node `yaml:"limiter"` // as among the subjects of a scenario; none: nothing limits
	Key     Key              `yaml:"key"`
	Headers string           `yaml:"headers"`
	Service *strictyaml.Node `yaml:"service"` // a law: how long a server takes; none: no time
	Servers int              `yaml:"servers"` // 0: one for each request
	Queue   int              `yaml:"queue"`   // places to wait where all servers are busy
	Stall   *strictyaml.Node `yaml:"stall"`
	Errors  *strictyaml.Node `yaml:"errors"`
	Body    *strictyaml.Node `yaml:"body"` // a law: bytes of an answer
	// CloseEvery is after how many answers a connection is closed; 0: never.
	CloseEvery  int            `yaml:"close_every"`
	IdleTimeout units.Duration `yaml:"idle_timeout"` // after which a connection is closed; 0: never
}

const (
	defaultSeed  = 1
	defaultQueue = 1000
	maxServers   = 1 << 16
	maxQueue     = 1 << 20
	maxBody      = 1 << 30
)

// Plan is a checked document.
type Plan struct {
	Listen      string
	CloseEvery  int
	IdleTimeout time.Duration

	seed     uint64
	key      Key
	limiter  limiterPlan
	headers  headers
	law      generators.Law // nil for no time
	servers  int
	queue    int
	calendar calendar
	errors   []errorPlan
	body     generators.Law // nil for none
}

// limiterPlan is a limiter to be made.
type limiterPlan struct {
	kind   string // "" for none
	config any
	redis  bool
}

// NeedsRedis reports whether the limiter asks a Redis.
func (p *Plan) NeedsRedis() bool { return p.limiter.redis }

// NewPlan checks a document and returns its plan, or everything that is wrong with it.
func NewPlan(doc *strictyaml.Node) (*Plan, error) {
	d := document{Listen: DefaultListen, Seed: defaultSeed, Key: Key{from: fromRemote}, Headers: allHeaders, Queue: defaultQueue}
	c := &checker{}
	c.add(strictyaml.Decode(doc, &d))
	p := &Plan{
		Listen: d.Listen, CloseEvery: d.CloseEvery, IdleTimeout: d.IdleTimeout.Std(),
		seed: d.Seed, key: d.Key, servers: d.Servers, queue: d.Queue,
	}
	c.listen(doc, d.Listen)
	c.limiter(p, doc, d.Limiter)
	c.headers(p, doc, d.Headers)
	p.law = law(c, builtin.Services(), d.Service)
	c.station(doc, d)
	p.calendar = c.stall(d.Stall)
	p.errors = c.errors(d.Errors)
	c.body(p, d.Body)
	c.within(doc, "close_every", int64(d.CloseEvery), 0, 1<<31)
	if d.IdleTimeout < 0 {
		c.problem(at(doc, "idle_timeout"), "idle_timeout is %v; want 0s or more", d.IdleTimeout)
	}
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// checker collects the problems of one document.
type checker struct{ problems strictyaml.Problems }

func (c *checker) add(more strictyaml.Problems) { c.problems = append(c.problems, more...) }

func (c *checker) problem(n *strictyaml.Node, format string, args ...any) {
	if !slices.ContainsFunc(c.problems, func(known strictyaml.Problem) bool { return known.Pos == n.Pos() }) {
		c.problems = append(c.problems, n.Problemf(format, args...))
	}
}

// within refuses a number out of range.
func (c *checker) within(doc *strictyaml.Node, key string, n, least, most int64) {
	if n < least || n > most {
		c.problem(at(doc, key), "%s is %d; want %d to %d", key, n, least, most)
	}
}

// at is the node of a key, or the document where there is none.
func at(doc *strictyaml.Node, key string) *strictyaml.Node {
	if n := doc.Get(key); n != nil {
		return n
	}
	return doc
}

// law builds what a node describes; nil where there is none or a problem.
func law(c *checker, kinds catalog.Catalog[generators.Law], n *strictyaml.Node) generators.Law {
	if n == nil {
		return nil
	}
	kind, decode := strictyaml.Part(n)
	l, _, err := kinds.Build(kind, decode)
	if err != nil {
		c.add(n.At(err))
		return nil
	}
	return l
}

// station checks what makes no sense without servers.
func (c *checker) station(doc *strictyaml.Node, d document) {
	c.within(doc, "servers", int64(d.Servers), 0, maxServers)
	c.within(doc, "queue", int64(d.Queue), 0, maxQueue)
	if n := doc.Get("servers"); n != nil && d.Servers > 0 && d.Service == nil {
		c.problem(n, "servers is %d without a service; want how long one takes, such as service: exponential:2ms (--service)", d.Servers)
	}
	if n := doc.Get("queue"); n != nil && d.Servers == 0 {
		c.problem(n, "queue is %d, but each request has a server of its own; want servers as well (--servers)", d.Queue)
	}
}

func (c *checker) body(p *Plan, n *strictyaml.Node) {
	p.body = law(c, builtin.Sizes(), n)
	if p.body == nil {
		return
	}
	if least, _ := p.body.Range(); least > maxBody {
		c.problem(n, "body is %v or more; want at most %v", units.Size(least), units.Size(maxBody))
	}
}

// limiter makes the limiter once, to check it.
func (c *checker) limiter(p *Plan, doc, n *strictyaml.Node) {
	if n == nil {
		for _, key := range []string{"key", "headers"} {
			if extra := doc.Get(key); extra != nil {
				c.problem(extra, "%s stands without a limiter; want one, such as limiter: gcra:100/s:20 (--limiter)", key)
			}
		}
		return
	}
	kind, decode := strictyaml.Part(n)
	l, config, err := builtin.Limiters(builtin.Env{}).Build(kind, decode)
	if err != nil {
		c.add(n.At(err))
		return
	}
	d := builtin.Describe(l)
	if d.Client == builtin.Wire {
		c.problem(n, "client is wire, and a gateway calls its limiter; want go-redis, or auto, which is that here")
	}
	p.limiter = limiterPlan{kind: kind, config: config, redis: d.Info.Scope == "redis"}
}
