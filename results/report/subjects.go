package report

import (
	"encoding/json"
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

// service is "GET http://127.0.0.1:8080/" of an HTTP service, and of another
// target its settings; "" of limiters and of what has no settings.
func (t trial) service() string {
	var subject struct{ Scope, URL, Method string }
	_ = json.Unmarshal(t.repeats[0].Subject, &subject)
	switch subject.Scope {
	case "service", "simulated":
	default:
		return ""
	}
	if subject.URL != "" {
		return strings.TrimSpace(subject.Method + " " + subject.URL)
	}
	var words []string
	for _, s := range results.Settings(t.repeats[0].Subject) {
		if !slices.Contains([]string{"kind", "scope", "name"}, s.Name) && s.Text() != "" {
			words = append(words, s.Name, s.Text())
		}
	}
	return strings.Join(words, " ")
}
