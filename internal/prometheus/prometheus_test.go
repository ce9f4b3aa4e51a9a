package prometheus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
)

// asking is a client of a server that answers as it is told, under a path.
func asking(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL+"/behind")
}

func clientOf(t *testing.T, address string) *Client {
	t.Helper()
	d, err := dial.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(address, http.Header{"Authorization": {"Bearer x"}}, d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func anHour() Range {
	from := time.Unix(1_772_323_200, 500_000_000)
	return Range{Query: `sum(rate(a{b="c"}[1m]))`, From: from, To: from.Add(time.Hour), Step: time.Minute}
}

// TestRange: the question as the API has it, and the answer.
func TestRange(t *testing.T) {
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		got := fmt.Sprint(r.Method, " ", r.URL.Path, " ", q.Get("query"), " ", q.Get("start"), " ", q.Get("end"), " ", q.Get("step"), " ", r.Header.Get("Authorization"))
		if want := `GET /behind/api/v1/query_range sum(rate(a{b="c"}[1m])) 1772323200.5 1772326800.5 60 Bearer x`; got != want {
			t.Errorf("asked is\n%s; want\n%s", got, want)
		}
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[
			{"metric":{"__name__":"a","x":"1","b":"c\"d"},"values":[[1772323200.5,"1.5"],[1772323260.5,"NaN"],[1772323320.5,"+Inf"]]},
			{"metric":{},"values":[]}]},"warnings":["some were down"],"infos":["no counter"]}`)
	})
	a, err := c.Range(t.Context(), anHour())
	if err != nil || len(a.Series) != 2 || len(a.Series[0].Samples) != 3 || len(a.Warnings) != 1 || len(a.Infos) != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	s := a.Series[0]
	if got := s.String() + a.Series[1].String(); got != `a{b="c\"d",x="1"}{}` {
		t.Errorf("series are called %s", got)
	}
	if s.Samples[0] != (Sample{time.UnixMilli(1_772_323_200_500).UTC(), 1.5}) || !math.IsNaN(s.Samples[1].Value) || !math.IsInf(s.Samples[2].Value, 1) {
		t.Errorf("samples are %v", s.Samples)
	}
}

// TestBadAnswers: each says what is wrong.
func TestBadAnswers(t *testing.T) {
	matrix := func(result string) string {
		return `{"status":"success","data":{"resultType":"matrix","result":` + result + `}}`
	}
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"a query that is none", 400, `{"status":"error","errorType":"bad_data","error":"parse error"}`, `"parse error" (bad_data, 400 Bad Request)`},
		{"too much", 422, `{"status":"error","errorType":"execution","error":"too many samples"}`, `"too many samples" (execution, 422`},
		{"down", 503, "<html>\nsorry", `it answers 503 Service Unavailable: "<html>\nsorry"`},
		{"no right", 401, "", `it answers 401 Unauthorized: ""`},
		{"another server", 200, "<html>hello", `it answers "<html>hello"; want what a Prometheus answers`},
		{"other JSON", 200, `{"a":1}`, "want what a Prometheus answers"},
		{"a list", 200, `[]`, "want what a Prometheus answers"},
		{"no matrix", 200, `{"status":"success","data":{"resultType":"vector","result":[]}}`, "want a matrix"},
		{"no data", 200, `{"status":"success"}`, "want a matrix"},
		{"histograms", 200, matrix(`[{"metric":{"__name__":"h"},"histograms":[[1,{}]]}]`), "h{} is of histograms"},
		{"no number", 200, matrix(`[{"metric":{},"values":[[1,"x"]]}]`), `a sample is [1,"x"]; want an instant and a number`},
		{"half a sample", 200, matrix(`[{"metric":{},"values":[[1]]}]`), "a sample is [1,]"},
		{"no instant", 200, matrix(`[{"metric":{},"values":[[1e300,"1"]]}]`), "a sample is [1e300"},
		{"elsewhere", 302, "", "it answers 302 Found to http://127.0.0.1:1/x; want that address itself"},
		{"endless", 200, strings.Repeat(" ", mostBytes+1), "the answer is longer than 16 MiB"},
	} {
		c := asking(t, func(w http.ResponseWriter, r *http.Request) {
			if tt.status == 302 {
				w.Header().Set("Location", "http://127.0.0.1:1/x")
			}
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})
		a, err := c.Range(t.Context(), anHour())
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %+v, %v; want %q", tt.name, a, err, tt.want)
		}
		var refused *RefusedError
		if errors.As(err, &refused) != strings.Contains(tt.body, `"errorType"`) {
			t.Errorf("%s: error is %T", tt.name, err)
		}
	}
}

// TestAddresses: those that are none, those that are not allowed, and passwords.
func TestAddresses(t *testing.T) {
	d, err := dial.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"", "127.0.0.1:9090", "ftp://127.0.0.1", "http://", "http://127.0.0.1?a=b", "http://a:secret@127.0.0.1:x", "http://a:secret@h/#x"} {
		if _, err := New(address, nil, d); err == nil || !strings.Contains(err.Error(), "want http://HOST:PORT") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error is %v", address, err)
		}
	}
	c := clientOf(t, "http://me:secret@192.0.2.1:9090/")
	_, err = c.Range(t.Context(), anHour())
	var refused *dial.RefusedError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "secret") || strings.Contains(c.Address(), "secret") {
		t.Errorf("%s: error is %v; want it refused, and no password", c.Address(), err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := clientOf(t, "http://127.0.0.1:1").Range(ended, anHour()); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v; want the context's", err)
	}
}

func TestCheckRange(t *testing.T) {
	at := time.Unix(0, 0)
	for _, tt := range []struct {
		r    Range
		want string
	}{
		{Range{From: at, To: at.Add(time.Hour), Step: time.Minute}, ""},
		{Range{From: at, To: at.Add(10_999 * time.Second), Step: time.Second}, ""},
		{Range{From: at, To: at.Add(11_000 * time.Second), Step: time.Second}, "a step of 1s is 11001 samples in 3h3m20s; want at most 11000, and so a step of 2s at least"},
		{Range{From: at, To: at.Add(time.Hour), Step: time.Microsecond}, "step is 1µs; want at least 1ms"},
		{Range{From: at.Add(time.Hour), To: at, Step: time.Minute}, "the span ends 1h0m0s before it begins"},
	} {
		err := tt.r.Check()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%v: error is %v; want %q", tt.r, err, tt.want)
		}
	}
}
