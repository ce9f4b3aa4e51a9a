package thirdparty

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/httprate"

	"github.com/fcbench/fcbench/limiters"
)

const httprateVersion = "v0.16.1"

// Httprate is github.com/go-chi/httprate with its counters in memory.
type Httprate struct {
	library
	limiter *httprate.RateLimiter
	request *http.Request // that costs one token
	replies sync.Pool     // of *reply
}

// NewHttprate returns github.com/go-chi/httprate with its counters in memory,
// asked by OnLimit, its method for those who answer the request themselves. What
// else it says it says in headers, and from there it is read.
//
// The README names the sliding window counter of Cloudflare, calls it accurate
// and says that it smooths traffic. Windows begin when the limiter is made.
func NewHttprate(config limiters.WindowConfig) (*Httprate, error) {
	model, err := limiters.NewSlidingWindowCounter(config)
	if err != nil {
		return nil, err
	}
	limit := model.Info().Limit
	l := &Httprate{
		library: claiming(model, limiters.Info{
			Version: httprateVersion, Scope: "local", State: "two counts per hash of the key, one mutex",
			TimeSource: limiters.TimeClock,
			Lacks:      []string{"time as an argument", "a retry-after other than the window in seconds", "reset-after"},
		}),
		limiter: httprate.NewRateLimiter(int(limit.Rate), limit.Period, httprate.WithErrorHandler(keepError)),
		request: new(http.Request),
	}
	l.replies.New = func() any { return &reply{header: http.Header{}} }
	return l, nil
}

// reply is what the library writes an HTTP answer to.
type reply struct {
	header http.Header
	err    error
}

func (r *reply) Header() http.Header         { return r.header }
func (r *reply) Write(p []byte) (int, error) { return len(p), nil }
func (r *reply) WriteHeader(int)             {}

func keepError(w http.ResponseWriter, _ *http.Request, err error) { w.(*reply).err = err }

// Allow implements [limiters.Limiter]. now is not used.
func (l *Httprate) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := l.check(now, n); err != nil {
		return limiters.Decision{}, err
	}
	request := l.request
	if n > 1 {
		request = request.WithContext(httprate.WithIncrement(ctx, int(n)))
	}
	r := l.replies.Get().(*reply)
	defer l.replies.Put(r)
	clear(r.header)
	r.err = nil
	limited := l.limiter.OnLimit(r, request, key)
	if r.err != nil {
		return limiters.Decision{}, r.err
	}
	d := limiters.Whether(!limited, limiters.Unknown)
	if left, ok := number(r.header, "X-Ratelimit-Remaining"); ok {
		d.Remaining = left
	}
	if seconds, ok := number(r.header, "Retry-After"); ok {
		d.RetryAfter = time.Duration(seconds) * time.Second
	}
	return d, nil
}

// number reads a header.
func number(h http.Header, name string) (v int64, ok bool) {
	v, err := strconv.ParseInt(h.Get(name), 10, 64)
	return v, err == nil
}
