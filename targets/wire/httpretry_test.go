package wire_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fcbench/fcbench/targets"
)

// TestHTTPRetryAfter: who is refused is told when to come back, in seconds or by
// a date, which counts from the answer's own Date; what is neither is said to be.
func TestHTTPRetryAfter(t *testing.T) {
	var status int
	var after, date string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Date"] = nil
		if date != "" {
			w.Header().Set("Date", date)
		}
		if after != "absent" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	h := newHTTP(t, server.URL)
	defer h.Close(t.Context())
	const sent = "Fri, 31 Dec 1999 23:59:50 GMT"
	type told struct {
		after          time.Duration
		atOnce, unread bool
	}
	for _, c := range []struct {
		status      int
		after, date string
		want        told
	}{
		{429, "3", sent, told{after: 3 * time.Second}},
		{503, "3", "", told{after: 3 * time.Second}},
		{429, "absent", sent, told{}},
		{503, "0", sent, told{atOnce: true}},
		{503, "000", "", told{atOnce: true}},
		{503, "Fri, 31 Dec 1999 23:59:59 GMT", sent, told{after: 9 * time.Second}},
		{429, "Sat, 01 Jan 2000 00:00:50 GMT", sent, told{after: time.Minute}},
		{429, "Friday, 31-Dec-99 23:59:59 GMT", sent, told{after: 9 * time.Second}}, // obsolete, to be understood all the same
		{429, "Fri Dec 31 23:59:59 1999", sent, told{after: 9 * time.Second}},
		{503, sent, sent, told{atOnce: true}},
		{503, "Fri, 31 Dec 1999 23:59:49 GMT", sent, told{atOnce: true}}, // over
		{503, "Fri, 31 Dec 1999 23:59:59 GMT", "", told{unread: true}},
		{503, "Fri, 31 Dec 1999 23:59:59 GMT", "yesterday", told{unread: true}},
		{429, "1999-12-31T23:59:59Z", sent, told{unread: true}},
		{429, "-1", sent, told{unread: true}},
		{429, "1.5", sent, told{unread: true}},
		{429, "5s", sent, told{unread: true}},
		{429, "soon", sent, told{unread: true}},
		{429, "99999999999", sent, told{after: math.MaxInt64}},
		{429, "99999999999999999999999999", sent, told{after: math.MaxInt64}},
		{404, "3", sent, told{}},
		{404, "soon", sent, told{}},
		{200, "0", sent, told{}},
	} {
		status, after, date = c.status, c.after, c.date
		r := h.Do(t.Context(), nil, &targets.Request{})
		if got := (told{r.RetryAfter, r.RetryAtOnce, r.RetryUnread}); got != c.want {
			t.Errorf("status %d with Retry-After %q, Date %q: %+v; want %+v", c.status, c.after, c.date, got, c.want)
		}
	}
}
