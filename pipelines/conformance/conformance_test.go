package conformance_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/conformance"
)

// wound is what is wrong with a line.
type wound int

const (
	sound wound = iota
	forgetsOne
	takesTwice
	dropsTwice
	hasNoCause
	growsWithoutBound
	newestFirst
	acceptsAndDrops
	refusesInSilence
	losesThePlace
	stampsNothing
	dropsWhenEmpty
	sharesState
	waitsForNoTime
	evictsForNobody
	copiesAnother
	copiesTooSoon
)

// line is drop-oldest on a slice, and wounded.
type line struct {
	wound wound
	all   []pipelines.Item
	turn  int
	last  pipelines.Item
	turns *int
}

const room = 10

func (l *line) Len() int { return len(l.all) }
func (l *line) Cap() int { return room }

func (l *line) Offer(now time.Duration, it *pipelines.Item) pipelines.Answer {
	l.turn++
	*l.turns++
	out := pipelines.Answer{Verdict: pipelines.Accepted}
	cause := pipelines.DroppedOldest
	if l.wound == hasNoCause {
		cause = 0
	}
	if l.wound == dropsWhenEmpty && len(l.all) == 0 && l.turn%7 == 0 || l.wound == sharesState && *l.turns%97 == 0 && l.turn > 90 {
		return pipelines.Answer{Verdict: pipelines.Refused, Dropped: []pipelines.Drop{{Item: *it, Cause: cause}}}
	}
	if len(l.all) == room && l.wound == waitsForNoTime {
		return pipelines.Answer{Verdict: pipelines.Full, Until: now}
	}
	if len(l.all) == room && l.wound != growsWithoutBound {
		out.Dropped = []pipelines.Drop{{Item: l.all[0], Cause: cause}}
		if l.wound == dropsTwice {
			out.Dropped = append(out.Dropped, out.Dropped[0])
		}
		l.all = l.all[1:]
		switch l.wound {
		case forgetsOne:
			out.Dropped = nil
		case refusesInSilence:
			out.Verdict = pipelines.Refused
			return out
		case acceptsAndDrops:
			out.Dropped[0].Item = *it
			return out
		case evictsForNobody:
			out.Verdict, out.Until = pipelines.Full, pipelines.Forever
			return out
		}
	}
	in := *it
	if l.wound != stampsNothing {
		in.Enqueued = now
	}
	if l.wound == losesThePlace {
		in.Key++
	}
	l.all = append(l.all, in)
	return out
}

func (l *line) Take(_ time.Duration, it *pipelines.Item) (bool, []pipelines.Drop) {
	if copies := l.wound == copiesAnother || l.wound == copiesTooSoon; copies && l.last.Token > 0 && (len(l.all) == 0 || l.wound == copiesTooSoon && l.turn%9 == 0) {
		*it = l.last
		it.Extrapolated = true
		l.turn++
		if l.wound == copiesAnother {
			it.Size++
		}
		return true, nil
	}
	if len(l.all) == 0 {
		return false, nil
	}
	l.last = l.all[0]
	if l.wound == newestFirst {
		*it = l.all[len(l.all)-1]
		l.all = l.all[:len(l.all)-1]
		return true, nil
	}
	*it = l.all[0]
	if l.turn++; l.wound != takesTwice || l.turn%50 != 0 {
		l.all = l.all[1:]
	}
	return true, nil
}

// noted counts what a rule has to say.
type noted struct {
	*testing.T
	errors int
}

func (n *noted) Errorf(string, ...any) { n.errors++ }

// TestRulesNoticeWounds: a sound policy breaks no rule, a wounded one the rule it should.
func TestRulesNoticeWounds(t *testing.T) {
	for wound, broken := range map[wound]string{
		sound: "", forgetsOne: "conservation", takesTwice: "conservation", dropsTwice: "conservation", hasNoCause: "one cause",
		growsWithoutBound: "bounded", newestFirst: "order", acceptsAndDrops: "verdicts", refusesInSilence: "verdicts", losesThePlace: "untouched",
		stampsNothing: "untouched", dropsWhenEmpty: "harmless when idle", sharesState: "same again", waitsForNoTime: "verdicts", evictsForNobody: "verdicts",
		copiesAnother: "conservation", copiesTooSoon: "conservation",
	} {
		turns := 0
		fresh := func() pipelines.Policy { return &line{wound: wound, turns: &turns} }
		noticed := map[string]bool{}
		for _, rule := range conformance.Rules {
			n := &noted{T: t}
			rule.Check(n, fresh, conformance.Options{Order: conformance.Oldest, Causes: []pipelines.Cause{pipelines.DroppedOldest}})
			noticed[rule.Name] = n.errors > 0
			if wound == sound && n.errors > 0 {
				t.Errorf("rule %q accuses a sound policy", rule.Name)
			}
		}
		if broken != "" && !noticed[broken] {
			t.Errorf("rule %q does not notice wound %d; those that do: %v", broken, wound, noticed)
		}
	}
}
