package wire_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// TestHTTPStatusesAreToldApart: which statuses are ok and which are refusals is
// settled by the config, one by itself before a hundred, and what a refusal says of
// when to come back is read wherever there is one.
func TestHTTPStatusesAreToldApart(t *testing.T) {
	ok := targets.Response{Outcome: results.OK}
	failed := func(code int) targets.Response {
		return targets.Response{Outcome: results.Failed, Cause: fmt.Sprint("status ", code)}
	}
	rejected := func(code int) targets.Response {
		return targets.Response{Outcome: results.Rejected, Cause: fmt.Sprint(code), RetryAfter: 7 * time.Second}
	}
	for _, c := range []struct {
		ok, rejected strictyaml.Texts
		want         map[int]targets.Response
	}{
		{nil, nil, map[int]targets.Response{200: ok, 304: ok, 399: ok, 404: failed(404), 429: rejected(429), 500: failed(500), 503: rejected(503), 999: failed(999)}},
		{strictyaml.Texts{"2xx"}, nil, map[int]targets.Response{201: ok, 302: failed(302), 429: rejected(429)}},
		{strictyaml.Texts{"200", "404"}, nil, map[int]targets.Response{200: ok, 201: failed(201), 404: ok, 503: rejected(503)}},
		{strictyaml.Texts{"2xx", "4xx"}, nil, map[int]targets.Response{404: ok, 429: rejected(429)}}, // no hundred takes 429 from refusals
		{strictyaml.Texts{"2xx", "429"}, nil, map[int]targets.Response{429: ok, 503: rejected(503)}}, // but itself
		{nil, strictyaml.Texts{"4xx"}, map[int]targets.Response{404: rejected(404), 429: rejected(429), 503: failed(503)}},
		{strictyaml.Texts{"2xx", "404"}, strictyaml.Texts{"4xx"}, map[int]targets.Response{404: ok, 403: rejected(403), 302: failed(302)}},
		{nil, strictyaml.Texts{}, map[int]targets.Response{429: failed(429), 503: failed(503), 200: ok}},
		{nil, strictyaml.Texts{"302", "2xx"}, map[int]targets.Response{302: rejected(302), 301: ok, 200: rejected(200)}},
	} {
		for _, engine := range engines {
			for code, want := range c.want {
				words := fmt.Sprintf("HTTP/1.1 %d x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", code)
				h := engined(t, engine, wire.HTTPConfig{URL: "http://" + saying(t, words, ""), OK: c.ok, Rejected: c.rejected})
				want.Status = uint16(code)
				for _, got := range send(t, h, 1, make([]targets.Request, 2)...) {
					if got != want {
						t.Errorf("ok %q, rejected %q, %s engine: %d is %+v; want %+v", c.ok, c.rejected, engine, code, got, want)
					}
				}
			}
		}
	}
}

func TestHTTPStatusProblems(t *testing.T) {
	_, err := wire.NewHTTP(wire.HTTPConfig{
		URL: "http://h", OK: strictyaml.Texts{"2xx", "2XX", "600-", "1xx", "100", "20", "2xx", "404", "+20", ""}, Rejected: strictyaml.Texts{"2xx", "404", "4xx", "1000", "5x"},
	}, nil)
	wantAll(t, err, `ok has "2XX"; want a status from 200 to 999`, `ok has "600-"`, `ok has "1xx"`, `ok has "100"`, `ok has "20"`, "ok has 2xx twice", `ok has "+20"`, `ok has ""`,
		"rejected has 2xx, and so has ok", "rejected has 404, and so has ok", `rejected has "1000"`, `rejected has "5x"`)
	_, err = wire.NewHTTP(wire.HTTPConfig{URL: "http://h", OK: strictyaml.Texts{}}, nil)
	wantAll(t, err, "ok is empty; want a status at least")
}
