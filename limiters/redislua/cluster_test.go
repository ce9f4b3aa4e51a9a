package redislua_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
)

// TestClusterDecidesAlike has every kind decide on three nodes what it decides on one
// server. One cluster serves them all, since it takes a while to agree.
func TestClusterDecidesAlike(t *testing.T) {
	nodes := redistest.Cluster(t)
	s, err := redisproc.Start(t.Context(), redisproc.Options{Addr: redistest.ClusterURL(nodes)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	three, one := redisproctest.Connect(t, s, 2), redisproctest.Connect(t, redisproctest.Start(t), 2)
	specimen := kind{"naive-redis-token-bucket", as(redislua.NewNaiveTokenBucket), nil}
	for _, pipelined := range []bool{false, true} {
		each(t, func(t *testing.T, k kind) {
			c := redislua.Config{Config: bucket(7, 3*time.Second, 7), Prefix: fmt.Sprint(k.name, pipelined, ":"), InjectTime: true, Pipeline: pipelined}
			p := newPair(k.build(t, three, c), k.build(t, one, c), nodes)
			p.decideAlike(t)
			p.wantKeys(t, "after the decisions", perNode)
			if err := p.cluster.Close(t.Context()); err != nil {
				t.Error(err)
			}
			p.wantKeys(t, "after Close", 0)
		}, append(kinds(), specimen)...)
	}
}

// perNode is how many keys of a pair each node has.
const perNode = 2

// pair is a limiter on the nodes of a cluster, and the same on a single server.
type pair struct {
	cluster, single limiter
	nodes           []*redistest.Node
	rng             *rand.Rand
	keys            []*subject
}

// permit is what was granted under a number.
type permit struct {
	number uint64
	n      int64
}

// subject is a key that is asked for.
type subject struct {
	walk
	name string
	held []permit // that may be given back
}

func newPair(cluster, single limiter, nodes []*redistest.Node) *pair {
	p := &pair{cluster: cluster, single: single, nodes: nodes, rng: rand.New(rand.NewPCG(8, 3))}
	for i := range perNode {
		for _, tag := range []string{"a", "b", "c"} { // their slots are the third node's, the first's and the second's
			p.keys = append(p.keys, &subject{walk: walk{rng: p.rng}, name: fmt.Sprintf("{%s}%d", tag, i)})
		}
	}
	return p
}

// decideAlike asks for all keys at once, round after round. Meanwhile one node after
// the other loses its scripts, what was granted is given back, and the limit changes.
func (p *pair) decideAlike(t *testing.T) {
	const steps = 16
	allowed := 0
	for step := range steps {
		if step%3 == 1 {
			p.nodes[step/3%len(p.nodes)].Tell(t, "script", "flush")
		}
		if step == steps/2 {
			p.changeLimits(t)
		}
		allowed += p.ask(t)
		for _, k := range p.keys {
			p.giveBack(t, k)
		}
	}
	if all := steps * len(p.keys); allowed < all/10 || allowed > all*9/10 {
		t.Errorf("%d of %d were allowed; want a mixture", allowed, all)
	}
}

// ask asks for each key.
func (p *pair) ask(t *testing.T) (allowed int) {
	var wg sync.WaitGroup
	for _, k := range p.keys {
		now, n := k.next(7)
		if p.cluster.Info().Unweighted {
			n = 1
		}
		k.last = allow(t, p.single, now, k.name, n)
		if k.last.Allowed {
			allowed++
			k.held = append(k.held, permit{k.last.Permit, n})
		}
		wg.Go(func() {
			got, err := p.cluster.Allow(t.Context(), now, k.name, n)
			if err != nil || got != k.last {
				t.Errorf("%d of key %s at %v: %+v, %v; want, as on a single server, %+v", n, k.name, now, got, err, k.last)
			}
		})
	}
	wg.Wait()
	return allowed
}

// giveBack gives back a permit, now and then for the second time or after its end.
func (p *pair) giveBack(t *testing.T, k *subject) {
	from, ok := p.cluster.(limiters.Releaser)
	if !ok || len(k.held) == 0 || p.rng.IntN(2) == 0 {
		return
	}
	h := k.held[p.rng.IntN(len(k.held))]
	now := max(0, k.now)
	at, err := from.Release(t.Context(), now, k.name, h.n, h.number)
	want, wantErr := p.single.(limiters.Releaser).Release(t.Context(), now, k.name, h.n, h.number)
	if at != want || (err == nil) != (wantErr == nil) {
		t.Errorf("release of %d of key %s at %v: %v, %v; want, as on a single server, %v, %v", h.n, k.name, now, at, err, want, wantErr)
	}
}

// changeLimits changes the limit where that can be, after whatever was decided.
func (p *pair) changeLimits(t *testing.T) {
	if _, ok := p.cluster.(limiters.LimitSetter); !ok {
		return
	}
	limit := p.cluster.Info().Limit
	if limit.Rate > 0 {
		limit.Rate = 5
	}
	if limit.Burst > 0 {
		limit.Burst = 5
	}
	from := time.Duration(0)
	for _, k := range p.keys {
		from = max(from, k.now.Truncate(time.Microsecond)+time.Microsecond)
	}
	for _, k := range p.keys {
		k.now = from
	}
	setLimit(t, p.cluster, from, limit)
	setLimit(t, p.single, from, limit)
}

// wantKeys wants each node to have so many.
func (p *pair) wantKeys(t *testing.T, when string, want int) {
	t.Helper()
	for i, n := range p.nodes {
		if got := n.Tell(t, "dbsize"); got != fmt.Sprint(want) {
			t.Errorf("%s node %d has %s keys; want %d", when, i, got, want)
		}
	}
}
