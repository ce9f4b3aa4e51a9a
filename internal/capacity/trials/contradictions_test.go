package trials

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
)

// goalsOf are those of expressions, and what is wrong with them.
func goalsOf(t *testing.T, expressions ...string) error {
	t.Helper()
	var all []results.Threshold
	for _, expr := range expressions {
		threshold, err := results.ParseThreshold(expr)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, threshold)
	}
	_, err := goals(all)
	return err
}

// TestGoalsThatNoRunKeeps are refused before anything is sent, and those that one may keep
// are not.
func TestGoalsThatNoRunKeeps(t *testing.T) {
	for name, c := range map[string]struct {
		goals []string
		want  string // "" where they may be kept
	}{
		"p99 both ways":              {[]string{"response.ok.p99 < 5ms", "response.ok.p99 > 10ms"}, "contradict"},
		"the other way round":        {[]string{"response.ok.p99 > 10ms", "response.ok.p99 < 5ms"}, "contradict"},
		"the same bound":             {[]string{"goodput > 100/s", "goodput < 100/s"}, "contradict"},
		"the same bound, half":       {[]string{"goodput >= 100/s", "goodput < 100/s"}, "contradict"},
		"only that bound":            {[]string{"accuracy.burst_excess >= 0", "accuracy.burst_excess <= 0"}, ""},
		"two equals":                 {[]string{"outcomes.failed == 1", "outcomes.failed == 2"}, "contradict"},
		"equal and not":              {[]string{"outcomes.failed == 1", "outcomes.failed != 1"}, "contradict"},
		"not and equal":              {[]string{"outcomes.failed != 1", "outcomes.failed == 1"}, "contradict"},
		"equal, and less":            {[]string{"outcomes.failed == 3", "outcomes.failed < 3"}, "contradict"},
		"the least above the p99":    {[]string{"response.ok.p99 < 5ms", "response.ok.min > 10ms"}, "contradict"},
		"the mean above the most":    {[]string{"response.ok.max < 5ms", "response.ok.mean > 10ms"}, "contradict"},
		"the mean below the least":   {[]string{"response.ok.mean < 5ms", "response.ok.min > 10ms"}, "contradict"},
		"service in its order":       {[]string{"service.ok.p999 <= 5ms", "service.ok.p50 > 5ms"}, "contradict"},
		"a class in its order":       {[]string{"classes.a.response_ok.p99 < 5ms", "classes.a.response_ok.min > 6ms"}, "contradict"},
		"two classes":                {[]string{"classes.a.response_ok.p99 < 5ms", "classes.b.response_ok.min > 6ms"}, ""},
		"the p99 above the p50":      {[]string{"service.ok.p50 < 5ms", "service.ok.p99 > 10ms"}, ""},
		"the mean above the p50":     {[]string{"service.ok.p50 < 5ms", "service.ok.mean > 10ms"}, ""},
		"service and response":       {[]string{"response.ok.p99 < 5ms", "service.rejected.p99 > 10ms"}, ""},
		"two bounds of one":          {[]string{"response.ok.p99 < 5ms", "response.ok.p50 < 1ms"}, ""},
		"a share below 0":            {[]string{"outcomes.failed.share < 0"}, "kept by no run; want a bound that outcomes.failed.share can meet, which is 0 to 1"},
		"a share below 0 %":          {[]string{"outcomes.failed.share < 0%"}, "kept by no run"},
		"a share of less than 0":     {[]string{"outcomes.rejected.share <= -1%"}, "kept by no run"},
		"none":                       {[]string{"outcomes.failed.share <= 0"}, ""},
		"a share above 1":            {[]string{"outcomes.ok.share > 1"}, "kept by no run"},
		"a share of more than 1":     {[]string{"outcomes.ok.share >= 101%"}, "kept by no run"},
		"all":                        {[]string{"outcomes.ok.share >= 100%"}, ""},
		"a negative share equal":     {[]string{"outcomes.ok.share == -0.5"}, "kept by no run"},
		"a status":                   {[]string{"statuses.5xx.share < 0"}, "kept by no run"},
		"fewer than none":            {[]string{"outcomes.failed < 0"}, "kept by no run; want a bound that outcomes.failed can meet, which is 0 or more"},
		"no time":                    {[]string{"response.ok.p99 < 0s"}, "kept by no run"},
		"cores may be more than one": {[]string{"target.cpu_share > 1.5"}, ""},
		"an error may be negative":   {[]string{"accuracy.rate_error < -1%"}, ""},
	} {
		err := goalsOf(t, c.goals...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v: %v; want %q", name, c.goals, err, c.want)
		}
	}
}
