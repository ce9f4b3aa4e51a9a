package headroom

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(b)) || a == b }

func TestWeeks(t *testing.T) {
	for _, tt := range []struct {
		capacity     Interval
		peak, growth float64
		want         Interval
	}{
		{Interval{2000, 4000}, 1000, 1, Interval{1, 2}},
		{Interval{1000, 1000}, 1000, 0.03, Interval{0, 0}},
		{Interval{500, 2000}, 1000, 1, Interval{-1, 1}}, // exhausted for a week by the lower end
		{Interval{2000, math.Inf(1)}, 1000, 1, Interval{1, math.Inf(1)}},
	} {
		got := Weeks(Ratio(tt.capacity, tt.peak), tt.growth)
		if !near(got.Low, tt.want.Low) || !near(got.High, tt.want.High) {
			t.Errorf("%v over %v at %v lasts %v; want %v", tt.capacity, tt.peak, tt.growth, got, tt.want)
		}
	}
}

func TestPerMillion(t *testing.T) {
	// 0.36 an hour for 1,000/s, of which half is used: 1.8 million requests an hour.
	if got := PerMillion(Interval{1000, 2000}, 0.36, 0.5); !near(got.High, 0.2) || !near(got.Low, 0.1) {
		t.Errorf("a million costs %v; want 0.1 to 0.2", got)
	}
	text, err := json.Marshal(PerMillion(Interval{1000, math.Inf(1)}, 0.36, 0.5))
	if err != nil || !strings.HasPrefix(string(text), `{"low":null,"high":0.`) {
		t.Errorf("with no upper end it is %s, %v", text, err)
	}
}

func TestParseGrowth(t *testing.T) {
	for text, want := range map[string]float64{
		"3%/week": 0.03, "100%/week": 1, "1%/day": math.Pow(1.01, 7) - 1, "50%/year": math.Pow(1.5, 7/365.25) - 1, "4%/month": math.Pow(1.04, 7*12/365.25) - 1, "0.5%/week": 0.005, "1000000%/week": 10_000,
	} {
		if got, err := ParseGrowth(text); err != nil || !near(got, want) {
			t.Errorf("%s is %v a week, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "3", "3%", "3/week", "0%/week", "-3%/week", "3%/fortnight", "x%/week", "NaN%/week", "Inf%/week", "3%/week/week", "2000000%/week", "0.03/week", "1e400%/week"} {
		if got, err := ParseGrowth(text); err == nil || !strings.Contains(err.Error(), "growth is ") {
			t.Errorf("%q is %v, %v; want it refused", text, got, err)
		}
	}
}

func TestReadPrice(t *testing.T) {
	p, err := ReadPrice("p.yaml", []byte("currency: USD\nper_hour: {server: 0.17, load balancer: 0.0225}\n"))
	if err != nil || p.Currency != "USD" || !near(p.Sum(), 0.1925) {
		t.Errorf("%+v, %v; want 0.1925 USD", p, err)
	}
	for text, want := range map[string]string{
		"":                                       "document is empty",
		"5":                                      "document is",
		"per_hour: {a: 1}":                       "currency is missing",
		"currency: USD":                          "per_hour is missing",
		"currency: USD\nper_hour: {}":            "per_hour is missing",
		"currency: USD\nper_hour: 5":             "p.yaml:2:11: per_hour is",
		"currency: USD\nper_hour: {a: -1}":       "p.yaml:2:15: a is -1; want a price of 0 or more",
		"currency: USD\nper_hour: {a: .nan}":     "p.yaml:2:15: a is",
		"currency: USD\nper_hour: {a: .inf}":     "p.yaml:2:15: a is",
		"currency: USD\nper_hour: {a: 0}":        "per_hour comes to 0; want more than 0",
		"currency: USD\nper_hour: {a: x}":        "p.yaml:2:15: ",
		"currency: USD\nper_hour: {a: 1, a: 2}":  "a",
		"currency: USD\nperhour: {a: 1}":         `p.yaml:2:1: key "perhour" is unknown; want one of`,
		"currency: ''\nper_hour: {a: 1}":         `currency is ""; want a word`,
		"currency: \"\\e[1m\"\nper_hour: {a: 1}": `currency is "\x1b[1m"`,
		"currency: US Dollars\nper_hour: {a: 1}": `currency is "US Dollars"`,
	} {
		if p, err := ReadPrice("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %+v, %v; want %q", text, p, err, want)
		}
	}
}

func TestReadScale(t *testing.T) {
	all, err := ReadScale(strings.NewReader("instances,capacity,lo,hi\n1,1000,990,1010\n2,1900,1880,1920\n"))
	if err != nil || len(all) != 2 || all[1] != (Measured{2, 1900, 1880, 1920}) {
		t.Errorf("%v, %v", all, err)
	}
	for text, want := range map[string][]string{
		"":                               {"file is empty"},
		"instances,capacity\n":           {"a first line alone"},
		"n,capacity\n1,2\n":              {`column instances is missing from "n,capacity"`},
		"instances,x\n1,2\n":             {"column capacity is missing"},
		"instances,capacity,lo\n1,2,1\n": {"only one of lo and hi"},
		"instances,capacity\n0,5\n1.5,0\n20000,-1\n2,NaN\n": {`line 2: instances is "0"`, `line 3: instances is "1.5"`, `line 3: capacity is "0"; want a number from 1e-09`, `line 4: instances is "20000"`, `line 4: capacity is "-1"`, `line 5: capacity is "NaN"`},
		"instances,capacity,lo,hi\n1,5,6,7\n2,9,8,\n":       {"line 2: interval is 6 to 7; want one around the capacity, 5", `line 3: hi is ""`},
	} {
		_, err := ReadScale(strings.NewReader(text))
		for _, part := range want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error is %v; want %q", text, err, part)
			}
		}
	}
}
