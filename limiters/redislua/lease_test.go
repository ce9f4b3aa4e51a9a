package redislua_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// TestLeaseLastsItsTerm holds all there is, on the server's clock: nobody gets any before
// the term is over, and whoever asks then gets all of it.
func TestLeaseLastsItsTerm(t *testing.T) {
	const limit, term = 2, time.Second
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	l := newConcurrency(t, client, limit, term, redislua.ConcurrencyConfig{})
	for round := 0; ; round++ { // another, if the machine was busy elsewhere while it was early
		key := fmt.Sprint("key", round)
		first := allow(t, l, 0, key, limit)
		if !first.Allowed {
			t.Fatalf("of a new key: %+v; want all there is", first)
		}
		until(t, client, first.At+7*term/10)
		early := allow(t, l, 0, key, 1)
		until(t, client, first.At+term+term/20)
		late := allow(t, l, 0, key, limit)
		if !late.Allowed || late.Permit <= first.Permit {
			t.Errorf("%v after the grant: %+v; want all there is, under a number above %d", late.At-first.At, late, first.Permit)
		}
		if after := early.At - first.At; after < term {
			if early.Allowed || early.Remaining != 0 {
				t.Errorf("%v after the grant: %+v; want a denial, the leases last %v", after, early, term)
			}
			return
		}
	}
}

// until returns when a server's clock stands at an instant.
func until(t *testing.T, client redis.UniversalClient, at time.Duration) {
	t.Helper()
	redistest.Wait(t, fmt.Sprint("the instant ", at), func() bool {
		return client.Time(t.Context()).Val().UnixMicro() >= at.Microseconds()
	})
}
