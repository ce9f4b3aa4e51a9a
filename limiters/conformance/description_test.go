package conformance

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// composite says of a bucket that it is several.
type composite struct {
	*limiters.TokenBucket
	limits []limiters.Limit
}

func (c composite) Info() limiters.Info {
	info := c.TokenBucket.Info()
	info.Algorithm, info.Limit, info.Also = "composite", c.limits[0], c.limits[1:]
	return info
}

// TestDescriptionOfSeveral limits has all that were asked for, and no other.
// TestWordsOfDecisions: what two limiters answered is told apart in a message.
func TestWordsOfDecisions(t *testing.T) {
	granted := words(limiters.Decision{Allowed: true, Remaining: 2, At: limiters.Unknown, ResetAfter: time.Second})
	denied := words(limiters.Decision{RetryAfter: limiters.Never, Remaining: -1, At: limiters.Unknown, ResetAfter: limiters.Unknown})
	if granted != "granted, 2 remain, reset after 1s" || denied != "denied, retry never" {
		t.Errorf("a grant is %q and a denial %q; want what they say", granted, denied)
	}
}

func TestDescriptionOfSeveral(t *testing.T) {
	asked := threePerSecond
	slower := limiters.Limit{Rate: 90, Period: time.Minute, Burst: 40}
	other := limiters.Limit{Rate: 90, Period: time.Minute, Burst: 41}
	for name, tt := range map[string]struct {
		also []limiters.Limit
		said []limiters.Limit
		want Status
	}{
		"both":            {[]limiters.Limit{slower}, []limiters.Limit{{Rate: 3, Period: 2 * time.Second, Burst: 40}, asked}, Pass},
		"one twice":       {nil, []limiters.Limit{asked, asked}, Pass},
		"one of two":      {[]limiters.Limit{slower}, []limiters.Limit{asked}, Fail},
		"the other":       {[]limiters.Limit{slower}, []limiters.Limit{slower}, Fail},
		"a mixture":       {[]limiters.Limit{slower}, []limiters.Limit{{Rate: 90, Period: time.Minute, Burst: asked.Burst}}, Fail},
		"another burst":   {[]limiters.Limit{slower}, []limiters.Limit{other, asked}, Fail},
		"more than asked": {nil, []limiters.Limit{slower, asked}, Fail},
	} {
		s := Subject{Limits: []limiters.Limit{asked}, Options: quick, New: func(limiters.Limit) (limiters.Limiter, error) {
			return composite{tokenBucket(t, asked), tt.said}, nil
		}}
		s.Decisions = 100
		if tt.also != nil {
			s.Also = func(limiters.Limit) []limiters.Limit { return tt.also }
		}
		if f := finding(t, examined(t, s), "description"); f.Status != tt.want {
			t.Errorf("%s: %s %s; want %s", name, f.Status, f.Message, tt.want)
		}
	}
}
