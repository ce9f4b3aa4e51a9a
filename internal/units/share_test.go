package units

import "testing"

func TestParseShare(t *testing.T) {
	for text, want := range map[string]float64{
		"0.02": 0.02, "2%": 0.02, "2 %": 0.02, "0.7%": 7.0 / 1000, "1.1%": 11.0 / 1000, "100%": 1, "1e-3": 0.001, "-1%": -0.01, "1e300%": 1e298,
	} {
		if got, err := ParseShare(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "2%%", "2/3", "two", "2 percent", "%2"} {
		if got, err := ParseShare(text); err == nil {
			t.Errorf("%q is %v; want an error", text, got)
		}
	}
}
