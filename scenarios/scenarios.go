// Package scenarios holds the scenarios that come with fcbench, one file per
// question that a user asks. Each is run by a test, shortened.
package scenarios

import (
	"embed"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Default is the scenario that is run when none is named.
const Default = "compare-limiters.yaml"

// Read returns a scenario file. It panics when there is none of that name.
func Read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

// Names lists the scenario files.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// Question is what a scenario file asks: the first sentence of its comment.
func Question(name string) string {
	var words []string
	for line := range strings.Lines(string(Read(name))) {
		text, comment := strings.CutPrefix(line, "#")
		if !comment {
			break
		}
		words = append(words, strings.Fields(text)...)
	}
	sentence, _, _ := strings.Cut(strings.Join(words, " "), "?")
	return sentence + "?"
}
