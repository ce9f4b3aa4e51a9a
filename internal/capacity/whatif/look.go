package whatif

import (
	"context"
	"encoding/json"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/internal/seed"
)

// Point is what one limiter would do to the arrivals of the measured window.
type Point struct {
	Trial    string          `json:"trial"`
	Kind     string          `json:"kind"`
	Params   json.RawMessage `json:"params,omitempty"` // of a sweep
	Limit    string          `json:"limit"`
	Digest   string          `json:"digest"` // of the schedule
	Offered  uint64          `json:"offered"`
	Rejected uint64          `json:"rejected"`
	Share    float64         `json:"share"` // rejected, of what was offered
	// Interval is what the share would be of other arrivals of this kind; none where
	// nothing was rejected, or everything, or the time is too short to tell.
	Interval     *[2]float64 `json:"interval,omitempty"`
	Keys         uint64      `json:"keys"`          // that asked
	KeysRejected uint64      `json:"keys_rejected"` // of them, at least once
	Worst        *Key        `json:"worst_key,omitempty"`
	Streak       *Streak     `json:"longest_streak,omitempty"`
}

// Key is how one key fared: that of which the most was rejected.
type Key struct {
	Key      string `json:"key"`
	Offered  uint64 `json:"offered"`
	Rejected uint64 `json:"rejected"`
}

// Streak is denials of one key with no grant between them.
type Streak struct {
	Key     string        `json:"key"`
	Denials uint64        `json:"denials"`
	From    time.Duration `json:"from_ns"`   // the first, from the beginning of the window
	Length  time.Duration `json:"length_ns"` // from the first to the last
}

// Look takes the limiters of a scenario, in their order. say is told now and then how
// far a long schedule is gone through.
func Look(ctx context.Context, s *scenario.Scenario, confidence float64, say func(string)) ([]Point, error) {
	models, tallies := make([]model, len(s.Subjects)), make([]tally, len(s.Subjects))
	for i, sub := range s.Subjects {
		var err error
		if models[i], err = newModel(s, sub, asItIs); err != nil {
			return nil, err
		}
	}
	found, err := experiment.Walk(ctx, s, say, func(a *generators.Arrival) error {
		for i := range models {
			if admitted := models[i].admits(a); a.At >= s.Warmup {
				tallies[i].add(a.At-s.Warmup, a.Key, admitted)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	points := make([]Point, len(tallies))
	for i, sub := range s.Subjects {
		p := tallies[i].point()
		p.Trial, p.Kind, p.Params, p.Limit = sub.Name, sub.Kind, s.Params, limitOf(sub.Claimed())
		p.Digest = found.Info(s).Digest
		p.Interval = tallies[i].time.interval(seed.New(s.Seed).Sub("whatif"), confidence)
		points[i] = p
	}
	return points, nil
}
