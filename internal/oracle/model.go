package oracle

import (
	"fmt"
	"strings"
	"time"
)

// A model is one algorithm's exact state for one key.
type model interface {
	// advance moves time on to at, which is never before an earlier at.
	advance(at time.Duration)
	// admits says whether the algorithm, after all that was taken, grants n now.
	admits(n int64) bool
	// take charges n tokens that were really granted, whether admits agrees or not.
	take(n int64)
	// room is the most that admits would grant now, below 1 when it is nothing
	// and below 0 when more was taken than the algorithm allows. For messages.
	room() int64
}

// rule is how a judge comes by the models of one algorithm.
type rule struct {
	oracle   string // the model's name
	windowed bool   // allows Rate per Period and knows no Burst
	model    func(Limit) (fresh func() model)
}

// Algorithms lists the names that [New] knows.
func Algorithms() []string {
	return []string{"token-bucket", "leaky-bucket-meter", "gcra", "fixed-window", "sliding-window-log", "sliding-window-counter"}
}

func ruleOf(algorithm string) (rule, error) {
	switch algorithm {
	case "token-bucket", "leaky-bucket-meter", "gcra":
		// Credit that rises, a level that drains and an arrival time that is
		// awaited are three views of one quantity.
		return rule{oracle: "token-bucket", model: bucketModel}, nil
	case "fixed-window":
		return rule{oracle: algorithm, windowed: true, model: windowModel}, nil
	case "sliding-window-log":
		return rule{oracle: algorithm, windowed: true, model: logModel}, nil
	case "sliding-window-counter":
		return rule{oracle: algorithm, windowed: true, model: counterModel}, nil
	}
	return rule{}, fmt.Errorf("algorithm is %q; want one of %s", algorithm, strings.Join(Algorithms(), ", "))
}

// roomBetween is how many tokens of weight fit between level and capacity,
// rounded down: below 0 when the level is the higher one.
func roomBetween(level, capacity wide, weight int64) int64 {
	if !level.over(capacity) {
		return capacity.minus(level).quo(weight)
	}
	debt := level.minus(capacity)
	return -debt.plus(wide{lo: uint64(weight - 1)}).quo(weight)
}
