package failure_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/failure"
)

func TestConfig(t *testing.T) {
	good := failure.Config{OnError: "closed", Deadline: units.Duration(time.Second), Failures: 5, Cooldown: units.Duration(time.Minute)}
	policy, err := good.Policy(nil)
	want := failure.Policy{Mode: failure.Closed, Deadline: time.Second, Failures: 5, Cooldown: time.Minute}
	if err != nil || policy != want {
		t.Errorf("policy is %+v, %v; want %+v", policy, err, want)
	}
	if err := (failure.Config{}).Validate(); err != nil {
		t.Errorf("no policy: %v; want none needed", err)
	}
	for _, tt := range []struct {
		config failure.Config
		want   []string
	}{
		{failure.Config{OnError: "panic", Deadline: -1, Failures: -1, Cooldown: -1}, []string{`on_error is "panic"`, "deadline is -1ns", "breaker is -1", "cooldown is -1ns"}},
		{failure.Config{Failures: 2}, []string{"cooldown is not given"}},
		{failure.Config{Cooldown: units.Duration(time.Second)}, []string{"cooldown is 1s, but there is no breaker"}},
	} {
		err := tt.config.Validate()
		for _, problem := range tt.want {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%+v: %v; want a problem with %q", tt.config, err, problem)
			}
		}
	}
	if _, err := (failure.Config{OnError: "local"}).Policy(nil); err == nil {
		t.Error("local without a limiter was accepted")
	}
	if _, err := failure.New(struct{ limiters.Limiter }{}, failure.Policy{Mode: 9}); err == nil || !strings.Contains(err.Error(), "mode is 9") || !strings.Contains(err.Error(), "primary is") {
		t.Errorf("New says %v; want both problems", err)
	}
}
