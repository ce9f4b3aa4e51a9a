package thirdparty_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/redistest"
)

// TestClusterDecides has every library decide on three nodes, of which each has keys and
// loses its scripts in between: what it grants is the burst of each key.
func TestClusterDecides(t *testing.T) {
	const burst, perNode = 5, 2
	nodes := redistest.Cluster(t)
	s, err := redisproc.Start(t.Context(), redisproc.Options{Addr: redistest.ClusterURL(nodes)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := redisproctest.Connect(t, s, 2)
	eachRemote(t, func(t *testing.T, r remote) {
		l := r.open(t, client, "fcbench:"+r.name+":", bucket(burst, time.Hour, burst))
		for i := range burst + 2 {
			nodes[i%len(nodes)].Tell(t, "script", "flush")
			for _, tag := range []string{"a", "b", "c"} { // their slots are those of three nodes
				for j := range perNode {
					key := fmt.Sprintf("{%s}%d", tag, j)
					if d := must(t, l, 0, key, 1); d.Allowed != (i < burst) {
						t.Errorf("request %d of key %s: %+v; want the burst of %d granted", i+1, key, d, burst)
					}
				}
			}
		}
		wantKeys(t, nodes, perNode)
		if err := l.Close(t.Context()); err != nil {
			t.Error(err)
		}
		wantKeys(t, nodes, 0)
	})
}

func wantKeys(t *testing.T, nodes []*redistest.Node, want int) {
	t.Helper()
	for i, n := range nodes {
		if got := n.Tell(t, "dbsize"); got != fmt.Sprint(want) {
			t.Errorf("node %d has %s keys; want %d", i, got, want)
		}
	}
}
