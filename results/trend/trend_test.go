package trend

import (
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// series is n points around a level, with noise of sd 1 %, raised by steps.
func series(r *rand.Rand, n int, steps ...float64) (points []Point) {
	for i := range n {
		level := 0.0
		if len(steps) > 0 {
			level = steps[i*len(steps)/n]
		}
		points = append(points, Point{Value: 1e6 * math.Exp(0.01*(level+r.NormFloat64()))})
	}
	return points
}

func find(t *testing.T, points []Point) Found {
	t.Helper()
	f, err := Find(points, 1)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var long = flag.Bool("long", false, "try all series, as make long does")

// times is how many series are tried.
func times(few, all int) int {
	if *long {
		return all
	}
	return few
}

// At most one in a hundred flat series of 60 points shows anything.
func TestFlat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 60))
	shown, all := 0, times(200, 1000)
	for range all {
		if f := find(t, series(r, 60)); len(f.Changes)+len(f.Erratic) > 0 || f.Last {
			shown++
		}
	}
	t.Logf("%d of %d", shown, all)
	if shown > all/100 {
		t.Errorf("%d of %d flat series show a change; want at most %d", shown, all, all/100)
	}
}

// With so many points as are said to suffice, a clear step in the middle is found nearly
// always, and with fewer it is luck.
func TestFewest(t *testing.T) {
	found := func(n int) (found int) {
		for root := range uint64(100) {
			points := series(rand.New(rand.NewPCG(root, 13)), n, 0, 50)
			if f, err := Find(points, root); err == nil && len(f.Changes) == 1 && f.Changes[0].At == (n+1)/2 {
				found++
			}
		}
		return found
	}
	if enough, fewer := found(Fewest), found(Fewest-2); enough < 80 || fewer > 40 {
		t.Errorf("of 100 clear steps %d are found in %d points, and %d in %d; want at least 80, and at most 40", enough, Fewest, fewer, Fewest-2)
	}
}

// Nine of ten steps of two standard deviations are found, within two points of where
// they are.
func TestSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 60))
	right, all := 0, times(80, 1000)
	for k := range all {
		at := 10 + k%41
		points := series(r, 60)
		for i := at; i < 60; i++ {
			points[i].Value *= math.Exp(0.02)
		}
		if f := find(t, points); slices.ContainsFunc(f.Changes, func(c Change) bool { return max(c.At-at, at-c.At) <= 2 }) {
			right++
		}
	}
	t.Logf("%d of %d", right, all)
	least := 0.9 * float64(all)
	if !*long {
		least -= 2 * math.Sqrt(0.09*float64(all)) // which is chance
	}
	if float64(right) < least {
		t.Errorf("%d of %d steps are found; want nine of ten", right, all)
	}
}

func TestSeveralLevels(t *testing.T) {
	f := find(t, series(rand.New(rand.NewPCG(3, 1)), 60, 0, 5, 1))
	if len(f.Changes) != 2 || f.Changes[0].At != 20 || f.Changes[1].At != 40 || f.Changes[0].From != 0 || f.Changes[0].To != 40 || f.Changes[1].To != 60 {
		t.Fatalf("%+v; want changes at 20 and 40", f)
	}
	if c := f.Changes[0]; c.P < 1./(permutations+1) || c.P > alpha || math.Abs(math.Log(c.After/c.Before)-0.05) > 0.01 {
		t.Errorf("%+v; want 5 %% more", c)
	}
}

// What goes away again is erratic, and no change; of the last point nobody knows yet.
func TestErratic(t *testing.T) {
	for name, c := range map[string]struct {
		off     []int
		erratic []int
		last    bool
	}{
		"one": {[]int{30}, []int{30}, false}, "three in a row": {[]int{30, 31, 32}, []int{30, 31, 32}, false},
		"two apart": {[]int{10, 40}, []int{10, 40}, false}, "the first": {[]int{0}, []int{0}, false}, "the last": {[]int{59}, nil, true},
	} {
		points := series(rand.New(rand.NewPCG(4, 1)), 60)
		for _, i := range c.off {
			points[i].Value *= 1.2
		}
		if f := find(t, points); len(f.Changes) != 0 || !slices.Equal(f.Erratic, c.erratic) || f.Last != c.last {
			t.Errorf("%s: %+v; want %v erratic, last %v", name, f, c.erratic, c.last)
		}
	}
}

// A step where the conditions change is theirs.
func TestCuts(t *testing.T) {
	points := series(rand.New(rand.NewPCG(5, 1)), 60, 0, 10)
	for i := range points {
		points[i].Conditions = "old kernel"
		if i >= 30 {
			points[i].Conditions = "new kernel"
		}
	}
	if f := find(t, points); len(f.Changes) != 0 || !slices.Equal(f.Cuts, []int{30}) || len(f.Erratic) != 0 {
		t.Errorf("%+v; want a cut at 30, and nothing else", f)
	}
	points = series(rand.New(rand.NewPCG(5, 2)), 60, 0, 10, 0, 0)
	for i := range points[:45] {
		points[i].Conditions = "old kernel"
	}
	if f := find(t, points); len(f.Changes) != 2 || f.Changes[0].At != 15 || f.Changes[1].At != 30 || f.Changes[1].To != 45 {
		t.Errorf("%+v; want changes at 15 and 30, before the cut", f)
	}
}

// The statistic is that of the definition, by all sums anew.
func TestBestByDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for range 50 {
		x := make([]float64, 7+r.IntN(10))
		order := make([]int, len(x))
		for i := range x {
			x[i], order[i] = float64(r.IntN(9)), i
		}
		mean := func(a, b []float64) (sum float64) {
			for _, v := range a {
				for _, w := range b {
					sum += math.Abs(v-w) / float64(len(a)*len(b))
				}
			}
			return sum
		}
		want, whole := math.Inf(-1), math.Inf(-1)
		for at := fewest; at <= len(x)-fewest; at++ {
			for end := at + fewest; end <= len(x); end++ {
				a, b := x[:at], x[at:end]
				q := float64(len(a)*len(b)) / float64(end) * (2*mean(a, b) - mean(a, a) - mean(b, b))
				if want = max(want, q); end == len(x) {
					whole = max(whole, q)
				}
			}
		}
		s := search{distance: distances(x)}
		passing, _ := s.best(order, true)
		if got, _ := s.best(order, false); math.Abs(got-whole) > 1e-9 || math.Abs(passing-want) > 1e-9 {
			t.Fatalf("best of %v is %v, and %v of what is passing; want %v and %v", x, got, passing, whole, want)
		}
	}
}

func TestOddSeries(t *testing.T) {
	if _, err := Find([]Point{{Value: 1}, {Value: math.NaN()}}, 1); err == nil {
		t.Error("NaN: no error")
	}
	for _, points := range [][]Point{nil, {{Value: 1}}, make([]Point, 40), {{Value: -1}, {Value: 0}, {Value: 5}}} {
		if f := find(t, points); !reflect.DeepEqual(f, Found{}) {
			t.Errorf("%v: %+v; want nothing", points, f)
		}
	}
	points := series(rand.New(rand.NewPCG(7, 1)), 60, 0, 3)
	if a, b := find(t, points), find(t, points); !reflect.DeepEqual(a, b) {
		t.Errorf("%+v and then %+v", a, b)
	}
}
