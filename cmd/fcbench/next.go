package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// suggest ends a run with the commands that one would want next, as far as they
// make sense after this one.
func (o *runOptions) suggest(w io.Writer, runs []results.Run) {
	var next []string
	if o.again == "" && len(o.outputs) == 0 {
		next = append(next, "keep the result:     the same with -o result.jsonl")
	}
	if file := shellWord(o.kept()); file != "" {
		trials := map[string]bool{}
		for i := range runs {
			trials[runs[i].Trial] = true
		}
		if len(trials) > 1 {
			next = append(next, "compare subjects:    fcbench compare "+file)
		}
		next = append(next,
			"run the first again: fcbench run --again "+file+" -o again.jsonl",
			"compare with later:  fcbench compare "+file+" again.jsonl")
	}
	if len(next) > 0 {
		fmt.Fprintf(w, "next\n  %s\n", strings.Join(next, "\n  "))
	}
}

// shellWord is a word that a shell reads as text.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./", r)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// kept is the result file that was written; empty where there is none.
func (o *runOptions) kept() string {
	all, _ := parseOutputs(o.outputs) // they were looked at before
	i := slices.IndexFunc(all, func(out output) bool { return out.Name == "jsonl" && out.path != "-" })
	if i < 0 {
		return ""
	}
	return all[i].path
}
