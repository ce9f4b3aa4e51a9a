package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/gateway"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// documentOf is a document of the repository.
func documentOf(t *testing.T, name, text string) *strictyaml.Node {
	t.Helper()
	n, err := strictyaml.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestImageServes: what the image does by default, and what docker-compose.yml has it do,
// is a gateway at the port that is published.
func TestImageServes(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	commands := map[string]*strictyaml.Node{
		"docker-compose.yml": documentOf(t, "docker-compose.yml", read("docker-compose.yml")).Get("services").Get("gateway").Get("command"),
	}
	exposed := ""
	for line := range strings.Lines(read("Dockerfile")) {
		if list, ok := strings.CutPrefix(line, "CMD "); ok {
			commands["Dockerfile"] = documentOf(t, "Dockerfile", list)
		}
		if port, ok := strings.CutPrefix(line, "EXPOSE "); ok {
			exposed = strings.TrimSpace(port)
		}
	}
	if len(commands) != 2 || exposed == "" {
		t.Fatalf("found %d commands, and port %q exposed; want 2, and a port", len(commands), exposed)
	}
	for name, command := range commands {
		var words []string
		for _, word := range command.Items() {
			words = append(words, word.String())
		}
		if len(words) == 0 || words[0] != "serve" {
			t.Errorf("%s runs %q; want serve", name, words)
			continue
		}
		var o serveOptions
		o.declare(pflag.NewFlagSet("serve", pflag.ContinueOnError))
		if err := o.flags.Parse(words[1:]); err != nil || o.flags.NArg() > 0 {
			t.Errorf("%s runs %q: %v, %d arguments; want flags alone", name, words, err, o.flags.NArg())
			continue
		}
		doc, err := o.document("")
		if err != nil {
			t.Fatal(err)
		}
		plan, err := gateway.NewPlan(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := o.checkRedis(plan); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if plan.Listen != "0.0.0.0:"+exposed {
			t.Errorf("%s listens on %s; want port %s, which is exposed", name, plan.Listen, exposed)
		}
		if o.redis != "" && !slices.Contains(o.allowHosts, strings.Split(o.redis, ":")[0]) {
			t.Errorf("%s asks the Redis at %s; want its host allowed", name, o.redis)
		}
	}
}
