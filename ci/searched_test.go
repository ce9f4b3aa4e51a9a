package ci

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
)

// searchCase is a case of a policy of capacities, locked as it is.
func searchCase(t *testing.T, policy string, pairs ...Pair) Case {
	t.Helper()
	p, err := ParsePolicy("ci/gate.yaml", []byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	c := Case{Policy: p, Units: []Unit{{Scenario: "web", Subject: "api", Digest: "d", Pairs: pairs}}}
	if c.Lock, err = c.NewLock(); err != nil {
		t.Fatal(err)
	}
	return c
}

func found(s Searched) Measured { return Measured{Search: &s} }

// TestBounds: the ends of the interval decide, and searches that came to no end do not.
func TestBounds(t *testing.T) {
	unknown := math.Inf(1)
	for name, c := range map[string]struct {
		found  Searched
		want   Outcome
		code   int
		reason string
	}{
		"above":             {Searched{Value: 5200, Low: 5100, High: 5300}, Pass, 0, ""},
		"at the lower end":  {Searched{Value: 5100, Low: 5000, High: 5200}, Pass, 0, ""},
		"across":            {Searched{Value: 5100, Low: 4999, High: 5200}, Inconclusive, 11, "between 4,999/s and 5,200/s"},
		"at the upper end":  {Searched{Value: 4900, Low: 4800, High: 5000}, Inconclusive, 11, "finer precision"},
		"below":             {Searched{Value: 4800, Low: 4700, High: 4900}, Regressed, 10, ""},
		"at least":          {Searched{Value: 5200, Low: 5098, High: unknown, Reason: "AT-LEAST: it keeps the goals"}, Pass, 0, "AT-LEAST"},
		"at least too low":  {Searched{Value: 5000, Low: 4902, High: unknown, Reason: "AT-LEAST: it keeps the goals"}, Inconclusive, 11, "AT-LEAST"},
		"none":              {Searched{Value: 5000, High: math.Nextafter(5000, 0), Reason: "NO-CAPACITY: the lowest misses"}, Regressed, 10, "NO-CAPACITY"},
		"not narrow enough": {Searched{Value: 5900, Low: 5600, High: 6200, Outcome: Inconclusive, Reason: "INCONCLUSIVE: the budget"}, Inconclusive, 11, "the budget"},
		"nothing":           {Searched{High: unknown, Outcome: Inconclusive, Reason: "INCONCLUSIVE: no trial came near"}, Inconclusive, 11, "no trial"},
		"unstable":          {Searched{High: unknown, Outcome: Invalid, Reason: "UNSTABLE-TARGET: it falls"}, Invalid, 12, "it falls"},
	} {
		v := searchCase(t, searched, Pair{Number: 1, Order: "AB", B: found(c.found)}).Judge()
		f := v.Claims[0]
		if v.Verdict != c.want || v.ExitCode != c.code || f.Verdict != c.want || !strings.Contains(f.Reason, c.reason) || (c.reason == "") != (f.Reason == "") {
			t.Errorf("%s: %s (%d) because of %q, %q; want %s because of %q", name, v.Verdict, v.ExitCode, f.Reason, v.Reasons, c.want, c.reason)
		}
		if c.found.Value > 0 && (f.A != 5000 || f.B != c.found.Value || math.Abs(f.Change-(f.B/f.A-1)) > 1e-12) {
			t.Errorf("%s: finding is %+v; want the bound, what was found, and its share of that", name, f)
		}
	}
}

// TestBoundsAreLocked: a claim that is gone, whose bound is another, or whose goals are, does not pass.
func TestBoundsAreLocked(t *testing.T) {
	good := func() Case {
		return searchCase(t, searched, Pair{Number: 1, Order: "AB", B: found(Searched{Value: 5200, Low: 5100, High: 5300})})
	}
	if l := good().Lock.Claims; len(l) != 1 || l[0].ID != "web/api/capacity" || l[0].Margin != "at least 5k/s" || l[0].Digest != "d" || l[0].Value != nil {
		t.Errorf("the lockfile has %+v", l)
	}
	for name, c := range map[string]struct {
		change func(*Case)
		want   Outcome
		why    string
	}{
		"gone":      {func(c *Case) { c.Units = nil }, NoData, "the lockfile expects it"},
		"no trials": {func(c *Case) { c.Units[0].Pairs = nil }, NoData, "nothing was measured"},
		"renamed":   {func(c *Case) { c.Units[0].Subject = "web" }, NoData, "the lockfile expects it"},
		"bound":     {func(c *Case) { c.Policy.Claims[0].Margin.text = "at least 1k/s" }, NoData, "its margin is at least 1k/s and the lockfile has at least 5k/s"},
		"goals":     {func(c *Case) { c.Units[0].Digest = "e" }, Invalid, "its workload and goals are e and the lockfile has d"},
		"not known": {func(c *Case) { c.Lock.Claims[0].ID = "other" }, NoData, "it is not in the lockfile"},
	} {
		one := good()
		c.change(&one)
		v := one.Judge()
		var text bytes.Buffer
		if err := CSV(&text, v); err != nil {
			t.Fatal(err)
		}
		if v.Verdict != c.want || !strings.Contains(text.String(), c.why) {
			t.Errorf("%s: %s\n%s\nwant %s because of %q", name, v.Verdict, &text, c.want, c.why)
		}
	}
}

// TestSearchesWithoutPairs: where a side has no estimates, where its capacity lies decides.
func TestSearchesWithoutPairs(t *testing.T) {
	unknown := math.Inf(1)
	ends := func(low, high float64, more ...string) Searched {
		return Searched{Value: max(low, 1), Low: low, High: high, Rough: true, Reason: strings.Join(more, "")}
	}
	for name, c := range map[string]struct {
		a, b Searched
		want Outcome
		why  string
	}{
		"b has none":        {ends(900, 1200), ends(0, 100, "NO-CAPACITY"), Regressed, "NO-CAPACITY"},
		"b is at least":     {ends(900, 1200), ends(1300, unknown, "AT-LEAST"), Pass, "AT-LEAST"},
		"both are at least": {ends(1000, unknown, "AT-LEAST"), ends(1000, unknown, "AT-LEAST"), Inconclusive, "want a higher most"},
		"neither has any":   {ends(0, 100, "NO-CAPACITY"), ends(0, 100, "NO-CAPACITY"), Inconclusive, "want a lower from"},
		"a is at least":     {ends(1000, unknown, "AT-LEAST"), ends(500, 600), Regressed, "AT-LEAST"},
		"within the margin": {ends(1000, unknown, "AT-LEAST"), ends(900, 960), Inconclusive, "AT-LEAST"},
		"unstable":          {ends(900, 1000), Searched{Outcome: Invalid, Rough: true, Reason: "UNSTABLE-TARGET"}, Invalid, "UNSTABLE-TARGET"},
		"both undecided":    {Searched{Outcome: Inconclusive, Rough: true, Reason: "a"}, Searched{Outcome: Invalid, Rough: true, Reason: "b"}, Invalid, "a; b"},
	} {
		v := searchCase(t, compared+"claims: [{metric: capacity}]\n", Pair{Number: 1, Order: "AB", A: found(c.a), B: found(c.b)}).Judge()
		if v.Verdict != c.want || !strings.Contains(v.Claims[0].Reason, c.why) {
			t.Errorf("%s: %s %q; want %s because of %q", name, v.Verdict, v.Claims[0].Reason, c.want, c.why)
		}
	}
}

// TestCapacitiesArePaired: estimates of both sides are judged as any other metric, by
// default with a margin of 5 %.
func TestCapacitiesArePaired(t *testing.T) {
	for name, c := range map[string]struct {
		factor float64
		want   Outcome
	}{"same": {1, Pass}, "a tenth less": {0.9, Regressed}, "a tenth more": {1.1, Improved}} {
		var pairs []Pair
		for i := range 8 {
			noise := 1 + 0.001*float64(i)
			pairs = append(pairs, Pair{Number: i + 1, Order: [...]string{"AB", "BA"}[i%2], A: found(Searched{Value: 1000 * noise * noise}), B: found(Searched{Value: 1000 * c.factor * noise})})
		}
		one := searchCase(t, compared+"claims: [{metric: capacity}]\npairs: [8]\n", pairs...)
		v := one.Judge()
		f := v.Claims[0]
		if v.Verdict != c.want || f.Margin != "5%" || f.Unit != results.UnitRate || f.N != 8 {
			t.Errorf("%s: %s of %+v; want %s", name, v.Verdict, f, c.want)
		}
	}
}

// TestAcceptedCapacities: less than the bound may be accepted, and no capacity at all not.
func TestAcceptedCapacities(t *testing.T) {
	for name, c := range map[string]struct {
		found Searched
		want  Outcome
	}{
		"a little less": {Searched{Value: 4800, Low: 4700, High: 4900}, Accepted},
		"much less":     {Searched{Value: 4000, Low: 3900, High: 4100}, Regressed},
		"none":          {Searched{Value: 5000, High: math.Nextafter(5000, 0), Reason: "NO-CAPACITY"}, Regressed},
	} {
		one := searchCase(t, searched, Pair{Number: 1, Order: "AB", B: found(c.found)})
		one.Accepted = &Acceptances{All: []Acceptance{{Claim: "web/api/capacity", Until: "2999-12-31", Most: "5%", By: "me", Reason: "more work"}}}
		if p := one.Accepted.All[0].Problems(); len(p) > 0 {
			t.Fatal(p)
		}
		if got := one.Judge().Verdict; got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
}

// TestEveryFormatOfABound: no output knows capacities, and each writes them.
func TestEveryFormatOfABound(t *testing.T) {
	for _, s := range []Searched{{Value: 4800, Low: 4700, High: 4900}, {Value: 5200, Low: 5100, High: math.Inf(1)}, {High: math.Inf(1), Outcome: Invalid}} {
		v := searchCase(t, searched, Pair{Number: 1, Order: "AB", B: found(s)}).Judge()
		for _, format := range Formats() {
			if text := written(t, format.Name, v); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s of %+v:\n%s", format.Name, s, text)
			}
		}
	}
}
