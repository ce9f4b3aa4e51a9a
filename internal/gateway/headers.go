package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
)

// headers says which fields about the limit an answer has.
type headers struct{ draft, legacy bool }

// The ways to name them.
const (
	allHeaders    = "all"
	draftHeaders  = "ratelimit"
	legacyHeaders = "x-ratelimit"
	noHeaders     = "none"
)

func (c *checker) headers(p *Plan, doc *strictyaml.Node, text string) {
	known := []string{allHeaders, draftHeaders, legacyHeaders, noHeaders}
	if !slices.Contains(known, text) {
		c.problem(at(doc, "headers"), "headers is %q; want one of %s", text, strings.Join(known, ", "))
	}
	p.headers = headers{draft: text == allHeaders || text == draftHeaders, legacy: text == allHeaders || text == legacyHeaders}
}

// labels write what a limiter said into the fields of an answer: Retry-After in whole
// seconds, rounded up; RateLimit-Policy and RateLimit as in
// draft-ietf-httpapi-ratelimit-headers-10, whose t is when there will be more, and of
// refusals the same as Retry-After; X-RateLimit-Limit, -Remaining and -Reset, the last
// when there will be all again, in seconds from now, as is the widespread custom.
type labels struct {
	headers
	policy []string // nil where the limiter does not say what it enforces
	limit  []string // X-RateLimit-Limit
	single bool     // there is one limit, of which what remains is told

	burst int64         // of a bucket, which fills up by a token
	token time.Duration // every so often; 0 for what is no bucket
}

func newLabels(l limiters.Limiter, h headers) labels {
	out := labels{headers: h}
	d, ok := limiters.As[limiters.Described](l)
	if !ok {
		return out
	}
	info := d.Info()
	items := []string{policyItem("default", info)}
	for i, also := range info.Also {
		items = append(items, policyItem(fmt.Sprintf("also-%d", i+1), limiters.Info{Algorithm: info.Algorithm, Limit: also}))
	}
	items = slices.DeleteFunc(items, func(item string) bool { return item == "" })
	if len(items) > 0 {
		out.policy, out.single = []string{strings.Join(items, ", ")}, len(items) == 1
	}
	if out.single {
		out.limit = []string{strconv.FormatInt(mostAtOnce(info), 10)}
		if l := info.Limit; l.Burst > 0 && l.Rate > 0 {
			out.burst, out.token = l.Burst, l.Period/time.Duration(l.Rate)
		}
	}
	return out
}

// more is how long until there is more to be had than now, or Unknown: for who is refused,
// until the same request is granted; of a bucket, until its next token is there; of
// everything else, until it is as good as new.
func (l *labels) more(d *limiters.Decision) time.Duration {
	missing := l.burst - d.Remaining
	switch {
	case !d.Allowed && d.RetryAfter != limiters.Unknown:
		return d.RetryAfter
	case l.token <= 0 || d.ResetAfter < l.token || missing < 1:
		return d.ResetAfter
	case missing-1 > int64(d.ResetAfter/l.token):
		return l.token
	}
	return min(l.token, max(1, d.ResetAfter-time.Duration(missing-1)*l.token))
}

// mostAtOnce is what Remaining counts down from.
func mostAtOnce(info limiters.Info) int64 {
	if info.Limit.Burst > 0 {
		return info.Limit.Burst
	}
	return info.Limit.Rate
}

// policyItem is a limit as an item of RateLimit-Policy: so many per window of whole
// seconds, and the burst of a bucket in a parameter of our own; or so many at once.
func policyItem(name string, info limiters.Info) string {
	limit := info.Limit
	switch {
	case limit.Rate > 0 && limit.Period > 0:
		quota, window := inSeconds(limit)
		item := fmt.Sprintf("%q;q=%d;w=%d", name, quota, window)
		if limit.Burst > 0 {
			item += fmt.Sprintf(";fcbench-burst=%d", limit.Burst)
		}
		return item
	case limit.Burst > 0:
		return fmt.Sprintf("%q;q=%d;qu=\"concurrent-requests\"", name, limit.Burst)
	}
	return ""
}

// inSeconds is a rate in the shortest multiple of its period that is whole seconds;
// where there is none below a day, in the next second, rounded down.
func inSeconds(l limiters.Limit) (quota, window int64) {
	for n := int64(1); time.Duration(n)*l.Period <= 24*time.Hour; n++ {
		if period := time.Duration(n) * l.Period; period%time.Second == 0 {
			return n * l.Rate, int64(period / time.Second)
		}
		if n == int64(time.Second) {
			break
		}
	}
	window = int64((l.Period + time.Second - 1) / time.Second)
	return int64(float64(l.Rate) * float64(window) * float64(time.Second) / float64(l.Period)), window
}

// put writes the fields of a decision.
func (l *labels) put(h http.Header, d *limiters.Decision) {
	if wait, known := inFull(d.RetryAfter); known && !d.Allowed && d.Mode != limiters.FailClosed {
		h["Retry-After"] = []string{wait}
	}
	if l.draft && l.policy != nil {
		h["RateLimit-Policy"] = l.policy
	}
	if !l.single || d.Remaining < 0 || d.Mode == limiters.FailOpen || d.Mode == limiters.FailClosed {
		return
	}
	remaining := strconv.FormatInt(d.Remaining, 10)
	if l.draft {
		field := `"default";r=` + remaining
		if more, known := inFull(l.more(d)); known {
			field += ";t=" + more
		}
		h["RateLimit"] = []string{field}
	}
	if !l.legacy {
		return
	}
	h["X-RateLimit-Limit"] = l.limit
	h["X-RateLimit-Remaining"] = []string{remaining}
	if reset, known := inFull(d.ResetAfter); known {
		h["X-RateLimit-Reset"] = []string{reset}
	}
}

// inFull is a wait in whole seconds that is no shorter, where it is known and ends.
func inFull(d time.Duration) (text string, known bool) {
	if d < 0 || d == limiters.Never {
		return "", false
	}
	return strconv.FormatInt(ceilSeconds(d), 10), true
}

// ceilSeconds is a wait in whole seconds that is no shorter.
func ceilSeconds(d time.Duration) int64 {
	whole := int64(d / time.Second)
	if d%time.Second > 0 {
		whole++
	}
	return whole
}
