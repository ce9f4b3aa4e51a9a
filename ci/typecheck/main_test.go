package main

import (
	"os"
	"strings"
	"testing"
)

// TestCheck: a package that needs what only some systems have is found on the others,
// with its place; one that brings a file for each system is not.
func TestCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod":                 "module example.test/m\n\ngo 1.25\n",
		"fine.go":                "package m\n\nfunc fine() string { return name }\n",
		"fine_windows.go":        "package m\n\nconst name = \"windows\"\n",
		"fine_darwin.go":         "package m\n\nconst name = \"darwin\"\n",
		"unix/kill.go":           "package unix\n\nimport \"syscall\"\n\nfunc kill() error { return syscall.Kill(1, syscall.SIGUSR1) }\n",
		"tests/tests.go":         "package tests\n",
		"tests/a_test.go":        "package tests_test\n\nvar _ = system\n",
		"tests/a_linux_test.go":  "package tests_test\n\nconst system = 1\n",
		"tests/a_plan9_test.go":  "package tests_test\n\nconst system = 2\n",
		"tests/a_darwin_test.go": "package tests_test\n\nconst system = 3\n",
	} {
		if dir, _, in := strings.Cut(name, "/"); in {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for goos, wants := range map[string][]string{
		"darwin":  nil,
		"windows": {"example.test/m/unix on windows", "kill.go:5:", "undefined: syscall.SIGUSR1", "a_test.go:3:", "undefined: system"},
		"plan9":   {"example.test/m on plan9", "undefined: name"},
	} {
		listed, err := list(goos)
		if err != nil {
			t.Fatal(err)
		}
		err = check(goos, listed)
		if (err == nil) != (wants == nil) {
			t.Errorf("%s: got error %v; want one: %v", goos, err, wants != nil)
		}
		for _, want := range wants {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q; want %q in it", goos, err, want)
			}
		}
	}
}

// TestUnknownSystem: a system that Go does not know is refused, with what go list says.
func TestUnknownSystem(t *testing.T) {
	if _, err := list("windos"); err == nil || !strings.Contains(err.Error(), "windos") {
		t.Errorf("got %v; want an error that names windos", err)
	}
}
