package ci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadItself: side a is both sides, whatever the file has as side b.
func TestReadItself(t *testing.T) {
	for name, b := range map[string]string{"alone": "", "with another": "b: {subject: y}\n", "with a broken one": "b: {sbject: y}\n"} {
		file := filepath.Join(t.TempDir(), "p.yaml")
		if err := os.WriteFile(file, []byte("scenario: s\na: {subject: x}\n"+b+"claims: [{metric: goodput}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := ReadItself(file)
		if err != nil || p.A.Subject != "x" || p.B.Subject != "x" || len(p.Pairs) == 0 {
			t.Errorf("%s: %+v, %v; want x on both sides", name, p, err)
		}
		if _, err := ReadPolicy(file); err == nil && name != "with another" {
			t.Errorf("%s: a gate takes it", name)
		}
	}
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte("scenario: s\na: {sbject: x}\nclaims: [{metric: goodput}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadItself(file); err == nil || strings.Count(err.Error(), "sbject") != 1 {
		t.Errorf("a mistake in side a: %v; want it said once", err)
	}
}
