package scenario

import (
	"strings"
	"testing"
)

// TestHTTPAnswersInScenarios: what answers are to be stands in the subject's
// description as it was given, which reads back as the same. Statuses are numbers or
// text, one, several or none.
func TestHTTPAnswersInScenarios(t *testing.T) {
	for config, want := range map[string]string{
		"ok: [2xx, 404]":        `"ok":["2xx","404"]`,
		"ok: 2xx":               `"ok":"2xx"`,
		"ok: 200, rejected: []": `"ok":"200","rejected":[]`,
		"rejected: [429, 4xx]":  `"rejected":["429","4xx"]`,
		"check: {status: 200, body: 'a: b', size: 5}":                `"check":{"status":"200","body":"a: b","size":5}`,
		"check: {status: [200, 204], body: '7', size: {max: 64KiB}}": `"check":{"status":["200","204"],"body":"7","size":{"max":"64KiB"}}`,
		"requests_per_connection: 3":                                 `"requests_per_connection":3`,
		"connect_timeout: 250ms":                                     `"connect_timeout":"250ms"`,
	} {
		s, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1', "+config+"}\n")
		if err != nil {
			t.Errorf("%s: %v", config, err)
			continue
		}
		if got := string(s.Subjects[0].JSON()); !strings.Contains(got, want) {
			t.Errorf("%s: subject is %s; want %s in it", config, got, want)
		}
		if again, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1', "+want+"}\n"); err != nil {
			t.Errorf("%s, written down as %s: %v", config, want, err)
		} else if got := string(again.Subjects[0].JSON()); !strings.Contains(got, want) {
			t.Errorf("%s, read again, is %s; want %s in it", config, got, want)
		}
	}
	_, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1', check: {bodies: x, size: []}}\n")
	wantProblems(t, err, `key "bodies" is unknown; want one of status, body, size`)
	_, err = subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1', ok: [2xx, 429], rejected: 429}\n")
	wantProblems(t, err, "rejected has 429, and so has ok; want it in one of them")
}
