package main

import (
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/experiment"
)

// underway is the run that is being made, of which news is told at intervals.
type underway struct {
	mu    sync.Mutex // of all below, and of what is written
	step  *experiment.Step
	begun time.Time
	stop  chan struct{}
	done  sync.WaitGroup
}

func (u *underway) begin(s experiment.Step) { u.step, u.begun = &s, time.Now() }

// every has tell called at intervals, as long as a run is being made.
func (u *underway) every(interval time.Duration, tell func()) {
	u.stop = make(chan struct{})
	u.done.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-u.stop:
				return
			case <-tick.C:
				u.now(tell)
			}
		}
	})
}

func (u *underway) now(tell func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.step != nil {
		tell()
	}
}

// close returns when no more is told.
func (u *underway) close() {
	if u.stop != nil {
		close(u.stop)
	}
	u.done.Wait()
}
