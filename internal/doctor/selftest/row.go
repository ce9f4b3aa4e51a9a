package selftest

import (
	"fmt"
	"math"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// Row is what came out of one case.
type Row struct {
	Case     string `json:"case"`
	Provoked string `json:"provoked"` // or, in a quiet case, what was run
	Quiet    bool   `json:"quiet"`    // nothing was provoked, and any conviction is false

	Runs      int `json:"runs"` // that count
	Convicted int `json:"convicted"`
	Right     int `json:"right"`    // of those, for the right reason
	True      int `json:"true"`     // that were not convicted rightly, and said what undisturbed runs say, where that will do
	Repeated  int `json:"repeated"` // runs that do not count, because something else disturbed them
	Failed    int `json:"failed"`   // that came to no result

	Reason      string `json:"reason,omitempty"`      // of a run that was convicted, rightly if one was
	Missed      string `json:"missed,omitempty"`      // the verdict of a run that should have had another
	Disturbance string `json:"disturbance,omitempty"` // what a run was repeated for
	Failure     string `json:"failure,omitempty"`     // why a run came to no result
	Impossible  string `json:"impossible,omitempty"`  // why the case cannot be tried here

	P50NS            int64 `json:"p50_ns,omitempty"` // the median run's
	P99NS            int64 `json:"p99_ns,omitempty"`
	UndisturbedP50NS int64 `json:"undisturbed_p50_ns,omitempty"` // of the runs beside them
	UndisturbedP99NS int64 `json:"undisturbed_p99_ns,omitempty"`
	// Of a run's p50, as a multiple of what the undisturbed runs beside it say, the
	// least and the most there was.
	LeastP50 float64 `json:"p50_ratio_min,omitempty"`
	MostP50  float64 `json:"p50_ratio_max,omitempty"`
	// The same of one undisturbed run over the one before it: what the machine itself
	// makes of one load.
	LeastAlike float64 `json:"undisturbed_p50_ratio_min,omitempty"`
	MostAlike  float64 `json:"undisturbed_p50_ratio_max,omitempty"`

	// Of the undisturbed runs between two disturbed ones, how many are true if held
	// against those: as many, where what disturbs makes no difference.
	Swapped     int `json:"swapped,omitempty"`
	SwappedTrue int `json:"swapped_true,omitempty"`

	Kept    bool `json:"kept"`    // enough of them; also where it cannot be tried
	Unclear bool `json:"unclear"` // not kept, which this machine may do without any disturbance
}

// Of a hundred runs, so many have to be convicted rightly where something is
// provoked, and so many may be convicted where nothing is.
const (
	leastRight = 95
	mostFalse  = 5
)

// keeps reports whether so many runs as were wanted came out well enough, or always.
func (r *Row) keeps(wanted int, always bool) bool {
	switch {
	case r.Impossible != "":
		return true
	case r.Runs < wanted || r.Failed > 0:
		return false
	case r.Quiet:
		return 100*r.Convicted <= mostFalse*r.Runs
	case always:
		return r.Right+r.True == r.Runs
	}
	return 100*(r.Right+r.True) >= leastRight*r.Runs
}

// unclear reports whether the runs that were not true are no more of them than chance
// makes where the disturbance makes no difference. Then either kind misses the other
// as often, and of all misses so many are of one kind as a coin shows heads: whoever
// has more than five in a hundred of such throws would show is slower.
func (r *Row) unclear(wanted int) bool {
	missed, swapped := r.Runs-r.Right-r.True, r.Swapped-r.SwappedTrue
	return r.Swapped > 0 && r.Runs >= wanted && r.Failed == 0 && heads(missed, missed+swapped) > leastChance
}

// leastChance is that of what still passes for chance.
const leastChance = 0.05

// heads is the chance that of n throws of a coin k or more are heads.
func heads(k, n int) (chance float64) {
	ways, all := 1.0, math.Pow(2, float64(n))
	for i := n; i >= k; i-- {
		chance += ways / all
		ways = ways * float64(i) / float64(n-i+1)
	}
	return chance
}

// swap holds an undisturbed run against the disturbed ones before and after it.
func (r *Row) swap(t truth, undisturbed, before, after figures) {
	if before.p50 == 0 || after.p50 == 0 || undisturbed.p50 == 0 {
		return
	}
	r.Swapped++
	if t.like(undisturbed, between(before, after)) {
		r.SwappedTrue++
	}
}

// add counts a run with its verdict and figures.
func (r *Row) add(v results.Validity, of figures, f finding) {
	r.Runs++
	if f.convicted {
		r.Convicted++
	}
	switch {
	case f.right:
		r.Right++
	case f.isTrue:
		r.True++
	case !r.Quiet && r.Missed == "":
		r.Missed = fmt.Sprintf("%s with p50 %s and p99 %s", v.Verdict, results.Short(of.p50), results.Short(of.p99))
		if len(v.Reasons) > 0 {
			r.Missed += ": " + strings.Join(v.Reasons, "; ")
		}
	}
	if f.reason != "" && (r.Reason == "" || f.right && r.Right == 1) {
		r.Reason = f.reason
	}
}

// fill sets the figures, of runs beside which undisturbed ones said so much.
func (r *Row) fill(all, undisturbed []figures) {
	f, u := middle(all), middle(undisturbed)
	r.P50NS, r.P99NS = int64(f.p50), int64(f.p99)
	r.UndisturbedP50NS, r.UndisturbedP99NS = int64(u.p50), int64(u.p99)
	for i, u := range undisturbed {
		extend(&r.LeastP50, &r.MostP50, all[i], u)
	}
}

// extend widens a range by the ratio of two p50s, if both are known.
func extend(least, most *float64, of, to figures) {
	if of.p50 == 0 || to.p50 == 0 {
		return
	}
	ratio := float64(of.p50) / float64(to.p50)
	*most = max(*most, ratio)
	if *least == 0 || ratio < *least {
		*least = ratio
	}
}

// About says what there is to say of a case beside its numbers, a line each.
func (r *Row) About() (lines []string) {
	if r.Impossible != "" {
		return []string{"not tried: " + r.Impossible}
	}
	if r.MostP50 > 0 {
		line := fmt.Sprintf("p50 %.2f to %.2f times that of the undisturbed runs beside it", r.LeastP50, r.MostP50)
		if r.MostAlike > 0 {
			line += fmt.Sprintf(", which were %.2f to %.2f times one another", r.LeastAlike, r.MostAlike)
		}
		lines = append(lines, line)
	}
	if missed := r.Runs - r.Right - r.True; r.Unclear {
		lines = append(lines, fmt.Sprintf("no verdict: above 120 %% of those beside them were %d of %d runs, and %d of %d undisturbed ones", missed, r.Runs, r.Swapped-r.SwappedTrue, r.Swapped))
	}
	for _, about := range []struct{ what, text string }{
		{"", r.Reason}, {"should be otherwise: ", r.Missed}, {"repeated for ", r.Disturbance}, {"came to no result: ", r.Failure},
	} {
		if about.text != "" {
			lines = append(lines, about.what+about.text)
		}
	}
	return lines
}
