package targets_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// TestCausesAreFew: what differs from call to call is no part of a cause.
func TestCausesAreFew(t *testing.T) {
	for _, c := range []struct{ err, want string }{
		{"READONLY You can't write against a read only replica. script: 352aae52, on @user_script:12.", "READONLY You can't write against a read only replica."},
		{"ERR value under the key\nis not mine", "ERR value under the key"},
	} {
		r := targets.Failure(t.Context(), fmt.Errorf("redis-gcra: key %q: %w", "k7", errors.New(c.err)))
		if r.Outcome != results.Failed || r.Cause != c.want {
			t.Errorf("%q is %v: %q; want failed: %q", c.err, r.Outcome, r.Cause, c.want)
		}
	}
}
