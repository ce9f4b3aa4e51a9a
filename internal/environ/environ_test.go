package environ

import (
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	t.Setenv("FC_A", "one")
	t.Setenv("FC_B", "")
	for _, tt := range []struct{ text, want, problem string }{
		{"plain $5 {x}", "plain $5 {x}", ""},
		{"${FC_A}-${FC_B}-${FC_A}", "ONE--ONE", ""},
		{"${FC_NONE} ${FC_NOR}", " ", "it needs the environment variable FC_NONE, which is not set; want it set\nit needs the environment variable FC_NOR, which is not set; want it set"},
		{"${FC_A", "", `it has "${" without a name and a "}" after it; want an environment variable, such as ${TOKEN}`},
		{"${1A}", "", `it has "${" without a name and a "}" after it; want an environment variable, such as ${TOKEN}`},
	} {
		got, err := Expand("it", "TOKEN", tt.text, strings.ToUpper)
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		if got != tt.want || problem != tt.problem {
			t.Errorf("%q is %q, %q; want %q, %q", tt.text, got, problem, tt.want, tt.problem)
		}
	}
	if got, err := Expand("it", "TOKEN", "${FC_A}", nil); got != "one" || err != nil {
		t.Errorf("without an encoding it is %q, %v; want one", got, err)
	}
}
