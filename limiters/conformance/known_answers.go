package conformance

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// A known answer is a schedule whose outcome can be worked out by hand.
type known struct {
	name  string
	story string
	limit limiters.Limit
	model string // the algorithm it is about; empty for every bucket
	asks  []asks
}

// asks take up to n tokens at each of times instants, the first at at and the
// others every so much later. want are granted in all.
type asks struct {
	at, every time.Duration
	times     int
	n, want   int64
}

// at asks at one instant.
func at(instant time.Duration, n, want int64) asks {
	return asks{at: instant, times: 1, n: n, want: want}
}

// knownTable is in whole microseconds, so that limiters that count in them are
// held to it too.
func knownTable() []known {
	const (
		us, ms, s, hour = time.Microsecond, time.Millisecond, time.Second, time.Hour
		year            = 365 * 24 * hour
	)
	per := func(rate int64, period time.Duration, burst int64) limiters.Limit {
		return limiters.Limit{Rate: rate, Period: period, Burst: burst}
	}
	window := per(10, s, 0)
	return []known{
		{"KA1", "a frozen clock brings the burst and nothing else", per(10, s, 10), "", []asks{at(0, 20, 10)}},
		{"KA2", "polled each ms for 10 s, 10/s with a burst of 1 grants 101, both ends included", per(10, s, 1), "", []asks{{0, ms, 10_001, 1, 101}}},
		{"KA3", "3,000,000/s grants 3,000 in a ms beyond the burst; an interval cut to 333 ns grants 3,003", per(3_000_000, s, 50), "", []asks{{0, 10 * us, 101, 50, 3_050}}},
		{"KA4", "700,000/s grants 7,000 in 10 ms beyond the burst; an interval cut to 1428 ns grants 7,002", per(700_000, s, 50), "", []asks{{0, 50 * us, 201, 50, 7_050}}},
		{"KA5 fixed window", "both sides of an edge bring the limit each", window, "fixed-window", []asks{at(s-us, 20, 10), at(s+us, 20, 10), at(s+500*ms, 20, 0)}},
		{"KA5 log", "both sides of an edge bring the limit once", window, "sliding-window-log", []asks{at(s-us, 20, 10), at(s+us, 20, 0), at(s+500*ms, 20, 0), at(2*s-us, 20, 10)}},
		{"KA5 counter", "both sides of an edge bring the limit once, and half of it half a window later", window, "sliding-window-counter", []asks{at(s-us, 20, 10), at(s+us, 20, 0), at(s+500*ms, 20, 5)}},
		{"KA6", "a counter forgets a burst at the end of a window as if it had been spread over it: nearly twice the limit within a window", window, "sliding-window-counter", []asks{at(s-us, 10, 10), {s + 100*ms, 100 * ms, 9, 1, 9}}},
		{"KA7", "polled a little faster than the rate, a bucket that keeps remainders grants every poll", per(10, s, 5), "", []asks{{0, 99 * ms, 101, 1, 101}}},
		{"KA8", "a clock that steps back an hour brings nothing, and stalls nothing once it is back", per(10, s, 10), "", []asks{at(2*hour, 10, 10), {hour, ms, 100, 1, 0}, at(2*hour+s, 20, 10)}},
		{"KA9", "instants to and fro between 1 s and 0 bring the burst once", per(1, s, 10), "", []asks{{s, -s, 2, 1, 2}, {s, -s, 2, 1, 2}, {s, -s, 2, 1, 2}, {s, -s, 2, 1, 2}, {s, -s, 2, 1, 2}, {s, -s, 2, 1, 0}, {s, -s, 2, 1, 0}}},
		{"KA10", "a burst that was spent and an hour later is there again is there once", per(10, s, 10), "", []asks{at(0, 20, 10), at(hour, 20, 10), at(hour, 20, 0)}},
		{"KA13", "a burst of less than half a second's rate is one all the same", per(100, s, 10), "", []asks{at(0, 20, 10), at(s, 20, 10), at(s+50*ms, 20, 5)}},
		{"KA14", "10,000,000/s grants 10,000 in a ms beyond the burst", per(10_000_000, s, 100), "", []asks{{0, 5 * us, 201, 100, 10_100}}},
		{"KA16", "ten idle years bring the burst, and no more", per(10, s, 10), "", []asks{at(0, 20, 10), at(10*year, 20, 10)}},
	}
}

// knownAnswers are rules, one for each of the table.
func knownAnswers() (all []rule) {
	for _, k := range knownTable() {
		all = append(all, rule{
			name: k.name, category: KnownAnswers, severity: Medium, law: k.story,
			about: needs(rated, model, k.about), means: needs(timed, once, k.playable), check: direct(k.check),
		})
	}
	return all
}

// about says why the schedule is about others.
func (k known) about(s *subject) string {
	switch {
	case k.model == "":
		return bucket(s)
	case s.info.Algorithm != k.model:
		return "it is no " + k.model
	}
	return aligned(s)
}

// playable says why the schedule cannot be played.
func (k known) playable(s *subject) string {
	if k.model != "" && !s.free() {
		return "nobody knows where its windows begin"
	}
	last := time.Duration(0)
	for _, a := range k.asks {
		if a.at%s.granule != 0 || a.every%s.granule != 0 {
			return "its clock is too coarse"
		}
		if a.at < last && !s.free() || a.at > 1000*time.Hour && s.moved() {
			return free(s)
		}
		last = a.at
	}
	of, err := s.under(k.limit)
	switch {
	case err != nil && !refusal(err):
		return "" // the check says what is wrong
	case err != nil:
		return "it enforces no such limit: " + err.Error()
	}
	if of.limit != k.limit && !sameLimit(of.limit, k.limit) {
		return "it enforces another limit"
	}
	return ""
}

func (k known) check(s *subject) *breach {
	of, err := s.under(k.limit)
	if err != nil {
		return &breach{message: err.Error(), failed: true}
	}
	defer of.recycle(context.Background())
	c := of.caller()
	for _, a := range k.asks {
		granted := int64(0)
		for i := range time.Duration(a.times) {
			granted += c.take(a.at+i*a.every, a.n, of.most())
		}
		if granted != a.want {
			return of.concludes(c.miscounted(granted, a.want, "from %v on, %d times %v apart, %d tokens were granted; want %d", a.at, a.times, a.every, granted, a.want))
		}
	}
	return of.concludes(c.broken())
}
