package trials

import (
	"math"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// TestHighest: a value that has an end by itself is searched up to there, and one that may be a
// fraction as one.
func TestHighest(t *testing.T) {
	for over, c := range map[string]struct {
		highest float64
		beyond  string
		whole   bool
		lowest  float64
	}{
		"rate":                      {0, "", false, 100},
		"limiter.rate":              {0, "", false, 100},
		"lanes":                     {1024, "lanes is ", true, 1},
		"workload.keys.hot_share":   {1, "hot_share is ", false, 0.01},
		"workload.keys.hot_keys":    {999, "hot_keys is ", true, 1},
		"load.max_in_flight":        {1 << 20, "max_in_flight is ", true, 1},
		"subjects[0].limiter.burst": {0, "", true, 1},
	} {
		doc, err := strictyaml.Parse("x", []byte(`
name: x
workload: {arrivals: {kind: poisson, rate: 10/s}, keys: {kind: hotset, n: 1000, hot_keys: 10, hot_share: 0.5}}
thresholds: ["response.ok.p99 < 20ms"]
subjects: [{limiter: {kind: gcra, rate: 1/s, burst: 1}}]
`))
		if err != nil {
			t.Fatal(err)
		}
		m, err := New(doc, over)
		if err != nil {
			t.Errorf("%s: %v", over, err)
			continue
		}
		highest, beyond := m.Highest()
		if math.Abs(highest-c.highest) > 1e-9 || (beyond == nil) != (c.beyond == "") || beyond != nil && !strings.Contains(beyond.Error(), c.beyond) || m.Whole() != c.whole || m.Lowest() != c.lowest {
			t.Errorf("%s is at most %.6g (%v), whole %t, %.6g at least; want %.6g (%s), %t, %.6g", over, highest, beyond, m.Whole(), m.Lowest(), c.highest, c.beyond, c.whole, c.lowest)
		}
	}
}
