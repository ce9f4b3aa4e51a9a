package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/results/paired"
)

// unsure is the chance that a bound of a certificate does not hold.
const unsure = 0.05

// certificate is what a self-test proves.
type certificate struct {
	selfPlan
	Same     testedKind  `json:"against_itself"`
	Slower   *testedKind `json:"slower,omitempty"`
	Alarms   int         `json:"false_alarms"`
	AtMost   float64     `json:"false_alarm_rate_at_most"` // 95 % sure
	Found    int         `json:"found"`
	AtLeast  float64     `json:"found_rate_at_least"` // 95 % sure
	TookNS   int64       `json:"took_ns"`
	FirstRun time.Time   `json:"started_at"`
}

// testedKind is what became of the gates of a kind. What a gate calls invalid it has
// not judged.
type testedKind struct {
	Gates    int                `json:"gates"`
	Judged   int                `json:"judged"`
	Outcomes map[ci.Outcome]int `json:"outcomes"`
	Changes  []changesOf        `json:"changes"` // of claims, as shares
}

// changesOf is by how much a claim changed, over gates.
type changesOf struct {
	ID     string  `json:"id"`
	Least  float64 `json:"least"`
	Median float64 `json:"median"`
	Most   float64 `json:"most"`
	PairSD float64 `json:"pair_sd"` // its median
}

func countKinds(all []testedGate) (same, injected int) {
	for _, g := range all {
		if g.Injected == 0 {
			same++
		} else {
			injected++
		}
	}
	return same, injected
}

func newCertificate(plan selfPlan, all []testedGate) *certificate {
	c := &certificate{selfPlan: plan}
	var same, slower []testedGate
	for _, g := range all {
		if c.TookNS += g.TookNS; c.FirstRun.IsZero() {
			c.FirstRun = g.Started
		}
		if g.Injected == 0 {
			same = append(same, g)
		} else {
			slower = append(slower, g)
		}
	}
	c.Same = kindOf(same)
	c.Alarms = c.Same.Outcomes[ci.Regressed]
	c.AtMost = paired.AtMost(c.Alarms, c.Same.Judged, unsure)
	if plan.Injected > 0 {
		k := kindOf(slower)
		c.Slower, c.Found = &k, k.Outcomes[ci.Regressed]
		c.AtLeast = paired.AtLeast(c.Found, k.Gates, unsure)
	}
	return c
}

func kindOf(all []testedGate) testedKind {
	k := testedKind{Gates: len(all), Outcomes: map[ci.Outcome]int{}, Changes: []changesOf{}}
	changes, deviations := map[string][]float64{}, map[string][]float64{}
	var ids []string
	for _, g := range all {
		k.Outcomes[g.Verdict]++
		if g.Verdict == ci.Invalid || g.Verdict == ci.NoData {
			continue
		}
		k.Judged++
		for _, c := range g.Claims {
			if !c.Relative {
				continue
			}
			if changes[c.ID] == nil {
				ids = append(ids, c.ID)
			}
			changes[c.ID], deviations[c.ID] = append(changes[c.ID], c.Change), append(deviations[c.ID], c.PairSD)
		}
	}
	for _, id := range ids {
		v := changes[id]
		slices.Sort(v)
		slices.Sort(deviations[id])
		k.Changes = append(k.Changes, changesOf{id, v[0], v[len(v)/2], v[len(v)-1], deviations[id][len(v)/2]})
	}
	return k
}

// missed is an error where a gate is not as good as it has to be: any false alarm, or
// fewer than 19 of 20 found.
func (c *certificate) missed() (err error) {
	if c.Alarms > 0 {
		err = fail(exitMissed, "%d of %d gates of a thing against itself were false alarms; want none", c.Alarms, c.Same.Judged)
	}
	if c.Slower != nil && 20*c.Found < 19*c.Slower.Gates {
		err = errors.Join(err, fail(exitMissed, "%d of %d gates found %+g%%; want 19 of 20", c.Found, c.Slower.Gates, 100*c.Injected))
	}
	if c.Same.Judged == 0 {
		err = errors.Join(err, fail(exitInvalid, "no gate of a thing against itself was judged; want a machine that is left alone"))
	}
	return err
}

func (c *certificate) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(c)
	}
	fmt.Fprintf(w, "self-test of gate %s, of %s\n%s, %s\nfrom %s UTC, %v in all\n\n", c.Policy, c.A, c.Program, c.Machine,
		c.FirstRun.UTC().Format(time.DateTime), time.Duration(c.TookNS).Round(time.Second))
	outcomes := []ci.Outcome{ci.Regressed, ci.Improved, ci.Pass, ci.Inconclusive, ci.Invalid, ci.NoData}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\tgates")
	for _, o := range outcomes {
		fmt.Fprintf(t, "\t%s", o)
	}
	fmt.Fprintln(t)
	c.row(t, "a against itself", &c.Same, outcomes)
	if c.Slower != nil {
		c.row(t, fmt.Sprintf("%+g%% injected", 100*c.Injected), c.Slower, outcomes)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	c.Same.print(w, "a against itself")
	fmt.Fprintf(w, "false alarms  %d of %d judged: with 95 %% certainty at most %.1f %%\n", c.Alarms, c.Same.Judged, 100*c.AtMost)
	if c.Slower != nil {
		c.Slower.print(w, fmt.Sprintf("%+g%% injected", 100*c.Injected))
		fmt.Fprintf(w, "found         %d of %d: with 95 %% certainty at least %.1f %%\n", c.Found, c.Slower.Gates, 100*c.AtLeast)
	}
	return nil
}

func (c *certificate) row(w io.Writer, name string, k *testedKind, outcomes []ci.Outcome) {
	cells := []string{name, fmt.Sprint(k.Gates)}
	for _, o := range outcomes {
		cells = append(cells, fmt.Sprint(k.Outcomes[o]))
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}

// print says by how much claims changed.
func (k *testedKind) print(w io.Writer, kind string) {
	for _, c := range k.Changes {
		fmt.Fprintf(w, "%s: %s changed by %+.1f %% to %+.1f %%, median %+.1f %%, pair SD %.1f %%\n", kind, c.ID, 100*c.Least, 100*c.Most, 100*c.Median, 100*c.PairSD)
	}
}
