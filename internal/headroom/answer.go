package headroom

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/fcbench/fcbench/internal/units"
)

// Supply is what instances take together.
type Supply interface {
	// At is what so many instances take, per second.
	At(instances int) (Interval, error)
	// Needed is how many instances take a rate when no more than a share of their capacity is used.
	Needed(rate, use float64) (Needed, error)
}

// Needed is how many instances are needed: High by the lower end of what they take, Low by
// the upper end, or 0 where that is not known.
type Needed struct {
	Low  int `json:"low,omitempty"`
	High int `json:"high"`
}

// ErrNotTold says that no number of instances that anything is known of suffices.
var ErrNotTold = errors.New("nothing is told beyond")

// ErrNever says that more instances do not help.
var ErrNever = errors.New("no number of instances suffices")

// Linear is a supply whose instances do not slow each other down: the interval of one.
type Linear Interval

// At is so many times what one takes.
func (l Linear) At(instances int) (Interval, error) {
	return Interval(l).Times(float64(instances)), nil
}

// Needed divides by what one takes.
func (l Linear) Needed(rate, use float64) (Needed, error) {
	n := Needed{High: ceil(rate / (use * l.Low))}
	if !math.IsInf(l.High, 1) {
		n.Low = ceil(rate / (use * l.High))
	}
	if n.High > mostNeeded {
		return n, fmt.Errorf("%d instances would not suffice: %w", mostNeeded, ErrNotTold)
	}
	return n, nil
}

// mostNeeded is where numbers of instances end to make sense.
const mostNeeded = 1_000_000_000

// ceil is the next whole number, at least 1; what is above one by rounding alone is that one.
func ceil(v float64) int { return int(min(max(1, math.Ceil(v*(1-1e-12))), mostNeeded+1)) }

// Ratio is how many times the peak a capacity is.
func Ratio(capacity Interval, peak float64) Interval {
	return Interval{capacity.Low / peak, capacity.High / peak}
}

// Weeks is how long a ratio lasts when the peak grows by a share every week. It is
// negative where the ratio is below 1: so long ago the peak was as high as the capacity.
func Weeks(ratio Interval, growth float64) Interval {
	return Interval{math.Log(ratio.Low), math.Log(ratio.High)}.Times(1 / math.Log1p(growth))
}

// PerMillion is the price of a million requests on instances that cost so much an hour
// together, when no more than a share of their capacity is used. Low is by the upper end
// of the capacity, and not known where that is not.
func PerMillion(capacity Interval, perHour, use float64) Interval {
	cost := func(rate float64) float64 {
		if math.IsInf(rate, 1) {
			return math.NaN()
		}
		return perHour / (3600 * use * rate) * 1e6
	}
	return Interval{cost(capacity.High), cost(capacity.Low)}
}

// ParseGrowth reads a growth such as 3%/week, which is compounded: what it comes to in a
// week, as a share.
func ParseGrowth(text string) (float64, error) {
	number, per, _ := strings.Cut(text, "/")
	weeks := map[string]float64{"day": 1.0 / 7, "week": 1, "month": daysOfYear / 12 / 7, "year": daysOfYear / 7}[per]
	share, err := units.ParseShare(number)
	if err != nil || !strings.HasSuffix(number, "%") || weeks == 0 || !(share > 0 && share <= mostGrowth) {
		return 0, fmt.Errorf("growth is %q; want more than 0 and at most %d percent in a day, week, month or year, such as 3%%/week", text, 100*mostGrowth)
	}
	return math.Expm1(math.Log1p(share) / weeks), nil
}

const (
	daysOfYear = 365.25
	mostGrowth = 10_000 // times as much again
)
