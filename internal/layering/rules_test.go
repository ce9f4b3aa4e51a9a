package layering

import (
	"fmt"
	"strings"
	"testing"
)

// The rules themselves are tested on imports that nobody has written.
func TestImportRules(t *testing.T) {
	tests := []struct{ pkg, target, want string }{
		{"targets", module + "/results", ""},
		{"targets", "net/http", ""},
		{"results/report", module + "/results", ""},
		{"targets/conformance", module + "/targets", ""},
		{"results/report", "github.com/HdrHistogram/hdrhistogram-go", ""},
		{"cmd/fcbench", "github.com/spf13/cobra/doc", ""},
		{"results", module + "/targets", "it stands below"},
		{"generators", module + "/results", "strangers"},
		{"results/report", module + "/results/compare", "strangers"},
		{"results", module + "/results/report", "it stands below"},
		{"internal/units", module + "/internal/units/deep", "has no layer"},
		{"made/up", "fmt", "made/up has no layer; give it one in internal/layering/policy_test.go"},
		{"internal/runner", "github.com/spf13/cobra", "its owners are cmd/fcbench"},
		{"resultsish", "github.com/HdrHistogram/hdrhistogram-go", "has no layer"},
		{"targets", "github.com/HdrHistogram/hdrhistogram-go", "its owners are results/..., ci/hdrlog"},
		{"internal/scenario", "go.yaml.in/yaml/v4", "its owners are internal/strictyaml"},
		{"limiters", "github.com/redis/go-redis/v9", "its owners are limiters/redislua"},
		{"targets", "github.com/alicebob/miniredis/v2/server", "its owners are internal/redisproc"},
		{"targets", "example.com/left/pad", "has no owner"},
	}
	for _, tt := range tests {
		s := parseText(t, tt.pkg, fmt.Sprintf("package p\nimport _ %q\n", tt.target))
		got := strings.Join(checkImports(s), "\n")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s importing %s: %q; want %q", tt.pkg, tt.target, got, tt.want)
		}
	}
}

func TestEveryImportIsChecked(t *testing.T) {
	const text = `package p
import (
	_ "example.com/a"
	_ "example.com/b"
	. "example.com/c"
	"example.com/d"
	e "example.com/d"
)`
	if got := checkImports(parseText(t, "targets", text)); len(got) != 5 {
		t.Errorf("%d complaints; want 5: %q", len(got), got)
	}
}

func TestClockRule(t *testing.T) {
	tests := []struct {
		pkg, text string
		want      int
	}{
		{"limiters", `import "time"; var x = time.Now()`, 1},
		{"limiters", `import "time"; var now = time.Now`, 1},
		{"limiters", `import t "time"; func f() { t.Sleep(1); <-t.After(1) }`, 2},
		{"limiters", `import "time"; var x = time.Second`, 0},
		{"limiters", `import "example.com/time"; var x = time.Now()`, 0},
		{"internal/runner", `import "time"; var x = time.Now()`, 0},
	}
	for _, tt := range tests {
		if got := checkClock(parseText(t, tt.pkg, "package p; "+tt.text)); len(got) != tt.want {
			t.Errorf("%s: %s: %q; want %d complaints", tt.pkg, tt.text, got, tt.want)
		}
	}
}

func TestPolicyNamesNothingTwice(t *testing.T) {
	seen := make(map[string]bool)
	for _, line := range layers {
		for _, pkg := range line {
			if seen[pkg] {
				t.Errorf("package %s has two layers", pkg)
			}
			seen[pkg] = true
		}
	}
}
