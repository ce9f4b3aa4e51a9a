package builtin

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redistest"
)

// TestCommandsOnAnothersRedis: only what uses keys of the run is sent to a server that
// is not fcbench's.
func TestCommandsOnAnothersRedis(t *testing.T) {
	node := redistest.Server(t)
	server, err := redisproc.Start(t.Context(), redisproc.Options{Addr: node.Addr})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client := server.Client(redisproc.ClientOptions{})
	defer client.Close()
	for command, want := range map[string]string{
		"SET run:k 1":                 "",
		"MGET run:k run:k2":           "",
		"PING":                        "",
		"EVAL return_1 1 run:k":       "",
		"XADD run:k * a b":            "",
		"SET other 1":                 `command SET uses the key "other", and the Redis is not fcbench's; want keys that begin with {key}, or no --redis`,
		"RENAME run:k other":          `command RENAME uses the key "other"`,
		"MSET run:k 1 other 2":        `command MSET uses the key "other"`,
		"EVAL return_1 2 run:k other": `command EVAL uses the key "other"`,
		"FLUSHALL":                    "command is FLUSHALL, which is dangerous",
		"flushdb":                     "command is FLUSHDB, which is dangerous",
		"FUNCTION FLUSH":              "command is FUNCTION, which writes and names no key, and the Redis is not fcbench's; want a command with {key}, or no --redis",
		"function delete run:k":       "command is FUNCTION, which writes and names no key",
		"FUNCTION LOAD code":          "command is FUNCTION, which writes and names no key",
		"FUNCTION RESTORE dump":       "command is FUNCTION, which writes and names no key",
		"EVAL return_1 0":             "",
		"CONFIG SET maxmemory 1":      "command is CONFIG, which is",
		"KEYS run:*":                  "command is KEYS, which is dangerous",
		"BLPOP run:k 0":               "command is BLPOP, which is blocking",
		"PUBLISH a b":                 "command is PUBLISH, which is pubsub",
		"NONSENSE run:k":              `command is "NONSENSE", which the Redis does not know`,
		"SET run:k":                   "command SET: ",
	} {
		err := commanded{server, client, false}.Permit(t.Context(), strings.Fields(command), "run:")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; want %q", command, err, want)
		}
	}
}
