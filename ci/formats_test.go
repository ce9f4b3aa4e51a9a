package ci

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"github.com/fcbench/fcbench/internal/formats"
)

// eighty is a verdict about many claims with awkward names, of every outcome.
func eighty(t *testing.T) *Verdict {
	t.Helper()
	var units []Unit
	for i := range 40 {
		u := world(20, 0.03, []float64{1, 1.15, 0.8}[i%3], float64(i%2))
		u.Scenario, u.Subject = "a|b/c", fmt.Sprintf("Benchmark<%d>/size=10-%d @all", i, i)
		units = append(units, u)
	}
	c := benchCase(t, units...)
	c.Units[5].Pairs = nil
	c.Policy.Pairs = []int{8, 20}
	c.Policy.Name = "gate: 100%, --> \"x\"\nnext"
	v := c.Judge()
	v.A, v.B = "3f2a91c (merge-base)", "<script>"
	return v
}

func written(t *testing.T, kind string, v *Verdict) string {
	t.Helper()
	f, ok := Formats().Of(kind)
	if !ok {
		t.Fatalf("%s is no format", kind)
	}
	var b bytes.Buffer
	if err := f.Write(&b, v, formats.Options{}); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return b.String()
}

// TestEveryFormatOfNothing: a gate that came to nothing is written in every format, and
// says so where a format can.
func TestEveryFormatOfNothing(t *testing.T) {
	v := &Verdict{Gate: "g", Policy: "gate.yaml", Verdict: NoData, ExitCode: 13, Reasons: []string{"nothing there"}}
	for _, f := range Formats() {
		text := written(t, f.Name, v)
		tells := !strings.Contains(" csv gobench bmf gha-smaller gha-bigger ", " "+f.Name+" ")
		if tells && !strings.Contains(text, "nothing there") && !strings.Contains(text, `fcbench_gate_verdict="NO_DATA"} 1`) {
			t.Errorf("%s does not tell why:\n%s", f.Name, text)
		}
	}
}

// TestMarkdown: it fits a comment, is found again, and nothing in a name is markup.
func TestMarkdown(t *testing.T) {
	v := eighty(t)
	text := written(t, "markdown", v)
	if len(text) >= mostComment || strings.Count(text, "-->") != 1 || strings.Contains(text, "<script>") || !strings.HasPrefix(text, v.Marker()+"\n### ❌") {
		t.Errorf("%d bytes, beginning with %.200q", len(text), text)
	}
	for range 6 {
		v.Claims = append(v.Claims, v.Claims...)
	}
	v.Warnings = []string{strings.Repeat("long ", 20_000)}
	text = written(t, "markdown", v)
	if len(text) >= mostComment || !strings.Contains(text, "more, which the verdict file has") {
		t.Errorf("of %d claims it has %d bytes; want it cut, and said so", len(v.Claims), len(text))
	}
}

// TestGoBench: benchstat's own reader takes every line, with all units.
func TestGoBench(t *testing.T) {
	v := eighty(t)
	r := benchfmt.NewReader(strings.NewReader(written(t, "gobench", v)), "x")
	n := 0
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Fatal(rec)
		case *benchfmt.Result:
			n++
		}
	}
	want := 0
	for _, f := range v.Claims {
		want += 2 * len(f.Samples)
	}
	if n != want || n == 0 {
		t.Errorf("it read %d results; want %d", n, want)
	}
}

// TestCSVReadsBack: one record for each claim, all of one length.
func TestCSVReadsBack(t *testing.T) {
	v := eighty(t)
	rows, err := csv.NewReader(strings.NewReader(written(t, "csv", v))).ReadAll()
	if err != nil || len(rows) != 1+len(v.Claims) {
		t.Errorf("%d rows, %v; want %d", len(rows), err, 1+len(v.Claims))
	}
}

// junitFile is what a reader makes of JUnit.
type junitFile struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Cases    []struct {
		Class   string    `xml:"classname,attr"`
		Name    string    `xml:"name,attr"`
		Failure *struct{} `xml:"failure"`
		Error   *struct{} `xml:"error"`
		Skipped *struct{} `xml:"skipped"`
	} `xml:"testsuite>testcase"`
}

// TestJUnit: the counts are those of the cases, and each case has one state.
func TestJUnit(t *testing.T) {
	v := eighty(t)
	var s junitFile
	if err := xml.Unmarshal([]byte(written(t, "junit", v)), &s); err != nil {
		t.Fatal(err)
	}
	failures, errs, skipped := 0, 0, 0
	for _, c := range s.Cases {
		states := 0
		for _, one := range []struct {
			r *struct{}
			n *int
		}{{c.Failure, &failures}, {c.Error, &errs}, {c.Skipped, &skipped}} {
			if one.r != nil {
				states++
				*one.n++
			}
		}
		if states > 1 || c.Class == "" || c.Name == "" {
			t.Errorf("case is %+v", c)
		}
	}
	if s.Tests != len(v.Claims)+1 || s.Tests != len(s.Cases) || s.Failures != failures || s.Errors != errs || s.Skipped != skipped || failures != v.Count(Regressed) || errs != v.Count(NoData)+1 {
		t.Errorf("counts are %d, %d, %d, %d", s.Tests, s.Failures, s.Errors, s.Skipped)
	}
}

// TestSARIF: what code scanning demands: a version, rules that are referred to, a level
// that there is, a place in the policy, and a fingerprint that is one result's own.
func TestSARIF(t *testing.T) {
	v := eighty(t)
	var log sarifLog
	if err := json.Unmarshal([]byte(written(t, "sarif", v)), &log); err != nil {
		t.Fatal(err)
	}
	run, seen := log.Runs[0], map[string]bool{}
	if log.Version != "2.1.0" || run.Tool.Driver.Name != "fcbench" || len(run.Results) != len(v.problems()) {
		t.Errorf("log has version %s and %d results", log.Version, len(run.Results))
	}
	for _, r := range run.Results {
		place := r.Locations[0].Physical
		print := r.Fingerprint["fcbench/v1"]
		if run.Tool.Driver.Rules[r.Index].ID != r.Rule || place.Artifact.URI != "ci/gate.yaml" || place.Region.StartLine < 1 || seen[print] || r.Message.Text == "" || !strings.Contains(" error warning note ", " "+r.Level+" ") {
			t.Errorf("result is %+v", r)
		}
		seen[print] = true
	}
}

// TestGitHub: commands of one line, with what must be escaped, and no more of a kind
// than are shown.
func TestGitHub(t *testing.T) {
	command := regexp.MustCompile(`^::(error|warning|notice) title=[^:,\r\n]+(,file=ci/gate\.yaml,line=[1-9][0-9]*)?::.+$`)
	count := map[string]int{}
	for line := range strings.Lines(written(t, "github", eighty(t))) {
		m := command.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Fatalf("line is %q", line)
		}
		count[m[1]]++
	}
	if count["error"] != mostAnnotations || count["notice"] != 1 {
		t.Errorf("there are %v; want %d errors, as no more are shown", count, mostAnnotations)
	}
}

// TestCodeQuality has the fields that GitLab demands.
func TestCodeQuality(t *testing.T) {
	var all []map[string]any
	if err := json.Unmarshal([]byte(written(t, "codequality", eighty(t))), &all); err != nil || len(all) == 0 {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, one := range all {
		place, _ := one["location"].(map[string]any)
		lines, _ := place["lines"].(map[string]any)
		print, _ := one["fingerprint"].(string)
		if one["description"] == "" || one["check_name"] == "" || !regexp.MustCompile("^(major|minor)$").MatchString(fmt.Sprint(one["severity"])) ||
			place["path"] != "ci/gate.yaml" || lines["begin"].(float64) < 1 || seen[print] || print == "" {
			t.Errorf("issue is %v", one)
		}
		seen[print] = true
	}
	if got := written(t, "codequality", benchCase(t, world(14, 0.03, 1, 0)).Judge()); got != "[]\n" {
		t.Errorf("of nothing wrong it is %q; want an empty list", got)
	}
}

// TestTrackers: Bencher's lengths, and no metric in the file of the other direction.
func TestTrackers(t *testing.T) {
	v := eighty(t)
	v.Claims[0].Better = "higher"
	var bmf map[string]map[string]map[string]float64
	if err := json.Unmarshal([]byte(written(t, "bmf", v)), &bmf); err != nil || len(bmf) != 39 {
		t.Errorf("%d benchmarks, %v; want 39", len(bmf), err)
	}
	for name, measures := range bmf {
		for measure, m := range measures {
			if len(name) > mostName || !regexp.MustCompile("^[a-z0-9]+(-[a-z0-9]+)*$").MatchString(measure) || m["lower_value"] > m["value"] || m["upper_value"] < m["value"] {
				t.Errorf("%s %s is %v", name, measure, m)
			}
		}
	}
	entries := 0
	for kind, higher := range map[string]bool{"gha-smaller": false, "gha-bigger": true} {
		var all []struct {
			Name, Unit string
			Value      *float64
		}
		if err := json.Unmarshal([]byte(written(t, kind, v)), &all); err != nil {
			t.Fatal(err)
		}
		entries += len(all)
		for _, e := range all {
			if (e.Name == v.Claims[0].ID) != higher || e.Unit == "" || e.Value == nil {
				t.Errorf("%s has %+v", kind, e)
			}
		}
	}
	if entries != 78 {
		t.Errorf("both files have %d entries; want each claim that has data in one of them", entries)
	}
}

// TestOpenMetrics: every line is of the exposition's grammar, a family's lines stand
// together under its type, no sample is there twice, and the end is marked.
func TestOpenMetrics(t *testing.T) {
	text := written(t, "openmetrics", eighty(t))
	sample := regexp.MustCompile(`^([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\}) [-+0-9.e]+$`)
	family, types, seen := "", map[string]bool{}, map[string]bool{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[len(lines)-1] != "# EOF" {
		t.Errorf("it ends with %q", lines[len(lines)-1])
	}
	for _, line := range lines[:len(lines)-1] {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			family, _, _ = strings.Cut(rest, " ")
			if types[family] {
				t.Errorf("%s is declared twice", family)
			}
			types[family] = true
			continue
		}
		if strings.HasPrefix(line, "# HELP "+family+" ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || m[1] != family || seen[m[1]+m[2]] {
			t.Fatalf("line is %q, under %s", line, family)
		}
		seen[m[1]+m[2]] = true
	}
}

// TestNothingButFilesIsReplaced: who names a device as the verdict does not lose it.
func TestNothingButFilesIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdict.json")
	if err := os.Symlink(os.DevNull, path); err != nil {
		t.Fatal(err)
	}
	v := &Verdict{Verdict: NoData, ExitCode: 13}
	if err := v.Save(path); err == nil || !strings.Contains(err.Error(), os.DevNull+" is no regular file; want one") {
		t.Errorf("%v; want it refused", err)
	}
	if to, err := os.Readlink(path); err != nil || to != os.DevNull {
		t.Errorf("there is %s, %v; want what there was", to, err)
	}
}

// TestLinksStay: what a link leads to is replaced, and not the link.
func TestLinksStay(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "accepted.yaml"), filepath.Join(dir, "shared.yaml")
	if err := errors.Join(os.WriteFile(file, []byte("accepted: []\n"), 0o600), os.Symlink("shared.yaml", link)); err != nil {
		t.Fatal(err)
	}
	if err := Accept(link, Acceptance{Claim: "web/api/response.ok.p99", Until: "2026-12-31", Most: "12%", By: "reviewer", Reason: "known"}); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != "shared.yaml" {
		t.Errorf("the link leads to %q, %v; want what it did", to, err)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "web/api/response.ok.p99") {
		t.Errorf("%s holds %q, %v; want the claim", file, text, err)
	}
}

// TestNamesAreCut where a character ends.
func TestNamesAreCut(t *testing.T) {
	for text, want := range map[string]string{"abc": "abc", "abcd": "abcd", "abcde": "abcd", "abcé": "abc", "aéb": "aéb", "éé": "éé", "ééé": "éé", "€€": "€"} {
		if got := cut(text, 4); got != want {
			t.Errorf("%s is cut to %q; want %q", text, got, want)
		}
	}
}

// TestSizes: 80 claims fit wherever there is a limit.
func TestSizes(t *testing.T) {
	for _, f := range Formats() {
		if n := len(written(t, f.Name, eighty(t))); n > 1<<20 {
			t.Errorf("%s has %d bytes; want at most 1 MiB, as of a step summary", f.Name, n)
		}
	}
}
