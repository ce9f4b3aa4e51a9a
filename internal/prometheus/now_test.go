package prometheus

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestNow: the question as the API has it, and what is an answer to it.
func TestNow(t *testing.T) {
	for _, tt := range []struct{ name, data, want, wrong string }{
		{"series", `{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1,"2.5"]},{"metric":{},"value":[1,"NaN"]}]}`, `[{job="a"} 2.5 {} NaN]`, ""},
		{"none", `{"resultType":"vector","result":[]}`, "[]", ""},
		{"a scalar", `{"resultType":"scalar","result":[1435781451.781,"3"]}`, "[{} 3]", ""},
		{"a range", `{"resultType":"matrix","result":[]}`, "", "want a vector or a scalar"},
		{"a string", `{"resultType":"string","result":[1,"x"]}`, "", "want a vector or a scalar"},
		{"half a scalar", `{"resultType":"scalar","result":[1]}`, "", "a sample is [1,]"},
		{"no scalar", `{"resultType":"scalar","result":"x"}`, "", "want a vector or a scalar"},
		{"a histogram", `{"resultType":"vector","result":[{"metric":{"__name__":"h"},"histogram":[1,{}]}]}`, "", "h{} is of histograms"},
		{"nothing", `{}`, "", "want a vector or a scalar"},
	} {
		c := asking(t, func(w http.ResponseWriter, r *http.Request) {
			if got, want := r.URL.Path+"?"+r.URL.RawQuery, "/behind/api/v1/query?query=sum%28x%29"; got != want {
				t.Errorf("asked is %s; want %s", got, want)
			}
			fmt.Fprintf(w, `{"status":"success","data":%s}`, tt.data)
		})
		a, err := c.Now(t.Context(), "sum(x)")
		got := []any{}
		for _, s := range a.Series {
			got = append(got, s, s.Samples[0].Value)
		}
		if tt.wrong == "" && (err != nil || fmt.Sprint(got) != tt.want) || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s: %v, %v; want %s %s", tt.name, got, err, tt.want, tt.wrong)
		}
	}
}
