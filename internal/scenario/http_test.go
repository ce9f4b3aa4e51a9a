package scenario

import (
	"strings"
	"testing"
)

// TestHTTPStatusesInScenarios: statuses are numbers or text, one or several, and stand
// in the subject's description as they were given, also where there are none.
func TestHTTPStatusesInScenarios(t *testing.T) {
	for config, want := range map[string]string{
		"ok: [2xx, 404]":        `"ok":["2xx","404"]`,
		"ok: 2xx":               `"ok":"2xx"`,
		"ok: 200, rejected: []": `"ok":"200","rejected":[]`,
		"rejected: [429, 4xx]":  `"rejected":["429","4xx"]`,
	} {
		s, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1', "+config+"}\n")
		if err != nil {
			t.Errorf("%s: %v", config, err)
			continue
		}
		if got := string(s.Subjects[0].JSON()); !strings.Contains(got, want) {
			t.Errorf("%s: subject is %s; want %s in it", config, got, want)
		}
	}
	_, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1', ok: [2xx, 429], rejected: 429}\n")
	wantProblems(t, err, "rejected has 429, and so has ok; want it in one of them")
}
