package main

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestFreezing: a second at the end of every ten, counted from the first
// request; whoever comes within it waits for its end, and nobody else waits.
func TestFreezing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler, err := freezing(10*time.Second, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(7 * time.Second) // before the first request there is no period
		start := time.Now()
		var wg sync.WaitGroup
		for _, c := range []struct{ at, wait time.Duration }{
			{0, 0},
			{8999 * time.Millisecond, 0},
			{9 * time.Second, time.Second},
			{9001 * time.Millisecond, 999 * time.Millisecond},
			{9999 * time.Millisecond, time.Millisecond},
			{10 * time.Second, 0},
			{18500 * time.Millisecond, 0},
			{19500 * time.Millisecond, 500 * time.Millisecond},
			{109 * time.Second, time.Second},
		} {
			wg.Go(func() {
				time.Sleep(c.at)
				handler(httptest.NewRecorder(), nil)
				if got := time.Since(start) - c.at; got != c.wait {
					t.Errorf("a request at %v waits %v; want %v", c.at, got, c.wait)
				}
			})
		}
		wg.Wait()
	})
}

func TestBadInput(t *testing.T) {
	for _, c := range []struct {
		every, length time.Duration
		addr, want    string
	}{
		{time.Second, time.Second, "127.0.0.1:0", "for is 1s; want more than 0s and less than every, 1s"},
		{time.Second, 0, "127.0.0.1:0", "for is 0s"},
		{0, time.Second, "127.0.0.1:0", "less than every, 0s"},
		{time.Minute, time.Second, "0.0.0.0:0", "want one on loopback"},
	} {
		if err := serve(c.addr, c.every, c.length, time.Minute); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("serve(%s, %v, %v): %v; want %s", c.addr, c.every, c.length, err, c.want)
		}
	}
}
