package scenario

import (
	"strings"
	"testing"
)

// TestRequestsDigest is the same for the same mix, whatever its host and however it is
// written, and another for whatever changes a byte, or which arrival is which.
func TestRequestsDigest(t *testing.T) {
	digest := func(replace ...string) string {
		t.Helper()
		s, err := parse(t, strings.NewReplacer(replace...).Replace("name: m\nseed: 1\nworkload: {arrivals: 'constant:1/s'}\n"+aMix))
		if err != nil {
			t.Fatal(err)
		}
		return s.Subjects[0].RequestsDigest()
	}
	first := digest()
	if len(first) != 32 {
		t.Errorf("digest is %q", first)
	}
	for what, other := range map[string]string{
		"again": digest(), "host": digest("127.0.0.1:80", "localhost:8080"), "header": digest("{Cookie: all}", "{cookie: [all]}"),
		"default": digest("path: /rare", "path: /rare, method: GET, weight: 1"), "engine": digest("      headers:", "      engine: portable\n      headers:"),
		"rate": digest("constant:1/s", "constant:2/s"),
	} {
		if other != first {
			t.Errorf("%s: %s; want %s", what, other, first)
		}
	}
	seen := map[string]string{first: "first"}
	for what, other := range map[string]string{
		"seed": digest("seed: 1", "seed: 2"), "weight": digest("weight: 7", "weight: 8"), "name": digest("name: rare", "name: once"),
		"path": digest("/rare", "/rar"), "query": digest("q={key}", "p={key}"), "base": digest("127.0.0.1:80", "127.0.0.1:80/v2"),
		"method": digest("method: POST", "method: PUT"), "body": digest("body: '{}'", "body: '{ }'"), "header": digest("Cookie: all", "Cookie: none"),
		"header's name": digest("Cookie: all", "Cookies: all"), "own header": digest("Authorization: def", "Authorization: deg"),
		"trace": digest("      headers: {C", "      traceparent: true\n      headers: {C"), "pinned": digest("'constant:1/s'", "'constant:1/s', request: buy"),
	} {
		if before := seen[other]; before != "" {
			t.Errorf("%s has the digest of %s, %s", what, before, other)
		}
		seen[other] = what
	}
}

// TestAbortOnRequests: conditions are on what is known of a request while a run goes on.
func TestAbortOnRequests(t *testing.T) {
	abort := func(condition, subjects string) error {
		_, err := parse(t, "name: m\nworkload: {arrivals: 'constant:1/s'}\nabort: {on: ['"+condition+"']}\n"+subjects)
		return err
	}
	for _, fine := range []string{"requests.buy.outcomes.failed.share > 50%", "requests.search.outcomes.rejected > 10", "requests.rare.response_ok.p99 > 1s"} {
		if err := abort(fine, aMix); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
	wantProblems(t, abort("requests.buy.offered > 5", aMix), `condition "requests.buy.offered > 5" is on what is known only when a run has ended; want one of requests.buy.outcomes, requests.buy.response_ok`)
	wantProblems(t, abort("requests.sell.outcomes.failed > 5", aMix), `condition "requests.sell.outcomes.failed > 5" names request "sell"; want one of a subject's requests`)
	wantProblems(t, abort("requests.buy.outcomes.failed > 5", "subjects: [{target: noop}]\n"), `condition "requests.buy.outcomes.failed > 5" names request "buy"; want one of a subject's requests`)
	one := "subjects: [{target: {kind: http, url: 'http://127.0.0.1', requests: [{name: buy, path: /}]}}]\n"
	wantProblems(t, abort("requests.buy.outcomes.failed > 5", one), `condition "requests.buy.outcomes.failed > 5" names request "buy", which is the only one; want the metric of all, without requests.buy`)
	_, err := parse(t, "name: m\nworkload: {arrivals: 'constant:1/s'}\nthresholds: ['requests.buy.outcomes.failed < 5']\n"+one)
	wantProblems(t, err, `threshold "requests.buy.outcomes.failed < 5" names request "buy", which is the only one`)
	streams := "name: m\nworkload: {streams: [{name: a, arrivals: 'constant:1/s'}, {name: b, arrivals: 'constant:1/s'}]}\nsubjects: [{target: noop}]\nabort: {on: ['%s']}\n"
	if _, err := parse(t, strings.Replace(streams, "%s", "classes.a.response_ok.p99 > 1s", 1)); err != nil {
		t.Error(err)
	}
}
