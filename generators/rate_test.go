package generators

import (
	"math"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// TestMeanIsTheRate counts every process that is told no more than its rate:
// over a run that its shape divides, the mean is exact.
func TestMeanIsTheRate(t *testing.T) {
	r := rate(t, "1230/s")
	for name, p := range map[string]Process{
		"constant": must(NewConstant(ConstantConfig{r}))(t),
		"burst":    must(NewBurst(BurstConfig{Rate: r}))(t),
		"spike":    must(NewSpike(SpikeConfig{Rate: r}))(t),
		"ramp":     must(NewRamp(RampConfig{Rate: r}))(t),
		"sine":     must(NewSine(SineConfig{Rate: r}))(t),
	} {
		if got := len(dueTimes(p, 20*time.Second, math.MaxInt)); got != 24_600 {
			t.Errorf("%s: %d arrivals in 20s; want 24600", name, got)
		}
	}
}

// TestLevelsFollow leaves out one of mean, base and peak in turn.
func TestLevelsFollow(t *testing.T) {
	want := must(NewBurst(BurstConfig{Base: rate(t, "10/s"), Peak: rate(t, "510/s")}))(t)
	for _, c := range []BurstConfig{
		{Rate: rate(t, "60/s"), Base: rate(t, "10/s")},
		{Rate: rate(t, "60/s"), Peak: rate(t, "510/s")},
		{Rate: rate(t, "60/s"), Base: rate(t, "10/s"), Peak: rate(t, "510/s")},
	} {
		got := dueTimes(must(NewBurst(c))(t), 5*time.Second, math.MaxInt)
		if len(got) != 300 {
			t.Errorf("%+v: %d arrivals in 5s; want 300", c, len(got))
		}
		for i, at := range dueTimes(want, 5*time.Second, math.MaxInt) {
			if got[i] != at {
				t.Fatalf("%+v: arrival %d is due at %v; want %v", c, i, got[i], at)
			}
		}
	}
}

func TestProcessesRefuse(t *testing.T) {
	r := func(text string) units.Rate { return rate(t, text) }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{second(NewConstant(ConstantConfig{})), "rate is not given; want more than 0 and at most 1G/s"},
		{second(NewConstant(ConstantConfig{r("0/s")})), "rate is 0/s; want more than 0 and at most 1G/s"},
		{second(NewConstant(ConstantConfig{r("1000G/s")})), "rate is 1000G/s; want more than 0 and at most 1G/s"},
		{second(NewConstant(ConstantConfig{r("max")})), "rate is max; want more than 0 and at most 1G/s"},
		{
			second(NewConstant(ConstantConfig{units.Rate{Count: 1, Per: math.MaxInt64}})),
			"common period of the rates is over 146 years; want rates with fewer digits",
		},
		{second(NewPoisson(PoissonConfig{r("2G/s")})), "rate is 2G/s; want more than 0 and at most 1G/s"},
		{second(NewBurst(BurstConfig{})), "rate is not given; want it, or base and peak"},
		{second(NewBurst(BurstConfig{Base: r("5/s")})), "rate is not given; want it, or base and peak"},
		{second(NewBurst(BurstConfig{Peak: r("0/s")})), "base and peak are 0/s; want arrivals"},
		{
			second(NewBurst(BurstConfig{Rate: r("100/s"), Peak: r("2k/s")})),
			"rate is 100/s, which peak 2k/s cannot have as a mean; want one of them left out",
		},
		{
			second(NewBurst(BurstConfig{Rate: r("100/s"), Base: r("0/s"), Peak: r("2k/s")})),
			"rate is 100/s, which base 0/s and peak 2k/s cannot have as a mean; want one of them left out",
		},
		{
			second(NewBurst(BurstConfig{Rate: r("100/s"), Base: r("200/s")})),
			"rate is 100/s, which base 200/s cannot have as a mean; want one of them left out",
		},
		{second(NewBurst(BurstConfig{Rate: r("500M/s")})), "peak has to be 5e+09/s; want at most 1G/s"},
		{
			second(NewBurst(BurstConfig{Rate: r("1/s"), On: -1, Off: -5})),
			"on is -1ns; want more than 0 and at most 100 years\noff is -5ns; want more than 0 and at most 100 years",
		},
		{
			second(NewSpike(SpikeConfig{Rate: r("5/s"), For: 1e9, At: -1})),
			"at is -1ns; want 0 or more\nrate and for are both given; want base and peak with for",
		},
		{
			second(NewRamp(RampConfig{From: r("max"), To: r("9G/s"), Over: -1})),
			"over is -1ns; want more than 0 and at most 100 years\nfrom is max; want more than 0 and at most 1G/s\nto is 9G/s; want more than 0 and at most 1G/s",
		},
		{second(NewStages(StagesConfig{})), "stages hold no arrivals; want a plateau above 0"},
		{
			second(NewStages(StagesConfig{Stages{{0, r("5/s")}, {1e9, r("max")}}})),
			"stage 1: length is 0s; want more than 0 and at most 100 years\nstage 2: rate is max; want more than 0 and at most 1G/s",
		},
		{
			new(Stages).UnmarshalText([]byte("30s,x@5,9s@y")),
			"stage 1 is \"30s\"; want DURATION@RATE, such as 30s@50\n" +
				"stage 2: duration is \"x\"; want a duration of at most 292 years, such as 250ms, 1.5s, 2m or 1d12h\n" +
				"stage 3: rate is \"y\"; want a rate, such as 100/s, 6/m, 1.5k/s or 10/250ms",
		},
		{
			second(NewSine(SineConfig{Rate: r("5/s"), Amplitude: r("6/s"), Period: 3})),
			"amplitude is 6/s; want at most the rate, 5/s\nperiod is 3ns; want 10us to 100 years in an even number of nanoseconds",
		},
		{second(NewSine(SineConfig{Rate: r("600M/s")})), "crest has to be 1.2e+09/s; want at most 1G/s"},
	} {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("error is\n%v\nwant\n%s", tt.err, tt.want)
		}
	}
}
