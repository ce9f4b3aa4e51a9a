package wire

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/targets"
)

// retryAfter writes down what the Retry-After header of a refusal says (RFC 9110,
// 10.2.3): seconds, or a date. A date counts from the Date of the same answer,
// because the clock that both are on is not ours.
func retryAfter(r *targets.Response, text, date string) {
	wait, ok := seconds(text)
	if !ok {
		wait, ok = until(text, date)
	}
	r.RetryAfter, r.RetryAtOnce, r.RetryUnread = wait, ok && wait == 0, !ok
}

// seconds reads delay-seconds, which may be more than a duration can hold.
func seconds(text string) (wait time.Duration, ok bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n > math.MaxInt64/uint64(time.Second) {
		return math.MaxInt64, true
	}
	return time.Duration(n) * time.Second, true
}

// until is how long after the instant sent the instant then is: at once, when it
// has passed.
func until(then, sent string) (wait time.Duration, ok bool) {
	end, err := http.ParseTime(then)
	if err != nil {
		return 0, false
	}
	start, err := http.ParseTime(sent)
	if err != nil {
		return 0, false
	}
	return max(0, end.Sub(start)), true
}
