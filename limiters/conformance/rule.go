package conformance

import (
	"context"
	"errors"
	"slices"

	"github.com/fcbench/fcbench/limiters"
)

// A rule is one promise and the way to catch who breaks it.
type rule struct {
	name     string
	category Category
	severity Severity // of a breach that does not show by itself how bad it is
	law      string
	about    []need // who makes such a promise
	means    []need // what it takes to examine it
	// after names the rules without which this one would accuse of the wrong thing:
	// who is wrong one call at a time is wrong about many at once as well.
	after []string
	waits bool // in real time
	check func(ctx context.Context, s *subject) *breach
}

// apply returns how s breaks the rule, if it does. What is known by hand is known
// of exact limiters: of one that keeps time in steps, an outcome that every
// single decision was right for is no breach.
func (r rule) apply(ctx context.Context, s *subject) *breach {
	b := s.concludes(r.check(ctx, s))
	if b == nil || b.undecided != "" {
		return b
	}
	if r.category == KnownAnswers && s.slack() > 0 && b.justified() {
		return nil
	}
	b.weigh(r)
	if !r.modelled() {
		b.unjudged()
	}
	return b
}

// modelled reports whether the rule is about what an exact model would answer.
// Of other rules a model knows nothing: what it would have granted may be what
// breaks them.
func (r rule) modelled() bool { return r.category == KnownAnswers || r.category == Oracle }

// weigh says how bad the breach is: an error outweighs all, then what an exact
// model says of the grants, where the rule is about that.
func (b *breach) weigh(r rule) {
	has := func(what func(Step) bool) bool { return slices.ContainsFunc(b.steps, what) }
	switch {
	case b.severity != "":
	case b.failed:
		b.severity = High
	case r.modelled() && has(func(s Step) bool { return s.Right != "" }):
		b.severity = Medium
		if has(func(s Step) bool { return s.Allowed && s.Right == "denied" }) {
			b.severity = High
		}
	default:
		b.severity = r.severity
	}
}

// unjudged takes back what would have been right. Nobody else has the steps.
func (b *breach) unjudged() {
	for i := range b.steps {
		b.steps[i].Right = ""
	}
}

// justified reports whether an exact model agrees with every step, as far as a
// step of the limiter's clock allows.
func (b *breach) justified() bool {
	return len(b.steps) > 0 && !slices.ContainsFunc(b.steps, func(s Step) bool {
		return s.Error != "" || s.Right == "granted" && !s.Allowed || s.Right == "denied" && s.Allowed
	})
}

// missing says why the rule does not apply to s, or, unexamined, why it cannot be
// examined although it does; nothing when it can.
func (r rule) missing(s *subject) (reason string, unexamined bool) {
	for i, n := range slices.Concat(r.about, r.means) {
		if reason := n(s); reason != "" {
			return reason, i >= len(r.about)
		}
	}
	return "", false
}

// premature says which of the rules that come before this one is broken.
func (r rule) premature(findings []Finding) string {
	for _, f := range findings {
		if f.Status == Fail && slices.Contains(r.after, f.Rule) {
			return f.Rule
		}
	}
	return ""
}

// A breach is a broken rule and how it came to that, or why nobody can tell.
type breach struct {
	message  string
	steps    []Step
	limit    limiters.Limit // under which it came to that
	judged   bool           // the steps say what would have been right
	severity Severity
	failed   bool // it came back with an error
	// undecided is why a check showed nothing; then all else is empty.
	undecided string
}

// concludes completes b by what is known of the limiter that was asked.
func (s *subject) concludes(b *breach) *breach {
	if b != nil && !b.judged && b.undecided == "" {
		b.steps, b.limit, b.judged = s.judgedSteps(b.steps), s.limit, true
	}
	return b
}

// unsupported reports that a limiter said that it cannot do what it was asked.
func unsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }
