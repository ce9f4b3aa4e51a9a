package whatif

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/limiters"
)

// model is the limiter of a subject, and those that classes have of their own.
type model struct {
	common  *oracle.Predictor
	classes []*oracle.Predictor // nil for those who ask the common one
}

// newModel makes that of a subject, whose common limit change may change.
func newModel(s *scenario.Scenario, sub scenario.Subject, change func(*oracle.Options)) (m model, err error) {
	claims := scenario.Claims(sub.Claimed())
	change(&claims)
	if m.common, err = oracle.NewPredictor(claims); err != nil {
		return m, fmt.Errorf("%s: %w", sub.Name, err)
	}
	m.classes = make([]*oracle.Predictor, len(s.Workload.Classes()))
	for class := range m.classes {
		if info, own := sub.ClaimedOf(class); own {
			if m.classes[class], err = oracle.NewPredictor(scenario.Claims(info)); err != nil {
				return m, fmt.Errorf("%s: %w", sub.Name, err)
			}
		}
	}
	return m, nil
}

func asItIs(*oracle.Options) {}

// admits decides about an arrival.
func (m model) admits(a *generators.Arrival) bool {
	if own := m.classes[a.Class]; own != nil {
		return own.Admits(a.At, a.Key, a.Cost)
	}
	return m.common.Admits(a.At, a.Key, a.Cost)
}

// Check says everything of a scenario that keeps its decisions from being known
// without a run.
func Check(s *scenario.Scenario) (err error) {
	wrong := func(format string, args ...any) { err = errors.Join(err, fmt.Errorf(format, args...)) }
	if s.Load.Closed {
		wrong("load.model is closed, and when the next request comes depends on the answer; want an open loop")
	}
	if s.Load.Retry.Attempts > 1 {
		wrong("load.retry makes %d attempts, which depend on the answers; want it left out", s.Load.Retry.Attempts)
	}
	for _, sub := range s.Subjects {
		switch {
		case !sub.Limits():
			wrong("%s is no limiter, and only their decisions are known without a run; want limiters", sub.Name)
		case len(s.ProtocolInfo(sub).Steps) > 0:
			wrong("%s has steps that change its limit; want one limit", sub.Name)
		case len(s.FaultsOf(sub)) > 0:
			wrong("%s has to bear faults, in which nobody knows what it decides; want none", sub.Name)
		}
		if sub.Limits() && !slices.Contains(kinds(), sub.Kind) {
			wrong("%s is %s, of which only a run tells how near it comes to its algorithm; want one of %s", sub.Name, sub.Kind, strings.Join(kinds(), ", "))
		}
	}
	return err
}

// kinds are the limiters that decide as their models do.
func kinds() []string {
	all := slices.Concat(builtin.Local(builtin.Env{}).Names(), builtin.OnRedis(builtin.Env{}).Names(), []string{"composite"})
	return slices.DeleteFunc(all, func(name string) bool {
		return strings.Contains(name, "concurrency") || strings.Contains(name, "leaky-bucket-queue")
	})
}

// limitOf is a limit as people write it.
func limitOf(info limiters.Info) string {
	text := ""
	for _, l := range append([]limiters.Limit{info.Limit}, info.Also...) {
		if text != "" {
			text += " and "
		}
		text += l.Config().Rate.String()
		if l.Burst > 0 {
			text += fmt.Sprintf(", burst %d", l.Burst)
		}
	}
	return text
}
