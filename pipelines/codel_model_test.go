package pipelines_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
)

// The models below follow the pseudocode of RFC 8289 and RFC 8290, the prose of folly's
// Codel.h, and nothing else; they keep slices and care for no cost. What they know of the
// policies is what their documentation says: they count in items, and there is no
// smaller unit that a queue may keep than one.

// modelled is what a model of a policy does: the tokens that go, and the one taken, or -1.
type modelled interface {
	offer(now time.Duration, it pipelines.Item, gone []uint32) (accepted bool, drops []uint32)
	take(now time.Duration) (taken int64, drops []uint32)
}

// waiting is a plain queue, of which the oldest stands first.
type waiting []pipelines.Item

func (w *waiting) shift() pipelines.Item {
	it := (*w)[0]
	*w = (*w)[1:]
	return it
}

// serviceModel is folly's: an interval is overloaded if the shortest wait of the one
// before it was above the target.
type serviceModel struct {
	waiting
	capacity         int
	target, interval time.Duration
	ends, shortest   time.Duration
	overloaded       bool
}

func (m *serviceModel) offer(now time.Duration, it pipelines.Item, _ []uint32) (bool, []uint32) {
	if len(m.waiting) >= m.capacity {
		return false, []uint32{it.Token}
	}
	it.Enqueued = now
	m.waiting = append(m.waiting, it)
	return true, nil
}

func (m *serviceModel) take(now time.Duration) (int64, []uint32) {
	var drops []uint32
	for len(m.waiting) > 0 {
		it := m.shift()
		wait := now - it.Enqueued
		first := now > m.ends
		if first {
			m.overloaded, m.ends, m.shortest = m.shortest > m.target, now+m.interval, wait
		} else if wait < m.shortest {
			m.shortest = wait
		}
		if !first && m.overloaded && wait > 2*m.target {
			drops = append(drops, it.Token)
			continue
		}
		return int64(it.Token), drops
	}
	return -1, drops
}

// controlModel is the state of RFC 8289, section 5.
type controlModel struct {
	target, interval time.Duration
	firstAbove, next time.Duration
	count, last      int
	dropping         bool
}

func (c *controlModel) law(t time.Duration) time.Duration {
	return t + time.Duration(float64(c.interval)/math.Sqrt(float64(c.count)))
}

// dodequeue returns the oldest, whether there is one, and whether it may be dropped.
func (c *controlModel) dodequeue(now time.Duration, w *waiting) (it pipelines.Item, found, may bool) {
	if len(*w) == 0 {
		c.firstAbove = 0
		return it, false, false
	}
	it = w.shift()
	if now-it.Enqueued < c.target || len(*w) <= 1 {
		c.firstAbove = 0
	} else if c.firstAbove == 0 {
		c.firstAbove = now + c.interval
	} else if now >= c.firstAbove {
		may = true
	}
	return it, true, may
}

func (c *controlModel) dequeue(now time.Duration, w *waiting) (int64, []uint32) {
	var drops []uint32
	it, found, may := c.dodequeue(now, w)
	if c.dropping {
		if !may {
			c.dropping = false
		}
		for c.dropping && now >= c.next {
			drops = append(drops, it.Token)
			c.count++
			if it, found, may = c.dodequeue(now, w); !may {
				c.dropping = false
			} else {
				c.next = c.law(c.next)
			}
		}
	} else if may {
		drops = append(drops, it.Token)
		it, found, _ = c.dodequeue(now, w)
		c.dropping = true
		delta := c.count - c.last
		c.count = 1
		if delta > 1 && now-c.next < 16*c.interval {
			c.count = delta
		}
		c.next = c.law(now)
		c.last = c.count
	}
	if !found {
		return -1, drops
	}
	return int64(it.Token), drops
}

// networkModel is one queue under that control.
type networkModel struct {
	waiting
	controlModel
	capacity int
}

func (m *networkModel) offer(now time.Duration, it pipelines.Item, _ []uint32) (bool, []uint32) {
	if len(m.waiting) >= m.capacity {
		return false, []uint32{it.Token}
	}
	it.Enqueued = now
	m.waiting = append(m.waiting, it)
	return true, nil
}

func (m *networkModel) take(now time.Duration) (int64, []uint32) { return m.dequeue(now, &m.waiting) }

// flowModel is one of the queues of RFC 8290.
type flowModel struct {
	waiting
	controlModel
	deficit int
}

// fairModel is RFC 8290, section 4, for keys that share no queue.
type fairModel struct {
	flows             map[uint64]*flowModel
	fresh, old        []*flowModel
	capacity, quantum int
	control           controlModel // a new one's
}

// offer takes the word of the policy, gone, for which of several flows of one length is the fattest.
func (m *fairModel) offer(now time.Duration, it pipelines.Item, gone []uint32) (bool, []uint32) {
	var drops []uint32
	inside, most := 0, 0
	for _, f := range m.flows {
		inside, most = inside+len(f.waiting), max(most, len(f.waiting))
	}
	if inside >= m.capacity {
		drops = m.thin(most, gone)
	}
	f := m.flows[it.Key]
	if f == nil {
		f = &flowModel{controlModel: m.control}
		m.flows[it.Key] = f
	}
	it.Enqueued = now
	f.waiting = append(f.waiting, it)
	if !slices.Contains(m.fresh, f) && !slices.Contains(m.old, f) {
		f.deficit = m.quantum
		m.fresh = append(m.fresh, f)
	}
	return true, drops
}

func (m *fairModel) thin(most int, gone []uint32) (drops []uint32) {
	for _, f := range m.flows {
		if len(f.waiting) == most && len(gone) > 0 && f.waiting[0].Token == gone[0] {
			for range min(64, (most+1)/2) {
				drops = append(drops, f.shift().Token)
			}
			return drops
		}
	}
	return nil
}

func (m *fairModel) take(now time.Duration) (int64, []uint32) {
	var drops []uint32
	for {
		list := &m.fresh
		if len(*list) == 0 {
			list = &m.old
		}
		if len(*list) == 0 {
			return -1, drops
		}
		f := (*list)[0]
		if f.deficit <= 0 {
			f.deficit += m.quantum
			*list = (*list)[1:]
			m.old = append(m.old, f)
			continue
		}
		token, dropped := f.dequeue(now, &f.waiting)
		drops = append(drops, dropped...)
		if token >= 0 {
			f.deficit--
			return token, drops
		}
		wasFresh := list == &m.fresh
		*list = (*list)[1:]
		if wasFresh {
			m.old = append(m.old, f)
		}
	}
}

// TestControlledDelayEqualsItsModel on 100,000 random offers each, under loads that
// change: a third less than is taken, up to three times as much.
func TestControlledDelayEqualsItsModel(t *testing.T) {
	const capacity, target, interval = 150, 5 * time.Millisecond, 100 * time.Millisecond
	c := pipelines.CoDelConfig{Config: pipelines.Config{Capacity: capacity}, Target: units.Duration(target), Interval: units.Duration(interval)}
	control := controlModel{target: target, interval: interval}
	for _, tc := range []struct {
		name   string
		policy pipelines.Policy
		model  modelled
		cause  pipelines.Cause // of those that have no room
	}{
		{"codel", must(t, c, pipelines.NewCoDel)(), &serviceModel{capacity: capacity, target: target, interval: interval}, pipelines.QueueFull},
		{"codel-network", must(t, c, pipelines.NewCoDelNetwork)(), &networkModel{controlModel: control, capacity: capacity}, pipelines.QueueFull},
		{"fq-codel", must(t, pipelines.FQCoDelConfig{CoDelConfig: c, Flows: 1 << 16, Quantum: 3}, pipelines.NewFQCoDel)(), &fairModel{
			flows: map[uint64]*flowModel{}, capacity: capacity, quantum: 3, control: control,
		}, pipelines.FattestFlow},
	} {
		t.Run(tc.name, func(t *testing.T) { compareWithModel(t, tc.policy, tc.model, tc.cause) })
	}
}

func compareWithModel(t *testing.T, policy pipelines.Policy, model modelled, noRoom pipelines.Cause) {
	rng := rand.New(rand.NewPCG(8289, 8290))
	var now, load time.Duration
	var shed, late int
	for offers := uint32(0); offers < 100_000; {
		if rng.IntN(2000) == 0 || load == 0 {
			load = time.Duration(300+rng.IntN(1200)) * time.Microsecond // between arrivals; one is taken a millisecond
		}
		now += time.Duration(rng.Int64N(int64(time.Millisecond) / 4))
		if rng.Int64N(int64(load+time.Millisecond)) > int64(load) {
			it := pipelines.Item{Token: offers, Key: uint64(rng.ExpFloat64() * 2), Deadline: pipelines.Forever}
			offers++
			a := policy.Offer(now, &it)
			got := tokens(t, a.Dropped, noRoom)
			accepted, want := model.offer(now, it, got)
			if accepted != (a.Verdict == pipelines.Accepted) || !slices.Equal(got, want) {
				t.Fatalf("offer %d at %v: %v, dropped %v; want accepted %v, dropped %v", it.Token, now, a.Verdict, got, accepted, want)
			}
			shed += len(got)
			continue
		}
		var it pipelines.Item
		ok, drops := policy.Take(now, &it)
		taken := int64(-1)
		if ok {
			taken = int64(it.Token)
		}
		got := tokens(t, drops, pipelines.Sojourn)
		if token, want := model.take(now); token != taken || !slices.Equal(got, want) {
			t.Fatalf("after %d offers, at %v: took %d, dropped %v; want %d, %v", offers, now, taken, got, token, want)
		}
		late += len(got)
	}
	if shed == 0 || late == 0 {
		t.Errorf("%d had no room, %d waited too long; want some of both", shed, late)
	}
}

func tokens(t *testing.T, drops []pipelines.Drop, cause pipelines.Cause) (all []uint32) {
	t.Helper()
	for _, d := range drops {
		if d.Cause != cause {
			t.Errorf("item %d is dropped as %v; want %v", d.Item.Token, d.Cause, cause)
		}
		all = append(all, d.Item.Token)
	}
	return all
}
