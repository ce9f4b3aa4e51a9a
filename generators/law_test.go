package generators

import (
	"math"
	"slices"
	"testing"

	"github.com/fcbench/fcbench/internal/seed"
)

// checkRange draws from a law and asserts that it keeps its promise.
func checkRange(t *testing.T, law Law, least, most int64) {
	t.Helper()
	if a, b := law.Range(); a != least || b != most {
		t.Errorf("range is %d to %d; want %d to %d", a, b, least, most)
	}
	for k := range uint64(50_000) {
		if v := law.Draw(stream0(), k); v < least || v > most {
			t.Fatalf("draw %d is %d; want %d to %d", k, v, least, most)
		}
	}
}

func TestFixed(t *testing.T) {
	checkRange(t, must(NewFixed(FixedConfig[tally]{3}))(t), 3, 3)
}

func TestBetween(t *testing.T) {
	law := must(NewBetween(BetweenConfig[sizes]{10, 14}))(t)
	checkRange(t, law, 10, 14)
	checkLaw(t, lawKeys{law, 10, 5}, stream0(), 50_000, 5, func(uint64) float64 { return 0.2 })
	checkRange(t, must(NewBetween(BetweenConfig[sizes]{0, maxAmount}))(t), 0, maxAmount)
}

// lawKeys lets a law be tested as if it drew keys.
type lawKeys struct {
	Law
	first int64
	n     uint64
}

func (l lawKeys) N() uint64                           { return l.n }
func (l lawKeys) Pick(r seed.Stream, k uint64) uint64 { return uint64(l.Draw(r, k) - l.first) }

func TestWeighted(t *testing.T) {
	var values Choices[sizes]
	if err := values.UnmarshalText([]byte("1KiB=2, 2KiB,3KiB=5")); err != nil {
		t.Fatal(err)
	}
	if want := (Choices[sizes]{{1024, 2}, {2048, 1}, {3072, 5}}); !slices.Equal(values, want) {
		t.Fatalf("choices are %v; want %v", values, want)
	}
	law := must(NewWeightedList(WeightedListConfig[sizes]{values}))(t)
	checkRange(t, law, 1024, 3072)
	var counts [3]float64
	for k := range uint64(80_000) {
		counts[law.Draw(stream0(), k)/1024-1]++
	}
	if f := chiSquare([]cell{{counts[0], 20_000}, {counts[1], 10_000}, {counts[2], 50_000}}); f.P < 0.001 {
		t.Errorf("counts are %v; want about 2:1:5", counts)
	}
}

func TestLognormal(t *testing.T) {
	law := must(NewLognormal(LognormalConfig[sizes]{Median: 1 << 20, Sigma: 0.7}))(t)
	var logs moments
	below := 0
	const n = 100_000
	for k := range uint64(n) {
		v := law.Draw(stream0(), k)
		logs.add(math.Log(float64(v)))
		if v <= 1<<20 {
			below++
		}
	}
	if math.Abs(logs.mean-20*math.Ln2) > 4*0.7/math.Sqrt(n) {
		t.Errorf("mean of the logarithm is %v; want %v", logs.mean, 20*math.Ln2)
	}
	if sigma := math.Sqrt(logs.variance()); math.Abs(sigma-0.7) > 0.01 {
		t.Errorf("deviation of the logarithm is %v; want 0.7", sigma)
	}
	if math.Abs(float64(below)/n-0.5) > 0.007 {
		t.Errorf("%d of %d are at most the median; want half", below, n)
	}
	least, most := law.Range()
	checkRange(t, law, least, most)
	checkRange(t, must(NewLognormal(LognormalConfig[tally]{Median: 2, Sigma: 3, Max: 100}))(t), 1, 100)
	checkRange(t, must(NewLognormal(LognormalConfig[tally]{Median: 9}))(t), 9, 9)
}

// TestExponentialLaw tests the shares beyond multiples of the mean, and the mean.
func TestExponentialLaw(t *testing.T) {
	law := must(NewExponentialLaw(ExponentialLawConfig[tally]{Mean: 10_000}))(t)
	const n = 100_000
	var all moments
	var cells [4]cell
	for i := range cells {
		cells[i].expected = n * (math.Exp(-float64(i)) - math.Exp(-float64(i+1)))
	}
	cells[3].expected = n * math.Exp(-3)
	for k := range uint64(n) {
		v := law.Draw(stream0(), k)
		all.add(float64(v))
		cells[min(3, (v-1)/10_000)].observed++
	}
	if f := chiSquare(cells[:]); f.P < 0.001 {
		t.Errorf("by multiples of the mean there are %v", cells)
	}
	if math.Abs(all.mean-10_000.5) > 4*10_000/math.Sqrt(n) {
		t.Errorf("the mean is %v; want 10000, rounded up", all.mean)
	}
	least, most := law.Range()
	checkRange(t, law, least, most)
	checkRange(t, must(NewExponentialLaw(ExponentialLawConfig[tally]{Mean: 2, Max: 9}))(t), 1, 9)
}

// TestNormal tests the quantiles of the standard normal distribution.
func TestNormal(t *testing.T) {
	const n = 100_000
	values := make([]float64, n)
	for k := range values {
		values[k] = normal(stream0().Uint64(uint64(2*k)), stream0().Uint64(uint64(2*k+1)))
	}
	slices.Sort(values)
	distance := 0.0
	for i, z := range values {
		distance = max(distance, math.Abs(math.Erfc(-z/math.Sqrt2)/2-(float64(i)+0.5)/n))
	}
	if distance > 1.63/math.Sqrt(n) {
		t.Errorf("values differ from normal by %v; want at most %v", distance, 1.63/math.Sqrt(n))
	}
	if most := math.Abs(normal(0, 1<<62)); most > maxNormal {
		t.Errorf("normal reaches %v; want at most %v", most, maxNormal)
	}
}

// TestMeans: what laws say of their mean is what they draw, and known in theory.
func TestMeans(t *testing.T) {
	var values Choices[tally]
	if err := values.UnmarshalText([]byte("1000=90,91000=10")); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		law  Law
		want float64
	}{
		"fixed":       {must(NewFixed(FixedConfig[tally]{7000}))(t), 7000},
		"between":     {must(NewBetween(BetweenConfig[tally]{1000, 2000}))(t), 1500},
		"weighted":    {must(NewWeightedList(WeightedListConfig[tally]{values}))(t), 10_000},
		"exponential": {must(NewExponentialLaw(ExponentialLawConfig[tally]{Mean: 10_000}))(t), 10_000},
		"cut":         {must(NewExponentialLaw(ExponentialLawConfig[tally]{Mean: 10_000, Max: 20_000}))(t), 10_000 * (1 - math.Exp(-2))},
		"lognormal":   {must(NewLognormal(LognormalConfig[tally]{Median: 10_000, Sigma: 0.8}))(t), 10_000 * math.Exp(0.32)},
		"half":        {must(NewLognormal(LognormalConfig[tally]{Median: 10_000, Sigma: 1, Max: 10_000}))(t), 10_000 * (0.5 + math.Exp(0.5)*math.Erfc(1/math.Sqrt2)/2)},
	} {
		if got := tt.law.Mean(); math.Abs(got-tt.want) > 1e-5*tt.want {
			t.Errorf("the mean of %s is %v; want %v", name, got, tt.want)
		}
		var drawn moments
		const n = 50_000
		for k := range uint64(n) {
			drawn.add(float64(tt.law.Draw(stream0(), k)))
		}
		if math.Abs(drawn.mean-tt.want) > 4*math.Sqrt(drawn.variance()/n)+1 {
			t.Errorf("%s draws %v on average; want %v", name, drawn.mean, tt.want)
		}
	}
}

func TestLawsRefuse(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{second(NewFixed(FixedConfig[sizes]{-1})), "value is -1B; want 0 to 2^53-1"},
		{second(NewBetween(BetweenConfig[tally]{5, 3})), "max is 3; want at least min, 5"},
		{second(NewWeightedList(WeightedListConfig[tally]{})), "values has 0 entries; want 1 to 1048576"},
		{
			second(NewWeightedList(WeightedListConfig[tally]{Choices[tally]{{-2, 0}}})),
			"value is -2; want 0 to 2^53-1\nweight of -2 is 0; want more than 0 and at most 2^31-1",
		},
		{
			second(NewLognormal(LognormalConfig[tally]{0, 11, -1})),
			"median is 0; want 1 to 2^53-1\nsigma is 11; want 0 to 10\nmax is -1; want at least the median, 0, and at most 2^53-1",
		},
		{
			second(NewExponentialLaw(ExponentialLawConfig[tally]{-1, -1})),
			"mean is -1; want 1 to 2^53-1\nmax is -1; want at least the mean, -1, and at most 2^53-1",
		},
		{new(Choices[tally]).UnmarshalText([]byte("1=x")), `weight is "x"; want a number above 0`},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("error is %v; want %s", tt.err, tt.want)
		}
	}
}

// TestTextForms reads back what is written.
func TestTextForms(t *testing.T) {
	choices := Choices[sizes]{{512, 90}, {65536, 9.5}}
	text, _ := choices.MarshalText()
	var again Choices[sizes]
	if err := again.UnmarshalText(text); err != nil || !slices.Equal(again, choices) {
		t.Errorf("%s is read as %v, %v; want %v", text, again, err, choices)
	}
	stages := Stages{{30e9, rate(t, "50")}, {60e9, rate(t, "0/s")}, {500e6, rate(t, "1/m")}}
	text, _ = stages.MarshalText()
	var stagesAgain Stages
	if err := stagesAgain.UnmarshalText(text); err != nil || !slices.Equal(stagesAgain, stages) {
		t.Errorf("%s is read as %v, %v; want %v", text, stagesAgain, err, stages)
	}
}

// FuzzTextForms reads back whatever can be read.
func FuzzTextForms(f *testing.F) {
	for _, text := range []string{"30s@50,1m@200", " 1d@0/s , 5ns@6/m", "512B=90,64KiB=9.5", "1,2=1e300", "@,=", "1=NaN"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var stages, stagesAgain Stages
		if stages.UnmarshalText(text) == nil {
			written, _ := stages.MarshalText()
			if err := stagesAgain.UnmarshalText(written); err != nil || !slices.Equal(stages, stagesAgain) {
				t.Errorf("stages %q are written %q and read as %v, %v", text, written, stagesAgain, err)
			}
			NewStages(StagesConfig{stages})
		}
		var choices, choicesAgain Choices[sizes]
		if choices.UnmarshalText(text) == nil {
			written, _ := choices.MarshalText()
			if err := choicesAgain.UnmarshalText(written); err != nil || !slices.EqualFunc(choices, choicesAgain, sameChoice) {
				t.Errorf("choices %q are written %q and read as %v, %v", text, written, choicesAgain, err)
			}
			if law, err := NewWeightedList(WeightedListConfig[sizes]{choices}); err == nil {
				least, most := law.Range()
				if v := law.Draw(stream0(), 1); v < least || v > most {
					t.Errorf("choices %q draw %d; want %d to %d", text, v, least, most)
				}
			}
		}
	})
}

// sameChoice takes a weight that is no number for the same as another.
func sameChoice(a, b Choice[sizes]) bool {
	return a == b || a.Value == b.Value && math.IsNaN(a.Weight) && math.IsNaN(b.Weight)
}
