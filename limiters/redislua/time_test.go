package redislua_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// TestBoundAcrossExpiry spends all there is, waits until the key is about to die
// and when it has just died, and spends again: on the server's clock, the windows
// hold no more than they may.
func TestBoundAcrossExpiry(t *testing.T) {
	const burst, cycles = 5, 12
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.build(t, client, redislua.Config{Config: bucket(burst, 8*time.Millisecond, burst), Prefix: k.name + ":"})
		var grants []limiters.Decision
		for range cycles {
			for range burst - 1 {
				if d := allow(t, l, 0, "key", 1); d.Allowed {
					grants = append(grants, d)
				}
			}
			for client.PTTL(t.Context(), k.name+":key").Val() > time.Millisecond {
			}
			for range 2 * burst {
				if d := allow(t, l, 0, "key", 1); d.Allowed {
					grants = append(grants, d)
				}
			}
			for client.Exists(t.Context(), k.name+":key").Val() == 1 {
			}
		}
		for i, first := range grants {
			for j, last := range grants[i:] {
				w := last.At + last.Delay - first.At - first.Delay
				if most := l.Bound(w); int64(j+1) > most {
					t.Fatalf("in %v %d were granted; want at most %d", w, j+1, most)
				}
			}
		}
	}, append(buckets(), windows()...)...)
}

// TestClockSteps moves the clock by an hour, back and forth. It brings no more
// than the burst, and once it is where it was it has stalled nothing.
func TestClockSteps(t *testing.T) {
	const start = 10 * time.Hour
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(10, time.Second, 10), k.name+":")
		if d := allow(t, l, start, "key", 10); !d.Allowed || d.At != start {
			t.Fatalf("the burst at the start: %+v", d)
		}
		if d := allow(t, l, start-time.Hour, "key", 1); d.Allowed || d.At != start {
			t.Errorf("an hour back: %+v; want it denied as at %v", d, start)
		}
		if d := allow(t, l, start+2*time.Second, "key", 1); !d.Allowed {
			t.Errorf("two seconds on: %+v; want it granted", d)
		}
		if d := allow(t, l, start+time.Hour, "key", 10); !d.Allowed {
			t.Errorf("an hour on: %+v; want the burst", d)
		}
		if d := allow(t, l, start+3*time.Second, "key", 1); d.Allowed || d.At != start+time.Hour {
			t.Errorf("and back: %+v; want it denied as at the latest grant", d)
		}
	})
}

// TestTTLNeverForgives compares, on the server's clock, when a key dies with when
// its debt is paid.
func TestTTLNeverForgives(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	rng := rand.New(rand.NewPCG(2, 2))
	each(t, func(t *testing.T, k kind) {
		for _, b := range k.limits() {
			prefix := k.name + ":"
			l := k.build(t, client, redislua.Config{Config: b, Prefix: prefix})
			var paid time.Duration
			for range 50 {
				n := 1 + rng.Int64N(int64(b.Burst))
				d := allow(t, l, 0, "key", n)
				if term := l.Info().Lease; term == 0 {
					paid = d.At + d.ResetAfter
				} else if d.Allowed {
					paid = d.At + term // of the latest lease, which ends last
				}
				if why := dies(t, client, prefix+"key", paid); why != "" {
					t.Fatalf("%v: %s", b, why)
				}
				if rng.IntN(3) == 0 {
					client.Del(t.Context(), prefix+"key")
				}
			}
			client.Del(t.Context(), prefix+"key")
		}
	})
}

// TIME and PTTL read the clock twice: look until both were read in the same ms.
var look = redis.NewScript(`local function ms() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end
	local now, ttl
	repeat now, ttl = ms(), redis.call('PTTL', KEYS[1]) until ms() == now
	return {now, ttl}`)

// dies says what is wrong about when a key dies whose debt is paid at an instant of the
// server. Some servers count PTTL from the instant at which the script began, and a script
// may be kept waiting after that: then the key seems to die too late, and is looked at again.
func dies(t *testing.T, client redis.UniversalClient, key string, paid time.Duration) (why string) {
	t.Helper()
	for range 5 {
		reply, err := look.Run(t.Context(), client, []string{key}).Int64Slice()
		if err != nil {
			t.Fatal(err)
		}
		now, ttl := time.Duration(reply[0])*time.Millisecond, time.Duration(reply[1])*time.Millisecond
		end := now + ttl
		switch {
		case reply[1] == -2 && now >= paid: // dead, and rightly so
			return ""
		case reply[1] >= 0 && end >= paid && end <= paid+2*time.Millisecond:
			return ""
		}
		why = fmt.Sprintf("PTTL is %d, the key dies at %v; want it within 2 ms from %v, when its debt is paid", reply[1], end, paid)
		if reply[1] < 0 || end < paid {
			return why
		}
	}
	return why
}

func TestServerTime(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.build(t, client, redislua.Config{Config: bucket(1, time.Hour, 3), Prefix: k.name + ":"})
		before := client.Time(t.Context()).Val()
		d := allow(t, l, 42*time.Hour, "key", 2)
		after := client.Time(t.Context()).Val()
		at := time.Unix(0, 0).Add(d.At)
		if at.Before(before) || at.After(after) {
			t.Errorf("At is %v; want the server's time, between %v and %v", at, before, after)
		}
		denied := allow(t, l, 0, "key", 2)
		if !d.Allowed || d.Remaining != 1 || denied.Allowed || denied.Remaining != 1 || denied.At <= d.At {
			t.Errorf("2 and 2 of 3: %+v, then %+v; want the first granted and the second denied", d, denied)
		}
		if got := l.Info().TimeSource; got != "redis TIME" {
			t.Errorf("time source is %q", got)
		}
	})
}

func TestInjectedKeysOutliveARun(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1000, time.Second, 1), k.name+":")
		allow(t, l, 0, "key", 1)
		if ttl := client.PTTL(t.Context(), k.name+":key").Val(); ttl < 23*time.Hour {
			t.Errorf("TTL is %v; want about a day", ttl)
		}
	})
}
