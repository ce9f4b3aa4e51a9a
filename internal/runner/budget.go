package runner

import "time"

// budget bounds retries to a share of first attempts, as Finagle's RetryBudget
// does: a first attempt puts in its share of a token, a retry takes out a whole
// one, and what was put in is gone after budgetLife.
type budget struct {
	share   float64 // 0: there is no bound
	seconds [budgetLife]float64
	newest  int64 // the latest second that is kept
}

const budgetLife = 10 // seconds

func newBudget(share float64) budget { return budget{share: share} }

// deposit is made by a first attempt.
func (b *budget) deposit(now time.Duration) {
	if b.share == 0 {
		return
	}
	b.seconds[b.forget(now)%budgetLife] += b.share
}

// withdraw reports whether a retry may be made, oldest tokens first.
func (b *budget) withdraw(now time.Duration) bool {
	if b.share == 0 {
		return true
	}
	second, sum := b.forget(now), 0.0
	for _, kept := range b.seconds {
		sum += kept
	}
	if sum < 1-1e-9 { // sums of shares are not exact
		return false
	}
	left := 1.0
	for i := int64(1); i <= budgetLife && left > 0; i++ {
		kept := &b.seconds[(second+i)%budgetLife]
		part := min(*kept, left)
		*kept, left = *kept-part, left-part
	}
	return true
}

// forget drops what is too old, and returns the second it is.
func (b *budget) forget(now time.Duration) int64 {
	second := max(int64(now/time.Second), b.newest)
	for s := max(b.newest+1, second-budgetLife+1); s <= second; s++ {
		b.seconds[s%budgetLife] = 0
	}
	b.newest = second
	return second
}
