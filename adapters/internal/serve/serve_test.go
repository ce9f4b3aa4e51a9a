package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/adapters/internal/serve"
	"github.com/fcbench/fcbench/limiters"
)

const hello = `{"hello":"fcbench.limiter/v1","algorithm":"gcra","rate":1,"period_ns":1000000000,"burst":2}` + "\n"

// gcra is fcbench's own limiter.
func gcra(w serve.Wanted) (serve.Limiter, error) { return limiters.NewGCRA(w.Limit) }

func talk(t *testing.T, in string, open serve.Open) (lines []string, err error) {
	t.Helper()
	var out strings.Builder
	err = serve.Serve(strings.NewReader(in), &out, open)
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), err
}

func TestConversation(t *testing.T) {
	got, err := talk(t, hello+
		`{"now_ns":0,"key":"a\n","n":2}`+"\n"+
		`{"now_ns":0,"key":"a\n","n":1}`+"\n"+
		`{"now_ns":0,"key_base64":"YQo=","n":1}`+"\n"+
		`{"now_ns":0,"key_base64":"/w==","n":3}`+"\n"+
		`{"now_ns":1000000000,"key":"a\n","n":0}`+"\n", gcra)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`{"hello":"fcbench.limiter/v1","algorithm":"gcra","version":"","time":"argument","unkeyed":false,"unweighted":false,"resolution_ns":0,"lacks":[]}`,
		`{"allowed":true,"reset_after_ns":2000000000,"remaining":0}`,
		`{"allowed":false,"retry_after_ns":1000000000,"reset_after_ns":2000000000,"remaining":0}`,
		`{"allowed":false,"retry_after_ns":1000000000,"reset_after_ns":2000000000,"remaining":0}`,
		`{"allowed":false,"retry_after_ns":9223372036854775807,"reset_after_ns":0,"remaining":2}`,
		`{"error":"cost is 0; want at least 1"}`,
	} {
		if i >= len(got) || got[i] != want {
			t.Errorf("line %d is %s; want %s", i, got[min(i, len(got)-1)], want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for in, want := range map[string]string{
		"":              "reading the hello: EOF",
		"hi\n":          "reading the hello: invalid character",
		`{"hello":"x"}`: `hello is "x"; want "fcbench.limiter/v1"`,
		`{"hello":"fcbench.limiter/v1","algorithm":"gcra"}`:                                        "rate is not given",
		strings.Replace(hello, `"gcra"`, `"token-bucket"`, 1):                                      `algorithm is "token-bucket"; want "gcra"`,
		strings.Replace(hello, `"burst":2`, `"burst":0`, 1):                                        "burst is 0; want at least 1",
		strings.Replace(hello, `"rate":1`, `"rate":-1`, 1) + `{"now_ns":0,"key":"a","n":1}` + "\n": "want more than 0",
	} {
		got, err := talk(t, in, gcra)
		var last struct{ Error string }
		if json.Unmarshal([]byte(got[len(got)-1]), &last) != nil || len(got) != 1 || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(last.Error, want) {
			t.Errorf("%q: said %q, %v; want %q", in, got, err, want)
		}
	}
	if got, err := talk(t, hello+"babble\n", gcra); err == nil || !strings.Contains(err.Error(), "reading a request") || len(got) != 1 {
		t.Errorf("babble: said %q, %v; want an error and nothing after the hello", got, err)
	}
	if err := serve.Serve(strings.NewReader(hello), broken{}, gcra); err == nil {
		t.Error("an output that fails is no error")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// mumbler knows nothing but whether.
type mumbler struct{ limiters.Described }

func (mumbler) Allow(_ context.Context, now time.Duration, key string, _ int64) (limiters.Decision, error) {
	d := limiters.Decision{Allowed: now == 0, At: limiters.Unknown, RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1, Delay: now}
	if key == "bad" {
		return d, errors.New("no idea")
	}
	return d, nil
}

func TestUnknownIsLeftOut(t *testing.T) {
	got, err := talk(t, hello+`{"now_ns":0,"key":"","n":1}{"now_ns":7,"key":"","n":1}{"now_ns":7,"key":"bad","n":1}`, func(w serve.Wanted) (serve.Limiter, error) {
		l, err := limiters.NewGCRA(w.Limit)
		return mumbler{l}, err
	})
	want := []string{`{"allowed":true}`, `{"allowed":false,"delay_ns":7}`, `{"error":"no idea"}`}
	if err != nil || strings.Join(got[1:], "") != strings.Join(want, "") {
		t.Errorf("said %q, %v; want %q", got[1:], err, want)
	}
}

// TestWindowsAndPrefix: what the one side must know of the other arrives.
func TestWindowsAndPrefix(t *testing.T) {
	in := `{"hello":"fcbench.limiter/v1","algorithm":"fixed-window","rate":3,"period_ns":1000000000,"burst":0,"prefix":"run:7:"}` + "\n"
	var prefix string
	got, err := talk(t, in, func(w serve.Wanted) (serve.Limiter, error) {
		prefix = w.Prefix
		l, err := limiters.NewFixedWindow(limiters.WindowConfig{Rate: w.Limit.Rate})
		return fromFirst{l}, err
	})
	if err != nil || prefix != "run:7:" || len(got) != 1 || !strings.Contains(got[0], `"windows":"first"`) {
		t.Errorf("said %q, prefix %q, %v; want windows from the first request, and run:7:", got, prefix, err)
	}
}

type fromFirst struct{ serve.Limiter }

func (l fromFirst) Info() limiters.Info {
	info := l.Limiter.Info()
	info.Windows = limiters.FromFirst
	return info
}
