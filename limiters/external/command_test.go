package external

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestSplit: words are what a shell makes of them.
func TestSplit(t *testing.T) {
	for _, command := range []string{
		"./limiter", "  ./limiter\t-x  ", "a 'b c' d", `a "b c" d`, `a b\ c`, `a '' ""`, `a'b'"c"d`,
		`a '"' "'"`, `a '\' "\\" "\"" "\x" \x`, `a "\$x" '$x' \$x`, `a 'b
c'`, "python3 -u './my limiter.py' --rate=1,2", "a é 'ü ö'", `a b,c= %d @x ! '{}'`, `a "*" '?' \[`,
	} {
		out, err := exec.Command("sh", "-c", `printf '%s\0' `+command).Output()
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if got, err := split(command); err != nil || !slices.Equal(got, want) {
			t.Errorf("split(%q) = %q, %v; want %q, as the shell says", command, got, err, want)
		}
	}
}

// TestSplitRefuses what a shell would act on, and what it would not take either.
func TestSplitRefuses(t *testing.T) {
	for command, want := range map[string]string{
		"":             "want a program",
		" \t":          "want a program",
		"'' x":         "as its first word",
		"a | b":        "'|' outside of quotes",
		"a & b":        "'&' outside",
		"a; b":         "';' outside",
		"a > b":        "'>' outside",
		"a $HOME":      "'$' outside",
		`a "$HOME"`:    "'$' inside of double quotes",
		"a `b`":        "'`' outside",
		"a *.go":       "'*' outside",
		"~/a":          "'~' outside",
		"a # b":        "'#' outside",
		"a {b,c}":      "'{' outside",
		"a\nb":         `'\n' outside`,
		"a 'b":         "' closed",
		`a "b`:         `" closed`,
		`a \`:          "after its last",
		"a \x00":       "no zero byte",
		"a 'b\x00'":    "no zero byte",
		"a \"b\x00\" ": "no zero byte",
	} {
		if words, err := split(command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("split(%q) = %q, %v; want an error with %s", command, words, err, want)
		}
	}
}

// FuzzSplit: words in single quotes are those words, and nothing panics.
func FuzzSplit(f *testing.F) {
	f.Add("./limiter", "a b", "")
	f.Add("x", `"\$`, "'")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		words, err := split(a)
		if err == nil && (len(words) == 0 || words[0] == "") {
			t.Errorf("split(%q) = %q without an error", a, words)
		}
		quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
		if a == "" || strings.Contains(a+b+c, "\x00") {
			return
		}
		got, err := split(quote(a) + " " + quote(b) + "\t" + quote(c))
		if want := []string{a, b, c}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q came back as %q, %v", want, got, err)
		}
	})
}
