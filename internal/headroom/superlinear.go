package headroom

import (
	"fmt"
	"math"
	"slices"
)

// What is taken for more than chance: of a rise of what each instance takes, the chance
// that none of all pairs shows as much; where nothing is known of chance, and the least
// that is worth to be called a rise.
const (
	certain    = 0.99
	unknown    = 0.05
	negligible = 0.01
)

// superlinear says where several instances were found to take more each than fewer do,
// by more than chance explains; "" where they were not. No law of this kind has a place
// for that.
func superlinear(all []Measured, e noise, draws [][]float64, known bool) string {
	limit := 0.0
	if known {
		limit = highest(all, e, draws)
	}
	var worst [2]Measured
	most := 0.0
	for i, few := range all {
		for j, many := range all {
			rise := math.Log(many.each() / few.each())
			allowed := math.Log1p(unknown)
			if known {
				allowed = max(math.Log1p(negligible), limit*math.Hypot(e.sd[i], e.sd[j]))
			}
			if many.Instances > few.Instances && rise > allowed && rise > most {
				most, worst = rise, [2]Measured{few, many}
			}
		}
	}
	if most == 0 {
		return ""
	}
	few, many := worst[0], worst[1]
	return fmt.Sprintf("%.3g times the instances (%d for %d) take %.3g times as much (%.6g for %.6g/s): that is superlinear, of which no law tells what comes next; the fewer were not at their limit, had less memory, cache or connections each, or share a queue, which more of them empty more evenly",
		float64(many.Instances)/float64(few.Instances), many.Instances, few.Instances, many.Capacity/few.Capacity, many.Capacity, few.Capacity)
}

// highest is how many times its own deviation the largest rise between two numbers of
// instances is by chance, at most.
func highest(all []Measured, e noise, draws [][]float64) float64 {
	tops := make([]float64, len(draws))
	for k, off := range draws {
		for i, few := range all {
			for j, many := range all {
				if sd := math.Hypot(e.sd[i], e.sd[j]); many.Instances > few.Instances && sd > 0 {
					tops[k] = max(tops[k], (off[j]-off[i])/sd)
				}
			}
		}
	}
	slices.Sort(tops)
	return tops[int(certain*float64(len(tops)))]
}
