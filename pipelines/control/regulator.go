package control

import "time"

// regulator sets the rate of a limiter to what the last stage gets done. While items
// wait for too long it lets in less than that, so that those who wait get through; then
// it lets in more step by step, until the limiter has nothing to refuse for a while.
type regulator struct {
	target time.Duration // of the delay
	low    time.Duration // below it there is room
	share  int64         // of what gets done, that comes in while items wait for too long
	drain  time.Duration // in which a longer delay shall have gone; 0 where share alone counts
	ramp   int64         // by which share of itself the rate rises in a calm step
	enter  int           // steps above the target that turn it on
	calm   int           // steps without a refusal that turn it off

	done  int64 // what gets done, as far as it is known
	late  int   // steps in a row above the target
	still int   // steps in a row without a refusal
}

const smooth = 8 // steps over which what gets done is averaged, about

// rate is what the limiter shall have.
func (r *regulator) rate(s *Signals, delay time.Duration) int64 {
	r.measure(s)
	now := s.Now[Limit]
	if r.late++; delay <= r.target {
		r.late = 0
	}
	switch {
	case r.late > 0 && (now > 0 || r.late >= r.enter):
		r.still = 0
		return max(1, scaled(r.done, r.portion(delay-r.target)))
	case now == 0 || delay >= r.low:
		return now
	}
	if r.still++; s.Refused > 0 {
		r.still = 0
	}
	if r.still >= r.calm {
		r.still = 0
		return 0
	}
	return max(scaled(now, One+r.ramp), scaled(r.done, r.share))
}

// measure learns what gets done from steps in which workers had enough to do. Before
// the first of them it is at least what got done.
func (r *regulator) measure(s *Signals) {
	rate := s.Rate()
	switch full := s.Busy >= One/20*19; {
	case r.done == 0 || !full && rate > r.done:
		r.done = rate
	case full:
		r.done += (rate - r.done) / smooth
	}
}

// portion is the share of what gets done that may come in, if so much of the delay is
// to go.
func (r *regulator) portion(excess time.Duration) int64 {
	if r.drain == 0 {
		return r.share
	}
	left := One - int64(min(excess, r.drain))*One/int64(r.drain)
	return max(One/10, min(r.share, left))
}

func scaled(v, by int64) int64 { return v/One*by + v%One*by/One }
