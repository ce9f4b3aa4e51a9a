package scenario

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

const (
	maxAttempts = 1000
	maxJitter   = 10
	maxFactor   = 100
	maxBudget   = 100
)

// retryable are the outcomes after which callers may try again.
var retryable = [...]results.Outcome{results.Rejected, results.Shed, results.TimedOut, results.Failed}

// retry checks what callers do whose attempt ended badly.
func (p *parser) retry(n *strictyaml.Node, r retry) runner.Retry {
	if r.Attempts < 2 || r.Attempts > maxAttempts {
		p.problem(at(n, "attempts"), "attempts is %d; want 2 to %d, the first included, or no retry", r.Attempts, maxAttempts)
	}
	if r.Wait < 0 {
		p.problem(at(n, "wait"), "wait is %v; want more than 0s, or none for as long as the target asks for", r.Wait)
	}
	if !(r.Jitter >= 0 && r.Jitter <= maxJitter) {
		p.problem(at(n, "jitter"), "jitter is %v; want 0 to %d, a share of the wait", r.Jitter, maxJitter)
	}
	if n.Get("budget") != nil && !(r.Budget > 0 && r.Budget <= maxBudget) {
		p.problem(at(n, "budget"), "budget is %v; want more than 0 and at most %d, retries for each first attempt, or none", r.Budget, maxBudget)
	}
	out := runner.Retry{On: p.retryOn(n, r), Attempts: r.Attempts, Wait: r.Wait.Std(), Jitter: r.Jitter, Budget: r.Budget}
	if r.Backoff != nil {
		out.Backoff = p.backoff(n, r.Backoff)
	}
	return out
}

// retryOn are the outcomes after which there is another attempt. Only a
// refusal says how long to wait, so after others the scenario must.
func (p *parser) retryOn(n *strictyaml.Node, r retry) runner.OutcomeSet {
	if len(r.On) == 0 {
		return runner.NewOutcomeSet(results.Rejected)
	}
	var all []results.Outcome
	items := at(n, "on").Items()
	for i, name := range r.On {
		k := slices.IndexFunc(retryable[:], func(o results.Outcome) bool { return o.String() == name })
		if k < 0 {
			p.problem(items[i], "outcome %q is not one to try again after; want some of %s", name, strings.Join(outcomeNames(), ", "))
			continue
		}
		all = append(all, retryable[k])
		if name != results.Rejected.String() && r.Wait <= 0 && r.Backoff == nil {
			p.problem(items[i], "nobody says how long to wait after %s; want wait or backoff beside it", name)
		}
	}
	return runner.NewOutcomeSet(all...)
}

func outcomeNames() (names []string) {
	for _, o := range retryable {
		names = append(names, o.String())
	}
	return names
}

func (p *parser) backoff(n *strictyaml.Node, b *backoff) runner.Backoff {
	here := at(n, "backoff")
	for _, beside := range []string{"wait", "jitter"} {
		if extra := n.Get(beside); extra != nil {
			p.problem(extra, "%s stands beside backoff, which draws the whole wait; want one of the two", beside)
		}
	}
	if b.Base <= 0 {
		p.problem(at(here, "base"), "base is %v; want more than 0s, such as 10ms", b.Base)
	}
	if b.Cap < 0 || b.Cap > 0 && b.Cap < b.Base {
		p.problem(at(here, "cap"), "cap is %v; want at least the base, %v, or none", b.Cap, b.Base)
	}
	if here.Get("factor") == nil {
		b.Factor = 2
	}
	if !(b.Factor >= 1 && b.Factor <= maxFactor) {
		p.problem(at(here, "factor"), "factor is %v; want 1 to %d", b.Factor, maxFactor)
	}
	return runner.Backoff{Base: b.Base.Std(), Factor: b.Factor, Cap: b.Cap.Std()}
}
