package rediskeys

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

func TestCheckPrefix(t *testing.T) {
	for prefix, ok := range map[string]bool{"run:": true, "a:b:": true, "": false, ":": false, "run": false} {
		if err := CheckPrefix(prefix); (err == nil) != ok {
			t.Errorf("prefix %q: %v; want it accepted: %v", prefix, err, ok)
		}
	}
}

func TestBrief(t *testing.T) {
	for key, want := range map[string]string{
		"":                        `""`,
		"a\nb":                    `"a\nb"`,
		strings.Repeat("k", 1000): `"` + strings.Repeat("k", 64) + `"… (1000 bytes)`,
	} {
		if got := Brief(key); got != want {
			t.Errorf("brief is %s; want %s", got, want)
		}
	}
}

// TestSweep: what a pattern would take for something else is taken literally.
func TestSweep(t *testing.T) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	for _, key := range []string{"run*?[a]:1", "run*?[a]:2:3", "run*?[a]", "runaway:1", "other:1"} {
		server.Set(key, "x")
	}
	if err := Sweep(t.Context(), client, "run*?[a]:"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(server.Keys(), " "); got != "other:1 run*?[a] runaway:1" {
		t.Errorf("keys are %s; want those of others", got)
	}
}
