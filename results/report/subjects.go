package report

import (
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// subjects say what the services are: where they are asked and how. A limiter is
// said by its limit.
func (c comparison) subjects() []string {
	var lines []string
	for _, t := range c.trials {
		if about := t.service(); about != "" {
			lines = append(lines, Plain(t.name)+": "+Crop(Plain(about), factLength))
		}
	}
	return lines
}

// isService reports whether the trial's subject is no limiter of ours to call: a
// service, what simulates one, or a pipeline.
func (t trial) isService() bool {
	scope := t.setting("scope")
	return slices.Contains([]string{"service", "simulated", "pipeline"}, scope)
}

// setting is a value of the subject's, "" where it has none of that name.
func (t trial) setting(name string) string { return setting(t.repeats[0].Run, name) }

func setting(r results.Run, name string) string {
	for _, s := range results.Settings(r.Subject) {
		if s.Name == name {
			return s.Text()
		}
	}
	return ""
}

// service is "GET http://127.0.0.1:8080/" of an HTTP service, and of another
// target its settings; "" of limiters and of what has no settings.
func (t trial) service() string {
	if !t.isService() {
		return ""
	}
	if url := t.setting("url"); url != "" {
		return strings.TrimSpace(t.setting("method") + " " + url)
	}
	var words []string
	for _, s := range results.Settings(t.repeats[0].Subject) {
		if !slices.Contains([]string{"kind", "scope", "name", "limit"}, s.Name) && s.Text() != "" {
			words = append(words, s.Name, s.Text())
		}
	}
	return strings.Join(words, " ")
}
