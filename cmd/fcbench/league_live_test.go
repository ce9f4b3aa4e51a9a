package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shortLeague takes no longer than a test may, in real time.
const shortLeague = `name: short
slo: 100ms
workload: {arrivals: 'constant:500/s', keys: 'uniform:10'}
duration: 200ms
workloads: {a: {}, b: {duration: 300ms}, c: {duration: 1h}}
subjects: [{pipeline: {kind: block}}, {pipeline: {kind: codel}}]
quick: {subjects: [codel], workloads: [a, b]}
`

// TestLeagueSaysItsLength: in real time the first that is said is how long all runs
// take, of those that were chosen; in virtual time they take none.
func TestLeagueSaysItsLength(t *testing.T) {
	file := filepath.Join(t.TempDir(), "short.yaml")
	if err := os.WriteFile(file, []byte(shortLeague), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--quick"}, "fcbench: note: 2 runs in real time take 500ms at least; --virtual takes none, --only makes fewer"},
		{[]string{"--only", "a,block", "--repeats", "2"}, "fcbench: note: 2 runs in real time take 400ms at least; --virtual takes none, --quick makes fewer"},
		{[]string{"--quick", "--only", "a,codel"}, "fcbench: note: 1 runs in real time take 200ms at least; --virtual takes none"},
		{[]string{"--quick", "--only", "a,codel", "--set", "workload.arrivals=stages:2s@500"}, "fcbench: note: 1 runs in real time take 200ms at least; --virtual takes none"},
		{[]string{"--quick", "--virtual"}, ""},
		{[]string{"--quick", "--dry-run"}, ""},
	} {
		var out, complaints bytes.Buffer
		args := append([]string{"run", "--on-invalid=warn", file}, c.args...)
		if code := Main(t.Context(), args, strings.NewReader(""), &out, &complaints); code != exitPass {
			t.Fatalf("%v ended with %d: %s", args, code, complaints.String())
		}
		first, _, _ := strings.Cut(complaints.String(), "\n")
		if said := strings.Contains(complaints.String(), "in real time"); first != c.want && c.want != "" || said != (c.want != "") {
			t.Errorf("%v says first %q, of %q; want %q", args, first, complaints.String(), c.want)
		}
	}
}
