package gateway

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestClockWakesNobodyEarly: each is woken at its instant or later, however they come
// in between each other, and all when the clock ends.
func TestClockWakesNobodyEarly(t *testing.T) {
	c, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			for j := range 5 {
				until := c.Now() + time.Duration((i*7919+j*104729)%3000)*time.Microsecond
				if c.Wait(until); c.Now() < until {
					t.Errorf("woken at %v; want not before %v", c.Now(), until)
				}
			}
		})
	}
	all.Wait()
	for range 3 {
		all.Go(func() { c.Wait(c.Now() + time.Hour) })
	}
	time.AfterFunc(time.Millisecond, func() { _ = c.Close() })
	all.Wait()
	if c.Wait(c.Now() + time.Hour); c.Close() != nil {
		t.Error("a clock that has ended ends badly")
	}
}

// TestClockWakesInTime: where waking takes no time, each is woken at its very instant,
// also who comes later for an earlier one; nobody who came too late waits, nor anybody
// after the end.
func TestClockWakesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewPlainClock()
		var all sync.WaitGroup
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			from, length := time.Duration(r.IntN(1e9)), time.Duration(r.IntN(1e8))
			all.Go(func() {
				time.Sleep(from)
				if c.Wait(from + length); c.Now() != from+length {
					t.Errorf("who waits for %v is woken at %v", from+length, c.Now())
				}
				if c.Wait(from); c.Now() != from+length {
					t.Errorf("who waits for %v, which is past, is woken at %v; want no wait", from, c.Now()-length)
				}
			})
		}
		all.Wait()
		ended := c.Now() + time.Second
		for range 3 {
			all.Go(func() {
				if c.Wait(ended + time.Hour); c.Now() != ended {
					t.Errorf("woken at %v; want all to be when the clock ends, at %v", c.Now(), ended)
				}
			})
		}
		time.Sleep(time.Second)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		all.Wait()
		if c.Wait(ended + time.Hour); c.Now() != ended {
			t.Errorf("after the end who waits is woken at %v; want no wait", c.Now())
		}
	})
}
