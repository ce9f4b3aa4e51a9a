package tck

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// own are fcbench's streams: a source, and the operators that lose nothing unless they
// overflow.
func own() []Subject {
	return []Subject{
		{
			Name: "source, consumer, processor",
			Publisher: func(n int64) reactive.Publisher[int64] {
				return reactive.Of(n, number)
			},
			Rejecting: taken,
			Subscriber: func(p *Probe) reactive.Subscriber[int64] {
				c := &reactive.Consumer[int64]{Next: p.Next, End: p.End}
				p.Puppet = c
				return c
			},
			Plain:     func() reactive.Subscriber[int64] { return &reactive.Consumer[int64]{Prefetch: 4} },
			Processor: processor,
		},
		{
			Name: "publishOn",
			Publisher: func(n int64) reactive.Publisher[int64] {
				return reactive.PublishOn(reactive.Of(n, number), reactive.DefaultPrefetch)
			},
			Rejecting: func() reactive.Publisher[int64] { return reactive.PublishOn(taken(), 2) },
			Plain:     func() reactive.Subscriber[int64] { return busy() },
		},
		{
			Name: "buffer(1000)",
			Publisher: func(n int64) reactive.Publisher[int64] {
				return reactive.Relieve(reactive.Of(n, number), reactive.OverflowBuffer, reactive.DefaultBuffer, nil)
			},
			Rejecting: func() reactive.Publisher[int64] {
				return reactive.Relieve(taken(), reactive.OverflowBuffer, 2, nil)
			},
		},
	}
}

func processor() reactive.Processor[int64, int64] {
	p, _ := reactive.NewProcessor[int64](reactive.DefaultPrefetch)
	return p
}

// taken is a publisher with its only subscriber.
func taken() reactive.Publisher[int64] {
	p := processor()
	p.Subscribe(&reactive.Consumer[int64]{})
	return p
}

// busy is a processor whose subscriber is there.
func busy() reactive.Subscriber[int64] {
	p := processor()
	p.Subscribe(&reactive.Consumer[int64]{Prefetch: reactive.Unbounded})
	return p
}

func TestOwnStreamsKeepTheRules(t *testing.T) {
	for _, s := range own() {
		t.Run(s.Name, func(t *testing.T) { Run(t, s) })
	}
}

func TestEveryRuleHasAWoundThatBreaksItAlone(t *testing.T) {
	wounds := slices.Concat(publisherWounds(), subscriberWounds(), processorWounds())
	rules := slices.DeleteFunc(Rules(), func(r Rule) bool { return r.null })
	if len(Rules()) != 47 || len(rules) != 40 || len(wounds) != len(rules) {
		t.Fatalf("%d rules, %d of them with a meaning, %d wounds; want 47, 40, 40", len(Rules()), len(rules), len(wounds))
	}
	for i, r := range rules {
		t.Run(r.ID(), func(t *testing.T) {
			var broken []string
			for _, v := range Check(t, wounds[i]) {
				if len(v.Broken) > 0 {
					broken = append(broken, v.Rule.ID())
				}
			}
			if !slices.Equal(broken, []string{r.ID()}) {
				t.Errorf("broken are %q; want this rule alone", broken)
			}
		})
	}
}

func TestWhatDoesNotApplySaysWhy(t *testing.T) {
	s := Subject{Publisher: own()[0].Publisher, NoDemand: "elements are pushed"}
	reasons := map[string]int{}
	for _, v := range Check(t, s) {
		reasons[v.Reason]++
	}
	if reasons["elements are pushed"] != 10 || reasons[""] != 8 || reasons["there is no processor"] != 2 {
		t.Errorf("reasons are %v; want 8 rules held to, 10 not for want of demand", reasons)
	}
}

// The matrix in the documentation is the one that is printed here.
func TestTheMatrixInTheDocsIsTrue(t *testing.T) {
	var columns []Column
	for _, s := range own() {
		columns = append(columns, Column{s.Name, Check(t, s)})
	}
	page, err := os.ReadFile("../../../docs/reactive-streams.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := Matrix(columns...); !strings.Contains(string(page), want) {
		t.Errorf("docs/reactive-streams.md does not contain what the suite finds:\n%s", want)
	}
}
