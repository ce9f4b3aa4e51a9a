package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/flawed"
	"github.com/fcbench/fcbench/limiters"
)

// brittle dies of a key that is no text, and answers nothing from then on.
type brittle struct {
	described
	dead bool
}

func (m *brittle) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if m.dead = m.dead || strings.Contains(key, "\xff"); m.dead {
		return limiters.Decision{}, errors.New("it ended")
	}
	return m.described.Allow(ctx, now, key, n)
}

// TestDeathBreaksOneRule: a program that serves all schedules and dies in one is started
// again for the next, so that it stands under the law that it died of alone.
func TestDeathBreaksOneRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := asProgram(flawed.Sound()["nothing special"])
		of.Decisions, of.Concurrent = 200, false
		sound := of.New
		of.New = func(l limiters.Limit) (limiters.Limiter, error) {
			made, err := sound(l)
			if err != nil {
				return nil, err
			}
			return &brittle{described: made.(described)}, nil
		}
		var broken []string
		for _, f := range examined(t, of) {
			if f.Status == Fail {
				broken = append(broken, f.Rule)
			}
		}
		if got := strings.Join(broken, " "); got != "keys" {
			t.Errorf("broken are %s; want keys alone", got)
		}
	})
}
