package redislua_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
)

// heard is a server that keeps what it is told, and does not know any script.
type heard struct {
	net.Conn
	last    []byte
	replies io.Reader
}

func (h *heard) Write(b []byte) (int, error) {
	h.last = bytes.Clone(b)
	reply := ":1\r\n"
	switch {
	case bytes.Contains(b, []byte("evalsha")):
		reply = "-NOSCRIPT No matching script. Please use EVAL.\r\n"
	case bytes.Contains(b, []byte("hello")):
		reply = "-ERR unknown command\r\n"
	case bytes.Contains(b, []byte("script")):
		reply = "$1\r\nx\r\n"
	}
	h.replies = strings.NewReader(reply)
	return len(b), nil
}

func (h *heard) Read(b []byte) (int, error)     { return h.replies.Read(b) }
func (*heard) SetDeadline(time.Time) error      { return nil }
func (*heard) SetReadDeadline(time.Time) error  { return nil }
func (*heard) SetWriteDeadline(time.Time) error { return nil }
func (*heard) Close() error                     { return nil }

// TestCallsAreThoseOfTheClient: byte by byte, by name and in full.
func TestCallsAreThoseOfTheClient(t *testing.T) {
	for _, b := range append(buckets(), windows()...) {
		var named, whole []byte
		conn := &heard{}
		client := redis.NewClient(&redis.Options{
			Protocol: 2, MaxRetries: -1, DisableIdentity: true,
			Dialer: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		})
		client.AddHook(after(func(command string) {
			switch command {
			case "evalsha":
				named = conn.last
			case "eval":
				whole = conn.last
			}
		}))
		l := b.build(t, client, redislua.Config{Config: bucket(10, time.Second, 20_000), Prefix: "run:"})
		if l.Info().Shaper {
			continue // its calls are not to be had
		}
		for _, key := range []string{"k", "", "a b\r\nc", strings.Repeat("x", 200)} {
			for _, n := range []int64{1, 9, 10, 12345} {
				_, _ = l.Allow(t.Context(), 0, key, n)
				calls, err := l.(redislua.Carried).Calls()
				if err != nil {
					t.Fatal(err)
				}
				for full, want := range map[bool][]byte{false: named, true: whole} {
					if got, err := calls.Append(nil, key, n, full); err != nil || !bytes.Equal(got, want) {
						t.Fatalf("%s: call of %q for %d is %q, %v; want %q", b.name, key, n, got, err, want)
					}
				}
			}
		}
		client.Close()
	}
}

// after is told of each command when it was sent.
type after func(command string)

func (after) DialHook(next redis.DialHook) redis.DialHook { return next }

func (a after) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		a(cmd.Name())
		return err
	}
}

func (after) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestCallsRefused: a decision that is more than one call cannot be carried.
func TestCallsRefused(t *testing.T) {
	bucket := redislua.Config{Config: open(), Prefix: "run:"}
	injected := bucket
	injected.InjectTime = true
	for want, l := range map[string]func() (limiters.Limiter, error){
		"its time is injected":               func() (limiters.Limiter, error) { return redislua.NewGCRA(nil, injected) },
		"it makes callers wait":              func() (limiters.Limiter, error) { return redislua.NewLeakyBucketQueue(nil, bucket) },
		"it brings along the client's clock": func() (limiters.Limiter, error) { return redislua.NewNaiveTokenBucket(nil, bucket) },
		"what it grants is given back": func() (limiters.Limiter, error) {
			return redislua.NewConcurrency(nil, redislua.ConcurrencyConfig{
				Config: redislua.ConcurrencyLimit{Limit: 1, Lease: units.Duration(time.Second)}, Prefix: "run:",
			})
		},
	} {
		made, err := l()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := made.(redislua.Carried).Calls(); err == nil || err.Error() != want {
			t.Errorf("%T: %v; want %s", made, err, want)
		}
	}
}
