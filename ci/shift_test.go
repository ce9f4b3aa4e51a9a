package ci

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
)

// timed is a run of answers whose times are exponential, and beyond 93 % longer by a factor.
func timed(t *testing.T, scale, factor float64) Measured {
	t.Helper()
	const n = 2000
	shard := results.NewShard(results.Options{})
	for k := range n {
		share := (float64(k) + 0.5) / n
		took := scale * 1e6 * (1 - math.Log1p(-share))
		if share > 0.93 {
			took *= factor
		}
		s := results.Sample{Done: time.Duration(took), Outcome: results.OK}
		shard.Offer(0, 0, 0, 1)
		shard.Record(&s)
	}
	m, err := results.Merge(results.Options{}, shard)
	if err != nil {
		t.Fatal(err)
	}
	run := &results.Run{Time: results.Real, Validity: results.Validity{Verdict: results.Valid}}
	m.Fill(run, time.Second)
	return Measured{Run: run}
}

// TestJudgeSaysWhere: of the histogram that a claim is of, or of response times where none
// is, in every output that has words; and nothing of what is exact.
func TestJudgeSaysWhere(t *testing.T) {
	u := Unit{Scenario: "web", Subject: "api"}
	for i := range 8 {
		u.Pairs = append(u.Pairs, Pair{Number: i + 1, Order: "AB", A: timed(t, 1+float64(i)/100, 1), B: timed(t, 1.001+float64(i)/100, 1.3)})
	}
	const want = "web/api: only the tail moved: response.ok is longer at p95, +"
	for _, claims := range []string{"{metric: response.ok.p50}", "{metric: goodput}"} {
		p, err := ParsePolicy("gate.yaml", []byte("scenario: steady\na: {subject: gcra}\nb: {subject: token-bucket}\nclaims: ["+claims+"]\npairs: [8]\n"))
		if err != nil {
			t.Fatal(err)
		}
		c := Case{Policy: p, Units: []Unit{u}}
		v := c.Judge()
		if len(v.Shifts) != 1 || v.Shifts[0].Histogram != "response.ok" || len(v.Shifts[0].Points) != 10 {
			t.Fatalf("%s: shifts are %+v; want p10 to p95 of response.ok", claims, v.Shifts)
		}
		for _, kind := range []string{"table", "markdown", "html"} {
			text := strings.ReplaceAll(strings.ReplaceAll(written(t, kind, v), "\n", " "), `\_`, "_")
			if kind != "html" && !strings.Contains(text, "where: "+want) || !strings.Contains(text, "only the tail moved: response.ok") {
				t.Errorf("%s: %s does not say where:\n%.2000s", claims, kind, text)
			}
		}
		if !strings.Contains(written(t, "json", v), `"said": "only the tail moved`) {
			t.Errorf("%s: the file of the verdict does not say where", claims)
		}
		p.Virtual = true
		if got := c.shifts(); got != nil {
			t.Errorf("of virtual time: %+v", got)
		}
	}
}
