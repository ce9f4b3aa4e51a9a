package gateway

import (
	"strings"
	"sync/atomic"
	"time"
)

// seldom is about what is not said more often than now and then.
type seldom struct{ quiet atomic.Int64 } // until then

// tellEvery is how often it is said at most.
const tellEvery = 10 * time.Second

// due reports whether it may be said at now, which it is then.
func (s *seldom) due(now time.Duration) bool {
	quiet := s.quiet.Load()
	return int64(now) >= quiet && s.quiet.CompareAndSwap(quiet, int64(now+tellEvery))
}

// complaints takes what the server of package net/http has to say. What clients do wrong
// is theirs to see; that nobody can be let in, or that an answer failed, is not.
type complaints struct {
	warn  func(string)
	clock Clock
	shut  seldom
}

// Write implements [io.Writer]: one complaint a call.
func (c *complaints) Write(p []byte) (int, error) {
	text, _, _ := strings.Cut(string(p), "\n")
	if why, shut := strings.CutPrefix(text, "http: Accept error: "); shut && c.shut.due(c.clock.Now()) {
		why, _, _ = strings.Cut(why, "; retrying in ")
		c.warn("nobody is let in for now: " + why)
	}
	if why, broken := strings.CutPrefix(text, "http: panic serving "); broken {
		c.warn("an answer failed: " + why)
	}
	return len(p), nil
}
