package oracle

import (
	"testing"
	"time"
)

// TestClasses: each class is held to its own limit, and what is found adds up.
func TestClasses(t *testing.T) {
	var c Classes
	for _, burst := range []int64{2, 1} {
		j, err := NewJudge(Options{Algorithm: "token-bucket", Limit: Limit{Rate: 1, Period: time.Hour, Burst: burst}})
		if err != nil {
			t.Fatal(err)
		}
		c = append(c, j)
	}
	c = append(c, c[0])                            // a third class shares the first one's
	for _, class := range []uint8{0, 2, 1, 1, 1} { // the last two are one and two too many
		c.Observe(Observation{Key: "k", N: 1, Class: class, Allowed: true})
	}
	c.Observe(Observation{Key: "other", N: 1, Allowed: false})
	r := c.Report()
	if r.Judged != 6 || r.FalseAdmits != 2 || r.FalseDenials != 1 || r.Admitted != 5 || r.Entitled != 4 {
		t.Errorf("report is %+v; want 6 judged, 2 false admits, 1 false denial, 5 of 4 admitted", r)
	}
	if r.BurstExcess != 2 || r.WorstWindow.Tokens != 3 || r.RateError != 0.25 || len(r.Violations) != 3 {
		t.Errorf("report is %+v; want an excess of 2 with 3 tokens, a rate error of 0.25, 3 violations", r)
	}
}
