package live_test

import (
	"testing"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
)

// TestEveryPolicyIsTimelyAsSimulated: whatever the policy, under overload and with a crew
// that changes, everybody is answered as in virtual time, at the same instants.
func TestEveryPolicyIsTimelyAsSimulated(t *testing.T) {
	for _, kind := range builtin.Pipelines().Names() {
		stage := crowded(t)
		stage.Policy = func() (pipelines.Policy, error) {
			_, decode := strictyaml.Part(strictyaml.NewScalar("policy", kind))
			p, _, err := builtin.Pipelines().Build(kind, decode)
			return p, err
		}
		asSimulated(t, kind, sim.Config{Stages: []sim.Stage{stage}, Deadline: 100 * ms, Control: sim.Control{New: controls()["crew"]}})
	}
}
