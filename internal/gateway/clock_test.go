package gateway

import (
	"sync"
	"testing"
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
