package capacity

import (
	"math/rand/v2"
	"slices"
)

// byOrder is how unlikely the order of trials that contradict each other has to be by chance.
// There are few of them: six that passed after three that failed are as unlikely as 0.024.
const (
	byOrder  = 0.03
	shuffles = 4000
)

// reversal is whether trials at a cliff that contradict each other, since one failed at a load
// that the other passed, or at a lower one, do so in one order: less is taken later where the
// trend is above 0. It is significant where few of the orders that there may be are as clear.
func (l *local) reversal() (trend float64, significant bool) {
	trials := slices.DeleteFunc(slices.Clone(l.trials), func(a made) bool {
		return !slices.ContainsFunc(l.trials, func(b made) bool { return l.contradict(a, b) != 0 })
	})
	seen, as := l.reversed(trials), 0
	r := rand.New(rand.NewPCG(l.Seed, 1))
	for range shuffles {
		r.Shuffle(len(trials), func(i, j int) { trials[i], trials[j] = trials[j], trials[i] })
		if got := l.reversed(trials); got*got >= seen*seen {
			as++
		}
	}
	return float64(seen), float64(as) < byOrder*shuffles
}

// reversed is in how many more pairs of trials, made in that order, the first one passed.
func (l *local) reversed(trials []made) (more int) {
	for i, a := range trials {
		for _, b := range trials[i+1:] {
			more += l.contradict(a, b)
		}
	}
	return more
}

// contradict is 1 where the first of two trials passed at a load that the other failed, or at
// a higher one, -1 where it is the other way round, and 0 where both may be so.
func (l *local) contradict(a, b made) int {
	switch failedA, failedB := l.level(a) > 1, l.level(b) > 1; {
	case !failedA && failedB && a.Value >= b.Value:
		return 1
	case failedA && !failedB && a.Value <= b.Value:
		return -1
	}
	return 0
}
