package redislua

import (
	"context"
	"crypto/sha1"
	"embed"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua
var files embed.FS

// script is a Lua script, and a call of it that lacks only what differs from one
// call to the next.
type script struct {
	source string
	call   []any // of EVALSHA
}

// The places of a call's arguments that differ from call to call. With injected
// time the last one is now.
const (
	argCommand = 0
	argScript  = 1
	argKey     = 3
	argCost    = 4

	argPermit    = 5       // of a script that gives back
	argSeconds   = argCost // of the naive bucket, which knows no cost
	argPerSecond = 6
)

// newScript puts a script together from files, after the limiter's clock. Its
// arguments are a cost, the numbers, and now where the time is injected.
func (l *Scripted) newScript(numbers []int64, names ...string) *script {
	clock := "clock_server.lua"
	if l.inject {
		clock = "clock_injected.lua"
	}
	return newScript(numbers, l.inject, append([]string{clock}, names...)...)
}

func newScript(numbers []int64, open bool, names ...string) *script {
	var source strings.Builder
	for _, name := range names {
		text, err := files.ReadFile("lua/" + name)
		if err != nil {
			panic(err) // it is compiled in, or no test has ever passed
		}
		source.Write(text)
	}
	s := &script{source: source.String()}
	sum := sha1.Sum([]byte(s.source)) // the name under which Redis keeps the script
	s.call = []any{"evalsha", hex.EncodeToString(sum[:]), "1", nil, nil}
	for _, n := range numbers {
		s.call = append(s.call, strconv.FormatInt(n, 10))
	}
	if open {
		s.call = append(s.call, nil)
	}
	return s
}

// complete returns a call of a script for a key.
func (l *Scripted) complete(ctx context.Context, s *script, now time.Duration, key string, n int64) (*redis.IntSliceCmd, error) {
	if n < 1 {
		return nil, fmt.Errorf("cost is %d; want at least 1", n)
	}
	args := make([]any, len(s.call))
	copy(args, s.call)
	args[argKey], args[argCost] = l.prefix+key, n
	if l.inject {
		if now > maxNow {
			return nil, fmt.Errorf("now is %v; want at most %v, for a script to be exact", now, maxNow)
		}
		args[len(args)-1] = max(0, now).Microseconds()
	}
	return redis.NewIntSliceCmd(ctx, args...), nil
}

// inFull returns a call that carries the script itself. It is for a server that
// does not know the digest.
func (s *script) inFull(ctx context.Context, call *redis.IntSliceCmd) *redis.IntSliceCmd {
	args := call.Args()
	args[argCommand], args[argScript] = "eval", s.source
	return redis.NewIntSliceCmd(ctx, args...)
}
