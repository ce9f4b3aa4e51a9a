package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Subject is a kind of limiter to be checked.
type Subject struct {
	// New returns a fresh limiter under limit. An error that wraps [ErrRefused]
	// says that the kind does not enforce such a limit.
	New func(limit limiters.Limit) (limiters.Limiter, error)
	// Live returns one that goes by the clock of its server, where New returns
	// one whose time is injected; nil where there is no such difference.
	Live func(limit limiters.Limit) (limiters.Limiter, error)
	// Limits are those that it is checked under.
	Limits []limiters.Limit
	// Seed determines every schedule.
	Seed uint64
	Options
}

// ErrRefused is wrapped by a constructor's objections to a limit.
var ErrRefused = errors.New("limit refused")

// Category groups rules by what they are about.
type Category string

// The categories.
const (
	KnownAnswers Category = "known-answers" // schedules whose right outcome is known by hand
	Oracle       Category = "oracle"        // equality with the exact model on random schedules
	Properties   Category = "properties"    // what holds of any limiter
	Concurrency  Category = "concurrency"   // callers at once
	Promises     Category = "retry-after"   // what a decision says of later ones
	Expiry       Category = "ttl"           // state that goes away, and debt that must not
	Clocks       Category = "clock"         // time that goes back, jumps or stands still
)

// Categories lists them in the order of tables.
func Categories() []Category {
	return []Category{KnownAnswers, Oracle, Properties, Concurrency, Promises, Expiry, Clocks}
}

// Status is what became of a rule.
type Status string

// The statuses.
const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	NotApplicable Status = "not-applicable"
	NotRun        Status = "not-run" // or not to its end
)

// Limit is a [limiters.Limit] with names in JSON.
type Limit struct {
	Rate   int64         `json:"rate"`
	Period time.Duration `json:"period_ns"`
	Burst  int64         `json:"burst,omitempty"`
}

// Finding is what came of one rule.
type Finding struct {
	Rule     string   `json:"rule"`
	Category Category `json:"category"`
	Law      string   `json:"law"`
	Status   Status   `json:"status"`
	Reason   string   `json:"reason,omitempty"`  // why it does not apply, or was not run
	Limit    Limit    `json:"limit,omitzero"`    // under which it is broken
	Message  string   `json:"message,omitempty"` // how it is broken
	// Steps are the smallest history found in which it is broken, without the
	// first Omitted where it is a long one. What these were stands in Earlier.
	Steps   []Step    `json:"steps,omitempty"`
	Omitted int       `json:"omitted_steps,omitempty"`
	Earlier []Stretch `json:"earlier,omitempty"`
}

// Check checks a kind of limiter against every rule, each under every limit
// until it breaks, and returns one finding per rule. The limiters must implement
// [limiters.Described]. When ctx ends, the rules that are left are not run.
func Check(ctx context.Context, of Subject) []Finding {
	var subjects []*subject
	var refused, broken error
	for _, limit := range of.Limits {
		if ctx.Err() != nil {
			break
		}
		s, err := newSubject(of, limit)
		switch {
		case err == nil:
			s.first = len(subjects) == 0
			subjects = append(subjects, s)
			defer s.close(context.WithoutCancel(ctx))
		case errors.Is(err, ErrRefused):
			refused = cmp.Or(refused, err)
		default:
			broken = errors.Join(broken, err)
		}
	}
	findings := make([]Finding, 0, len(rules()))
	for _, r := range rules() {
		f := Finding{Rule: r.name, Category: r.category, Law: r.law, Status: NotApplicable}
		if len(subjects) == 0 && refused != nil {
			f.Reason = refused.Error()
		} else if len(subjects) == 0 && ctx.Err() != nil {
			f.stop()
		}
		for _, s := range subjects {
			if f.Status != Fail {
				s.examine(ctx, r, &f)
			}
		}
		findings = append(findings, f)
	}
	if broken != nil {
		findings[0].Status, findings[0].Message = Fail, fmt.Sprintf("no limiter could be made: %v", broken)
	}
	return findings
}

// examine adds to f what comes of r under the limit of s.
func (s *subject) examine(ctx context.Context, r rule, f *Finding) {
	if ctx.Err() != nil {
		f.stop()
		return
	}
	reason := r.missing(s)
	var b *breach
	if reason == "" {
		if b = r.apply(ctx, s); b != nil {
			reason = b.undecided
		}
	}
	switch {
	case reason == "" && b == nil && ctx.Err() != nil: // who was cut short has nothing to object
		f.stop()
	case reason == "" && b == nil:
		f.Status, f.Reason = Pass, ""
	case reason == "":
		f.Reason = ""
		f.fail(b)
	case f.Status == NotApplicable && f.Reason == "":
		f.Reason = reason
	}
}

// stop makes f the finding of a rule that was not applied to its end.
func (f *Finding) stop() { f.Status, f.Reason = NotRun, "it was interrupted" }

// fail makes f the finding of a breach.
func (f *Finding) fail(b *breach) {
	f.Omitted = max(0, len(b.steps)-shown)
	f.Status, f.Limit, f.Message = Fail, Limit(b.limit), b.message
	f.Earlier, f.Steps = stretches(b.steps[:f.Omitted]), b.steps[f.Omitted:]
}
