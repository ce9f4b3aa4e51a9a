package scenario

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/builtin"
)

const restless = "subjects: [{limiter: {kind: sethvargo, rate: 1/s}, classes: {b: {rate: 8/s}}}, {limiter: {kind: ulule, rate: 1/s, cleanup: 1s}}, {limiter: {kind: ticker, rate: 1/s}}]\n"

// TestCheckingLeavesNothingBehind: what is made only to be looked at is closed again.
func TestCheckingLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 3 {
		s, err := parse(t, limits+restless)
		if err != nil {
			t.Fatal(err)
		}
		_ = s.CheckVirtual() // which some of them do not follow
	}
}

// TestHalfASubjectIsClosed: where a later part cannot be made, the earlier are let go.
func TestHalfASubjectIsClosed(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s, err := parse(t, limits+"subjects: [{limiter: {kind: sethvargo, rate: 1/s}, classes: {a: {rate: 2/s}, b: {rate: 8/s}}}]\n")
	if err != nil {
		t.Fatal(err)
	}
	sub := s.Subjects[0]
	broken, err := builtin.Limiters(builtin.Env{}).Kind("sethvargo")
	if err != nil {
		t.Fatal(err)
	}
	sub.classes[1].config = broken.Config // which has no rate
	if _, err := sub.newLimiters(builtin.Env{}); err == nil {
		t.Error("a class without a rate was made")
	}
}
