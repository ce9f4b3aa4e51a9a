// Package tck holds implementations of Reactive Streams to the rules of the
// specification, as the compatibility kit of the JVM does: of its 47 required tests
// those 40 that are not about null references. A library takes part by a [Subject].
//
//	func TestStreams(t *testing.T) {
//		tck.Run(t, tck.Subject{Name: "mine", Publisher: func(n int64) reactive.Publisher[int64] { … }})
//	}
//
// Each rule runs in a bubble of testing/synctest, so that "nothing more comes" is
// known and not waited for. Goroutines of the subject have to end once its streams did.
package tck

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

// Subject is an implementation, as far as it has the parts. A part that is nil is not
// held to anything, and its rules are reported as not applicable.
type Subject struct {
	Name string
	// Publisher makes one of n elements, 0 to n-1, followed by completion. No more
	// than 1,000 are asked for.
	Publisher func(n int64) reactive.Publisher[int64]
	// Rejecting makes a publisher that turns every subscriber away, with an error.
	Rejecting func() reactive.Publisher[int64]
	// Subscriber makes one that requests nothing by itself and tells the probe
	// what it was sent; it sets the probe's Puppet.
	Subscriber func(p *Probe) reactive.Subscriber[int64]
	// Plain makes one that is as it is.
	Plain func() reactive.Subscriber[int64]
	// Processor makes one that sends on what it is sent.
	Processor func() reactive.Processor[int64, int64]
	// NoDemand says why rules about requests do not apply, where they do not.
	NoDemand string
}

// Part is what of a subject a rule is about.
type Part string

// The parts, as they are called in reports.
const (
	PublisherPart  Part = "publisher"
	RejectingPart  Part = "rejecting publisher"
	SubscriberPart Part = "subscriber"
	PlainPart      Part = "plain subscriber"
	ProcessorPart  Part = "processor"
)

// Rule is one required test.
type Rule struct {
	Spec   string // the rule of the specification, such as §1.01
	Part   Part
	Says   string // what has to be so
	demand bool   // makes sense only where elements are requested
	null   bool   // is about null references
	check  func(e *env)
}

// ID names the rule in failures and reports.
func (r Rule) ID() string { return fmt.Sprintf("%s %s: %s", r.Spec, r.Part, r.Says) }

// Verdict is what came of a rule: it does not apply, for a reason; or it is broken,
// in some ways; or it is kept.
type Verdict struct {
	Rule   Rule
	Reason string
	Broken []string
}

// Run holds s to all rules and fails t for each that is broken.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for _, v := range Check(t, s) {
		for _, why := range v.Broken {
			t.Errorf("%s: %s: %s", s.Name, v.Rule.ID(), why)
		}
	}
}

// Check returns the verdict for every rule, in the order of [Rules]. It fails t only
// where a goroutine is left behind.
func Check(t *testing.T, s Subject) []Verdict {
	t.Helper()
	var all []Verdict
	for _, r := range Rules() {
		v := Verdict{Rule: r, Reason: s.without(r)}
		if v.Reason == "" {
			v.Broken = judge(t, s, r)
		}
		all = append(all, v)
	}
	return all
}

func judge(t *testing.T, s Subject, r Rule) (broken []string) {
	synctest.Test(t, func(*testing.T) {
		e := &env{subject: s}
		defer func() { broken = e.broken }()
		defer e.close()
		e.call("the rule's calls", func() { r.check(e) })
	})
	return broken
}

// without says why the rule does not apply to s, if so.
func (s *Subject) without(r Rule) string {
	has := map[Part]bool{
		PublisherPart: s.Publisher != nil, RejectingPart: s.Rejecting != nil, SubscriberPart: s.Subscriber != nil,
		PlainPart: s.Plain != nil, ProcessorPart: s.Processor != nil,
	}
	switch {
	case r.null:
		return "about null references, which Go's elements and errors need not be"
	case !has[r.Part]:
		return "there is no " + string(r.Part)
	case r.demand:
		return s.NoDemand
	}
	return ""
}
