package layering

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// TestComposeServices holds the services of docker-compose.yml to what makes
// them safe and repeatable: a pinned image, loopback ports, a health check.
func TestComposeServices(t *testing.T) {
	const name = "docker-compose.yml"
	src, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	file, err := strictyaml.Parse(name, src)
	if err != nil {
		t.Fatal(err)
	}
	services := file.Get("services")
	if len(services.Items()) == 0 {
		t.Fatalf("%s has no services", name)
	}
	for service, n := range services.All() {
		if complaint := checkService(n); complaint != "" {
			t.Errorf("%s: service %s %s", n.Pos(), service, complaint)
		}
	}
}

// checkService says what is wrong with a service, or "".
func checkService(n *strictyaml.Node) string {
	_, tag, _ := strings.Cut(n.Get("image").String(), ":")
	if !strings.ContainsAny(tag, "0123456789") {
		return "has no pinned image tag"
	}
	if len(n.Get("healthcheck").Get("test").Items()) == 0 {
		return "has no health check"
	}
	for _, port := range n.Get("ports").Items() {
		if !strings.HasPrefix(port.String(), "127.0.0.1:") {
			return "publishes " + port.String() + "; want a loopback port"
		}
	}
	return ""
}

func TestServiceRules(t *testing.T) {
	tests := []struct{ service, want string }{
		{`{image: "redis:7.4.1", ports: ["127.0.0.1:1:1"], healthcheck: {test: [x]}}`, ""},
		{`{image: redis, healthcheck: {test: [x]}}`, "has no pinned image tag"},
		{`{image: "redis:latest", healthcheck: {test: [x]}}`, "has no pinned image tag"},
		{`{image: "redis:7"}`, "has no health check"},
		{`{image: "redis:7", ports: ["6379:6379"], healthcheck: {test: [x]}}`, "publishes 6379:6379; want a loopback port"},
	}
	for _, tt := range tests {
		n, err := strictyaml.Parse("x.yaml", []byte(tt.service))
		if err != nil {
			t.Fatal(err)
		}
		if got := checkService(n); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.service, got, tt.want)
		}
	}
}
