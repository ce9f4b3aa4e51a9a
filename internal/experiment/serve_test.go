package experiment

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/gateway"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// serve does what a hook has fcbench do, in this process, until the test ends. What a
// hook does, the tests of the command hold it to.
func serve(t *testing.T, command string, redis *redisproc.Server) {
	t.Helper()
	flags, ok := strings.CutPrefix(command, `"$FCBENCH" serve --background `)
	words := strings.Fields(flags)
	if !ok || len(words)%2 != 0 {
		t.Fatalf("hook is %q; want a gateway in the background, --flag value", command)
	}
	doc := strictyaml.NewMap("hook")
	for i := 0; i < len(words); i += 2 {
		doc.Put(strings.TrimPrefix(words[i], "--"), strictyaml.NewScalar(words[i], words[i+1]))
	}
	plan, err := gateway.NewPlan(doc)
	if err != nil {
		t.Fatal(err)
	}
	clock, err := gateway.NewClock()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", plan.Listen)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(t.Context(), plan, gateway.Outside{Clock: clock, Warn: func(m string) { t.Log(m) }, Limiters: builtin.Env{Redis: redis, Prefix: "gateway:"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- g.Serve(ctx, l, plan) }()
	t.Cleanup(func() {
		end()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := g.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
