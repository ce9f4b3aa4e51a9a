package redisproc

import (
	"fmt"
	"strings"
	"testing"
)

func TestChange(t *testing.T) {
	of := func(servers ...string) Stats { // "id evicted refused"
		st := Stats{servers: map[string]counts{}}
		for _, text := range servers {
			var id string
			c := counts{limit: "2.44M", policy: "allkeys-lru"}
			if _, err := fmt.Sscan(text, &id, &c.evicted, &c.refused); err != nil {
				t.Fatal(err)
			}
			st.servers[id] = c
		}
		return st
	}
	for _, tt := range []struct {
		before, after              Stats
		evicted, refused, replaced int
	}{
		{of("a 5 1"), of("a 5 1"), 0, 0, 0},
		{of("a 5 1", "b 0 0"), of("a 7 1", "b 67219 4"), 67221, 4, 0},
		{of("a 5 1", "b 9 9"), of("a 5 1", "c 3 0"), 3, 0, 1},
		{of("a 5 1"), of("b 0 0"), 0, 0, 1},
		{Stats{}, of("a 5 0"), 5, 0, 0},
		{of("a 5 1"), Stats{}, 0, 0, 0},
		{of("a 5 1"), of("a 1 0"), 0, 0, 0}, // its counters were reset
	} {
		c := tt.after.Since(tt.before)
		if c.Evicted != uint64(tt.evicted) || c.Refused != uint64(tt.refused) || c.Replaced != tt.replaced {
			t.Errorf("from %v to %v is %+v; want %+v", tt.before, tt.after, c, tt)
		}
		if reasons := c.Reasons(); (len(reasons) > 0) != (tt.evicted+tt.refused+tt.replaced > 0) {
			t.Errorf("%+v has the reasons %q", c, reasons)
		}
	}
	text := strings.Join(of("a 67219 2", "b 0 0").Since(of("a 0 0")).Reasons(), "\n")
	for _, want := range []string{"evicted 67219 keys", "maxmemory 2.44M, allkeys-lru", "the server's fault", "failed over", "refused 2 connections", "maxclients"} {
		if !strings.Contains(text, want) {
			t.Errorf("reasons are %q; want %q", text, want)
		}
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]string{
		"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n":                     "redis 7.0.15",
		"# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\n": "valkey 8.1.0",
		"": "unknown",
	} {
		if got := version(fields(text)); got != want {
			t.Errorf("version is %q; want %q", got, want)
		}
	}
}

func FuzzFields(f *testing.F) {
	f.Add("# Server\r\nredis_version:7.0.15\r\nx:y:z\n:\n#")
	f.Fuzz(func(t *testing.T, text string) {
		for name := range fields(text) {
			if strings.ContainsAny(name, ":\n") {
				t.Fatalf("%q has the field %q", text, name)
			}
		}
	})
}
