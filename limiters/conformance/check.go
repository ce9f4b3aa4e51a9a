package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Subject is a kind of limiter to be checked.
type Subject struct {
	// New returns a fresh limiter under limit. An error that wraps [ErrRefused] or
	// [errors.ErrUnsupported] says that the kind does not enforce such a limit.
	New func(limit limiters.Limit) (limiters.Limiter, error)
	// Live returns one that goes by the clock of its server, where New returns
	// one whose time is injected; nil where there is no such difference.
	Live func(limit limiters.Limit) (limiters.Limiter, error)
	// Limits are those that it is checked under.
	Limits []limiters.Limit
	// LiveLimit is that of checks in real time, which show something within
	// seconds. Where it is zero the first of Limits is.
	LiveLimit limiters.Limit
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

// Severity says how bad it is that a rule is broken.
type Severity string

// The severities.
const (
	High   Severity = "high"   // it lets through more than it may, or does not answer
	Medium Severity = "medium" // it refuses what is due, or depends on what it should not
	Low    Severity = "low"    // it says what is not so
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
	Severity Severity `json:"severity,omitempty"` // of a rule that is broken
	Reason   string   `json:"reason,omitempty"`   // why it does not apply, or was not run
	// Unexamined says that the rule is about such limiters, and does not apply only
	// because it cannot be put to this one here: nobody knows whether it is broken.
	Unexamined bool   `json:"unexamined,omitempty"`
	Limit      Limit  `json:"limit,omitzero"`    // under which it is broken
	Message    string `json:"message,omitempty"` // how it is broken
	// Steps are the smallest history found in which it is broken, without the
	// first Omitted where it is a long one. What these were stands in Earlier.
	Steps   []Step    `json:"steps,omitempty"`
	Omitted int       `json:"omitted_steps,omitempty"`
	Earlier []Stretch `json:"earlier,omitempty"`
}

// Result is what is known of a kind once it was checked.
type Result struct {
	Info     limiters.Info // of what was made under the first limit that it takes
	Findings []Finding     // one per rule
}

// Check checks a kind of limiter against every rule, each under every limit
// until it breaks. The limiters must implement [limiters.Described]. When ctx ends,
// the rules that are left are not run. The error is that of a kind of which none
// could be made, and so nothing was found, or of an outage, after which nothing was.
func Check(ctx context.Context, of Subject) (Result, error) {
	all := all{ctx: ctx}
	if of.Outage != nil {
		of.lost = &outage{of: of.Outage}
	}
	for _, limit := range of.Limits {
		if ctx.Err() == nil && all.out == nil {
			all.add(of, limit)
		}
	}
	for _, s := range all.subjects {
		defer s.close(context.WithoutCancel(ctx))
	}
	if len(all.subjects) == 0 {
		if err := cmp.Or(all.out, all.broken); err != nil {
			return Result{}, err
		}
	}
	rules := rules()
	r := Result{Findings: make([]Finding, len(rules))}
	for _, waits := range []bool{true, false} { // who waits first lets others compute meanwhile
		for i, rule := range rules {
			if rule.waits == waits {
				r.Findings[i] = all.find(rule, r.Findings)
			}
		}
	}
	if all.broken != nil {
		f := &r.Findings[0]
		f.Status, f.Severity, f.Message, f.Limit = Fail, High, fmt.Sprintf("none could be made: %v", all.broken), Limit(all.under)
	}
	if len(all.subjects) > 0 {
		r.Info = ability[limiters.Described](all.subjects[0].sample).Info()
	}
	return r, all.out
}

// all is a kind under every limit that it takes.
type all struct {
	ctx      context.Context
	subjects []*subject
	refused  error          // why it does not take the first one that it does not
	broken   error          // why none could be made
	under    limiters.Limit // that broke it
	out      error          // what it depends on does not answer
}

func (a *all) add(of Subject, limit limiters.Limit) {
	var s *subject
	var err error
	a.out = of.lost.attempt(func() { s, err = newSubject(of, limit) })
	switch {
	case a.out != nil:
	case err == nil && len(of.Limits) > 1 && s.tedious() != nil:
		a.refused = cmp.Or(a.refused, s.tedious())
		s.close(a.ctx)
	case err == nil:
		s.first = len(a.subjects) == 0
		a.subjects = append(a.subjects, s)
	case refusal(err):
		a.refused = cmp.Or(a.refused, err)
	case a.ctx.Err() == nil && a.broken == nil:
		a.broken, a.under = err, limit
	}
}

// refusal reports that a kind does not enforce such a limit.
func refusal(err error) bool { return errors.Is(err, ErrRefused) || unsupported(err) }

// find applies one rule under every limit, until it breaks. before are the
// findings of those that come first.
func (a *all) find(r rule, before []Finding) Finding {
	f := Finding{Rule: r.name, Category: r.category, Law: r.law, Status: NotApplicable}
	switch broken := r.premature(before); {
	case len(a.subjects) == 0 && a.refused != nil:
		f.Reason, f.Unexamined = a.refused.Error(), true
	case len(a.subjects) == 0:
		f.stop()
	case a.out != nil:
		f.lack(a.out)
	case broken != "":
		f.Reason, f.Unexamined = "it breaks "+broken+", and so would break this one", true
	default:
		for _, s := range a.subjects {
			if f.Status != Fail && a.out == nil {
				a.out = s.examine(a.ctx, r, &f)
			}
		}
	}
	return f
}

// examine adds to f what comes of r under the limit of s, and returns what is out.
func (s *subject) examine(ctx context.Context, r rule, f *Finding) (out error) {
	if ctx.Err() != nil {
		f.stop()
		return nil
	}
	var reason string
	var unexamined bool
	var b *breach
	out = s.lost.attempt(func() {
		reason, unexamined, b = r.put(ctx, s)
		if s.lost.err() != nil {
			s.forget()
		}
	})
	switch {
	case out != nil:
		f.lack(out)
	case reason == "" && b == nil && ctx.Err() != nil: // who was cut short has nothing to object
		f.stop()
	case reason == "" && b == nil:
		f.Status, f.Reason, f.Unexamined = Pass, "", false
	case reason == "":
		f.Reason, f.Unexamined = "", false
		f.fail(b)
	case f.Status == NotApplicable && f.Reason == "":
		f.Reason, f.Unexamined = strings.TrimSpace(reason), unexamined
	}
	return out
}

// put applies r to s, or says why that shows nothing.
func (r rule) put(ctx context.Context, s *subject) (reason string, unexamined bool, b *breach) {
	if reason, unexamined = r.missing(s); reason != "" {
		return reason, unexamined, nil
	}
	if b = r.apply(ctx, s); b != nil && b.undecided != "" {
		return b.undecided, true, nil
	}
	return "", false, b
}

// stop makes f the finding of a rule that was not applied to its end.
func (f *Finding) stop() { f.Status, f.Reason = NotRun, "it was interrupted" }

// lack is stop where that is for want of something.
func (f *Finding) lack(of error) { f.Status, f.Reason = NotRun, of.Error() }

// fail makes f the finding of a breach.
func (f *Finding) fail(b *breach) {
	f.Omitted = max(0, len(b.steps)-shown)
	f.Status, f.Severity, f.Limit, f.Message = Fail, b.severity, Limit(b.limit), b.message
	f.Earlier, f.Steps = stretches(b.steps[:f.Omitted]), b.steps[f.Omitted:]
}
