package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// program writes a stand-in for fcbench: it notes its arguments, writes what a gate
// with a verdict would, and ends with a code.
func program(t *testing.T, verdict string, code string) (bin string) {
	t.Helper()
	bin = t.TempDir()
	script := `#!/bin/sh
echo "$@" >> calls
if [ "$1" = gate ]; then
  ` + verdict + `
  exit ` + code + `
fi
echo '# comment' > comment.md
[ -f verdict.json ] || exit 13
exit ` + code + "\n"
	if err := os.WriteFile(filepath.Join(bin, "fcbench"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return bin
}

// steps are the shell scripts of the GitHub action, by name.
func steps(t *testing.T) map[string]string {
	t.Helper()
	src, err := os.ReadFile("github/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictyaml.Parse("action.yml", src)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, step := range doc.Get("runs").Get("steps").Items() {
		all[step.Get("name").String()] = step.Get("run").String()
	}
	return all
}

// TestGitHubAction runs the shell steps as they are: whatever the gate ended with, the
// last one ends with the verdict's code, has told it as an output, and wrote a summary.
func TestGitHubAction(t *testing.T) {
	scripts := steps(t)
	const wrote = `printf '{\n  "verdict": "REGRESSED",\n  "exit_code": 10\n}\n' > verdict.json`
	for name, c := range map[string]struct{ verdict, code, output string }{
		"regressed":  {wrote, "10", "verdict=REGRESSED"},
		"no verdict": {"true", "13", "verdict=NO_DATA"},
		"passed":     {strings.Replace(wrote, "REGRESSED", "PASS", 1), "0", "verdict=PASS"},
	} {
		dir, bin := t.TempDir(), program(t, c.verdict, c.code)
		for _, step := range []string{"gate", "verdict"} {
			cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts[step]) // as GitHub runs bash
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "POLICY=ci/gate.yaml", "ATTEMPT=1", "ON_INCONCLUSIVE=fail",
				"GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"), "GITHUB_OUTPUT="+filepath.Join(dir, "output"))
			out, err := cmd.CombinedOutput()
			want := 0
			if step == "verdict" && c.code != "0" {
				want = 1
			}
			if failed := err != nil; failed != (want != 0) {
				t.Errorf("%s: step %s: %v\n%s", name, step, err, out)
			}
		}
		for file, want := range map[string]string{"output": c.output + "\n", "summary": "# comment\n"} {
			if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(text) != want {
				t.Errorf("%s: %s is %q (%v); want %q", name, file, text, err, want)
			}
		}
		calls, _ := os.ReadFile(filepath.Join(dir, "calls"))
		if !strings.HasPrefix(string(calls), "gate ci/gate.yaml --attempt 1 --verdict verdict.json\nverdict verdict.json --on-inconclusive fail -o github") {
			t.Errorf("%s: it called %s", name, calls)
		}
	}
}

// TestGitLabTemplate runs the script's lines one after the other, as a job does: it
// ends with the verdict's code, and every report that it names is one that it writes.
func TestGitLabTemplate(t *testing.T) {
	src, err := os.ReadFile("gitlab/gate.yml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictyaml.Parse("gate.yml", src)
	if err != nil {
		t.Fatal(err)
	}
	job := doc.Get(".fcbench-gate")
	var lines []string
	for _, line := range job.Get("script").Items() {
		lines = append(lines, line.String())
	}
	script := strings.Join(lines, "\n")
	for _, report := range job.Get("artifacts").Get("reports").Items() {
		if !strings.Contains(script, "="+report.String()) {
			t.Errorf("nothing writes the report %s", report)
		}
	}
	for kind := range strings.SplitSeq(script, " -o ") {
		if name, _, ok := strings.Cut(kind, "="); ok && !strings.Contains(name, " ") {
			if _, known := Formats().Of(name); !known {
				t.Errorf("-o %s is no format", name)
			}
		}
	}
	dir, bin := t.TempDir(), program(t, "echo '{}' > verdict.json", "10")
	cmd := exec.Command("bash", "-eo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "POLICY=ci/gate.yaml", "ON_INCONCLUSIVE=fail", "FCBENCH_VERSION=none")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 10 {
		t.Errorf("it ended with %v; want the verdict's code, 10\n%s", err, out)
	}
}
