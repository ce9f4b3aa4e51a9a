package guards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/dial"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t *testing.T, text string) (Guard, error) {
	t.Helper()
	d, err := dial.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(text, d)
}

// TestParse: what a guard is, and what is none.
func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, want, wrong string }{
		{"test -e ok", `--guard "test -e ok"`, ""},
		{"curl http://127.0.0.1/ | grep x", `--guard "curl http://127.0.0.1/ | grep x"`, ""},
		{"promtool query instant http://a 'x < 1'", `--guard "promtool query instant http://a 'x < 1'"`, ""},
		{"prom:http://127.0.0.1:9090 sum(rate(errors[1m])) < 5", "--guard prom:http://127.0.0.1:9090 sum(rate(errors[1m])) < 5", ""},
		{"prom: http://127.0.0.1:9090  up{job!=\"a\"}>=1 ", "--guard prom:http://127.0.0.1:9090 up{job!=\"a\"} >= 1", ""},
		{"prom:http://me:secret@127.0.0.1 (a > 2) <= -1e3", "--guard prom:http://me:xxxxx@127.0.0.1 (a > 2) <= -1000", ""},
		{"prom:http://127.0.0.1 a == 0.5", "--guard prom:http://127.0.0.1 a == 0.5", ""},
		{"prom:http://127.0.0.1 a!=0", "--guard prom:http://127.0.0.1 a != 0", ""},
		{"", "", "it is blank"},
		{" \n", "", "it is blank"},
		{"a\x00b", "", "holds a NUL"},
		{"prom:", "", `address is ""`},
		{"prom:127.0.0.1:9090 a < 5", "", "want http://HOST:PORT of a Prometheus"},
		{"prom:http://127.0.0.1", "", `what it asks is ""; want a query, one of <,`},
		{"prom:http://127.0.0.1 < 5", "", `what it asks is "< 5"`},
		{"prom:http://127.0.0.1 a", "", `what it asks is "a"`},
		{"prom:http://127.0.0.1 a < 5%", "", `what it asks is "a < 5%"`},
		{"prom:http://127.0.0.1 a < NaN", "", "want a query"},
		{"prom:http://127.0.0.1 a < Inf", "", "want a query"},
		{"prom:http://127.0.0.1 a => 5", "", "want a query"},
		{"prom:http://127.0.0.1 a < > 5", "", "want a query"},
		{"prom:http://127.0.0.1 a{b!=\"c\"}", "", "want a query"},
		{"prom:http://127.0.0.1 a < bool 5", "", "want a query"},
		{"prometheus:http://127.0.0.1 a < 5", "", `it begins with "prometheus:"; want a command, or 'prom:http://HOST:PORT QUERY < NUMBER'`},
		{"Prom:http://127.0.0.1 a < 5", "", `it begins with "Prom:"`},
	} {
		g, err := parse(t, tt.text)
		switch {
		case tt.wrong != "":
			if err == nil || !strings.Contains(err.Error(), tt.wrong) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: %v, %v; want %q", tt.text, g, err, tt.wrong)
			}
		case err != nil || g.String() != tt.want:
			t.Errorf("%q: %v, %v; want %s", tt.text, g, err, tt.want)
		}
	}
}

// ask asks once: "holds", why it does not, or why it could not be asked.
func ask(t *testing.T, g Guard) string {
	t.Helper()
	err := g.Ask(t.Context())
	var no *Tripped
	switch {
	case err == nil:
		return "holds"
	case errors.As(err, &no):
		return "no: " + no.Why
	}
	return "unknown: " + err.Error()
}

// TestQuery: every series has to compare, and what is no number says nothing.
func TestQuery(t *testing.T) {
	var answer string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, answer) }))
	defer http.DefaultClient.CloseIdleConnections()
	defer server.Close()
	of := func(values ...string) string {
		var all []string
		for i, v := range values {
			all = append(all, fmt.Sprintf(`{"metric":{"i":"%d"},"value":[1,%q]}`, i, v))
		}
		return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(all, ",") + `]}}`
	}
	for _, tt := range []struct{ compares, answer, want string }{
		{"< 5", of("4", "4.9"), "holds"},
		{"< 5", of("4", "5"), `no: {i="1"} is 5`},
		{"< 5", of("NaN", "6"), `no: {i="1"} is 6`},
		{"< 5", of("4", "NaN"), `unknown: {i="1"} is no number`},
		{"< 5", of("+Inf"), `no: {i="0"} is +Inf`},
		{"< 5", of(), "unknown: the query finds no series"},
		{"<= 5", of("5"), "holds"},
		{"> 5", of("5"), `no: {i="0"} is 5`},
		{">= 5", of("5"), "holds"},
		{"== 1", of("0"), `no: {i="0"} is 0`},
		{"!= 1", of("0"), "holds"},
		{"!= 0", of("0"), `no: {i="0"} is 0`},
		{"< 5", `{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}`, "no: {} is 7"},
		{"< 5", `{"status":"error","errorType":"timeout","error":"slow"}`, `unknown: "slow" (timeout, 200 OK)`},
		{"< 5", `<html>`, "unknown: it answers"},
	} {
		answer = tt.answer
		g, err := parse(t, "prom:"+server.URL+" x "+tt.compares)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, g); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s of %s: %s; want %s", tt.compares, tt.answer, got, tt.want)
		}
		g.(*query).client.Close()
	}
}

func TestCommand(t *testing.T) {
	for text, want := range map[string]string{
		"true":                        "holds",
		"echo replicas differ; false": "no: exit status 1: replicas differ",
		"exit 3":                      "no: exit status 3: it printed nothing",
		"kill -9 $$":                  "no: signal: killed",
		"/nowhere/at/all 2>&1":        "no: exit status 127",
	} {
		if got := ask(t, command(text)); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s; want %s", text, got, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := command("sleep 30").Ask(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v; want the context's", err)
	}
}

// TestBeating: a file that is touched too seldom, was never there or is no file.
func TestBeating(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "beat")
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path  string
		after time.Duration
		want  string
	}{
		{path, 0, "holds"},
		{path, 10 * time.Second, "holds"},
		{path, 10*time.Second + 1, "no: it was touched 10s ago; want it touched every 10s at least"},
		{path, -time.Minute, "no: it was touched at 20"},
		{path + "s", 0, "no: there is no such file; want one that is touched every 10s"},
		{dir, 0, "no: it is no regular file"},
	} {
		g := beating{tt.path, 10 * time.Second, func() time.Time { return at.Add(tt.after) }}
		if got := ask(t, g); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s after %v: %s; want %s", tt.path, tt.after, got, tt.want)
		}
	}
}

func TestConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		g := Connected(r)
		_, _ = w.Write([]byte("still here"))
		if got := ask(t, g); got != "holds" {
			t.Errorf("an open pipe: %s", got)
		}
		_ = w.Close()
		synctest.Wait()
		if got := ask(t, g); got != "no: standard input is closed" {
			t.Errorf("a closed pipe: %s", got)
		}
	})
}
