package combine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

func shared(limit limiters.Limit, instances int, sharing string) InstancesConfig {
	c := DefaultInstancesConfig()
	c.Config, c.Instances, c.Sharing = bucket(limit), instances, sharing
	return c
}

// TestOneInstance is the limiter itself, however it is shared.
func TestOneInstance(t *testing.T) {
	limit := limiters.Limit{Rate: 7, Period: 3 * time.Second, Burst: 5}
	for _, sharing := range []string{"split", "central", "leased"} {
		t.Run(sharing, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) limiters.Limiter {
				c := shared(limit, 1, sharing)
				c.Lease = 1
				return must(NewInstances(c))(t)
			}, limit, conforming)
		})
	}
}

// TestInstancesStayWithinTheirLaw plays random schedules past every sharing, and
// expects no window of the true clock to hold more than Bound says.
func TestInstancesStayWithinTheirLaw(t *testing.T) {
	beyond := map[string]int{} // runs that missed the limit itself
	for _, sharing := range []string{"split", "central", "leased"} {
		for s := range uint64(50) {
			rng := rand.New(rand.NewPCG(s, 9))
			limit := limiters.Limit{Rate: 1 + rng.Int64N(20), Period: 1000, Burst: 8 + rng.Int64N(20)}
			c := shared(limit, 1+rng.IntN(8), sharing)
			c.Seed, c.Skew, c.Lease = s, units.Duration(rng.Int64N(500)), units.Count(1+rng.Int64N(10))
			l := must(NewInstances(c))(t)
			grants := flood(t, rng, l)
			if err := worst(grants, l.Bound); err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			if worst(grants, made(t, "gcra", limit).Bound) != nil {
				beyond[sharing]++
			}
		}
	}
	if beyond["split"] > 0 || beyond["central"] == 0 || beyond["leased"] == 0 {
		t.Errorf("runs beyond the limit: %v; want none when split, and some otherwise", beyond)
	}
}

// flood asks for more than there is, now and then after a pause.
func flood(tb testing.TB, rng *rand.Rand, l *Instances) (grants []grant) {
	tb.Helper()
	now := time.Duration(0)
	for range 400 {
		now += time.Duration(rng.IntN(30))
		if rng.IntN(60) == 0 {
			now += 5000
		}
		n := 1 + rng.Int64N(2)
		peeked := must(l.Peek(context.Background(), now, "k", n))(tb)
		d := must(l.Allow(context.Background(), now, "k", n))(tb)
		if d != peeked || d.At != now {
			tb.Fatalf("at %v: %+v, peeked %+v; want both alike, at that instant", now, d, peeked)
		}
		if d.Allowed {
			grants = append(grants, grant{now, n})
		}
	}
	return grants
}

// TestOvershootOfLeases reaches the law: every gateway holds all but one of a
// lease, waits until the central limiter is full again, and spends.
func TestOvershootOfLeases(t *testing.T) {
	const k, lease = 4, 10
	limit := limiters.Limit{Rate: 1000, Period: time.Second, Burst: 100}
	c := shared(limit, k, "leased")
	c.Lease = lease
	l := must(NewInstances(c))(t)
	holders := func() (n int) {
		for _, hand := range l.leases {
			if hand["k"] == lease-1 {
				n++
			}
		}
		return n
	}
	now, step := time.Duration(0), 0
	for holders() < k { // ask until each has taken a lease just now
		now += 20 * time.Millisecond
		must(l.Allow(context.Background(), now, "k", 1))(t)
		if step++; step > 100_000 {
			t.Fatal("no moment at which every gateway holds a lease less one")
		}
	}
	now += time.Second
	granted := int64(0)
	for range 10_000 {
		if must(l.Allow(context.Background(), now, "k", 1))(t).Allowed {
			granted++
		}
	}
	if want := limit.Burst + k*(lease-1); granted != want || l.Bound(0) != want {
		t.Errorf("in one instant %d tokens were granted, and Bound(0) is %d; want %d", granted, l.Bound(0), want)
	}
}

// TestSplitIsExact: the parts add up to the whole, of rate and burst.
func TestSplitIsExact(t *testing.T) {
	limit := limiters.Limit{Rate: 10, Period: time.Second, Burst: 11}
	l := must(NewInstances(shared(limit, 3, "split")))(t)
	var bursts []int64
	for _, p := range l.parts {
		info := p.Info()
		bursts = append(bursts, info.Limit.Burst)
		if rate := info.Limit; rate.Rate != 10 || rate.Period != 3*time.Second {
			t.Errorf("a part has %d per %v; want a third of 10/s, 10 per 3s", rate.Rate, rate.Period)
		}
	}
	if fmt.Sprint(bursts) != "[4 4 3]" {
		t.Errorf("the bursts are %v; want [4 4 3]", bursts)
	}
	if got := l.Info().Limit; got != must(bucket(limit).Limit())(t) {
		t.Errorf("the limit is %+v; want the whole", got)
	}
	granted := 0
	for range 1000 {
		if must(l.Allow(context.Background(), 0, "k", 1))(t).Allowed {
			granted++
		}
	}
	if granted != 11 {
		t.Errorf("%d tokens in one instant; want the burst of 11", granted)
	}
}

// TestSeedDecides: the same seed draws the same clocks and gateways.
func TestSeedDecides(t *testing.T) {
	play := func(seed uint64) string {
		c := shared(limiters.Limit{Rate: 5, Period: time.Second, Burst: 8}, 4, "split")
		c.Seed, c.Skew = seed, units.Duration(time.Second)
		l := must(NewInstances(c))(t)
		answers := fmt.Sprint(l.clocks)
		for i := range 100 {
			answers += fmt.Sprint(must(l.Allow(context.Background(), time.Duration(i)*50*time.Millisecond, "k", 1))(t).Allowed)
		}
		return answers
	}
	if first, again, other := play(1), play(1), play(2); first != again || first == other {
		t.Error("the seed alone does not decide")
	}
}

func TestInstancesReclaim(t *testing.T) {
	c := shared(limiters.Limit{Rate: 5, Period: time.Second, Burst: 8}, 2, "leased")
	c.Lease = 2
	l := must(NewInstances(c))(t)
	for i := range 40 {
		must(l.Allow(context.Background(), time.Hour, fmt.Sprint(i), 1+int64(i%2)))(t)
	}
	// Even keys took two tokens and spent one; odd ones spent both.
	if before, freed, held := l.Keys(), l.Reclaim(2*time.Hour), l.Keys(); before != 60 || freed != 40 || held != 20 {
		t.Errorf("%d keys, %d freed, %d left; want 60, 40, and the 20 with tokens in hand", before, freed, held)
	}
}

// TestEmptyHandsAreForgotten by themselves, as the central limiter forgets what
// is as good as new.
func TestEmptyHandsAreForgotten(t *testing.T) {
	c := shared(limiters.Limit{Rate: 5, Period: time.Second, Burst: 8}, 2, "leased")
	c.Lease = 2
	l := must(NewInstances(c))(t)
	for i := range 20_000 {
		must(l.Allow(context.Background(), time.Duration(i)*time.Second, fmt.Sprint(i), 2))(t)
	}
	if held := l.Keys(); held > 2_000 {
		t.Errorf("%d of 20000 keys that were used once are remembered; want those of late", held)
	}
}

func TestInstancesConfig(t *testing.T) {
	limit := limiters.Limit{Rate: 5, Period: time.Second, Burst: 3}
	bad := shared(limit, 0, "gossip")
	bad.Skew = -1
	lazy := shared(limit, 2, "leased")
	lazy.Lease = 0
	for _, tt := range []struct {
		config InstancesConfig
		want   []string
	}{
		{bad, []string{"instances is 0", `sharing is "gossip"`, "skew is -1ns"}},
		{lazy, []string{"lease is 0"}},
		{shared(limit, 4, "split"), []string{"burst is 3; want at least 4"}},
		{shared(limiters.Limit{Rate: 1, Period: 1 << 60, Burst: 1}, 1, "central"), nil},
		{InstancesConfig{}, []string{"rate is not given", "burst is 0", "instances is 0"}},
	} {
		_, err := NewInstances(tt.config)
		if tt.want == nil && err != nil {
			t.Errorf("%+v: %v; want it accepted", tt.config, err)
		}
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v; want an error with %q", tt.config, err, want)
			}
		}
	}
}

func FuzzInstances(f *testing.F) {
	f.Add(uint8(2), uint8(4), uint16(300), uint8(10), uint64(1))
	f.Fuzz(func(t *testing.T, sharing, instances uint8, skew uint16, lease uint8, seed uint64) {
		c := shared(limiters.Limit{Rate: 9, Period: 1000, Burst: 300}, 1+int(instances), []string{"split", "central", "leased"}[sharing%3])
		c.Skew, c.Lease, c.Seed = units.Duration(skew), 1+units.Count(lease), seed
		l := must(NewInstances(c))(t)
		if err := worst(flood(t, rand.New(rand.NewPCG(seed, 1)), l), l.Bound); err != nil {
			t.Fatal(err)
		}
	})
}
