package wire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// value is a random reply, as far as go-redis reads it.
func value(random *rand.Rand, depth int) string {
	word := []string{"", "OK", "a b", "key 12345", "é", "x\x00y"}[random.IntN(6)]
	failure := redisErrors[random.IntN(len(redisErrors))]
	if depth > 0 { // go-redis gives up within a reply at an error of a kind that it knows
		failure = redisErrors[0]
	}
	if depth > 2 || random.IntN(3) > 0 {
		switch random.IntN(9) {
		case 0:
			return "+" + strings.ReplaceAll(word, "\x00", "") + ".\r\n"
		case 1, 2:
			return fmt.Sprintf(":%d\r\n", random.Int64()-random.Int64())
		case 3:
			return fmt.Sprintf("-%s\r\n", failure)
		case 4:
			return fmt.Sprintf("!%d\r\n%s\r\n", len(failure), failure)
		case 5:
			return fmt.Sprintf("=%d\r\ntxt:%s\r\n", len(word)+4, word)
		case 6:
			return []string{"_\r\n", "$-1\r\n", "*-1\r\n"}[random.IntN(3)]
		case 7:
			return []string{"#t\r\n", ",1.5\r\n", "(123456789012345678901\r\n"}[random.IntN(3)]
		}
		return fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	n := random.IntN(10)
	text := fmt.Sprintf("%c%d\r\n", "*~"[random.IntN(2)], n)
	for range n {
		if random.IntN(2) == 0 {
			text += fmt.Sprintf(":%d\r\n", n)
		} else {
			text += value(random, depth+1)
		}
	}
	return text
}

var redisErrors = []string{
	"ERR unknown command 'FOO', with args beginning with: 'key' ", "NOSCRIPT No matching script. Please use EVAL.",
	"MOVED 3999 127.0.0.1:6381", "ASK 3999 127.0.0.1:6381", "LOADING Redis is loading the dataset in memory",
	"OOM command not allowed when used memory > 'maxmemory'.", "WRONGTYPE Operation against a key holding the wrong kind of value",
	"READONLY You can't write against a read only replica.", "CLUSTERDOWN Hash slot not served", "BUSY Redis is busy running a script.",
	"NOAUTH Authentication required.", "ERR max number of clients reached", "MASTERDOWN Link with MASTER is down",
	"ERR user_script:1: boom script: f_3ab7cdef, on @user_script:1.",
}

// script is a connection on which each command is answered by the next reply, in fragments.
type script struct {
	net.Conn
	replies []string
	parts   [][]byte
	seed    uint64
}

func (s *script) Write(b []byte) (int, error) {
	reply := "-ERR unknown command\r\n" // to who wants to know the protocol
	if !bytes.Contains(bytes.ToLower(b), []byte("hello")) {
		reply, s.replies = s.replies[0], s.replies[1:]
	}
	s.parts = append(s.parts, fragments([]byte(reply), s.seed)...)
	return len(b), nil
}

func (s *script) Read(b []byte) (int, error) {
	n := copy(b, s.parts[0])
	if s.parts[0] = s.parts[0][n:]; len(s.parts[0]) == 0 {
		s.parts = s.parts[1:]
	}
	return n, nil
}

func (*script) SetDeadline(time.Time) error      { return nil }
func (*script) SetReadDeadline(time.Time) error  { return nil }
func (*script) SetWriteDeadline(time.Time) error { return nil }
func (*script) Close() error                     { return nil }

// asGoRedis is what go-redis makes of each reply.
func asGoRedis(t *testing.T, replies []string, seed uint64) (all []string) {
	conn := &script{replies: replies, seed: seed} // one for all: go-redis leaves it after some errors
	client := redis.NewClient(&redis.Options{
		Protocol: 2, MaxRetries: -1, DisableIdentity: true, PoolSize: 1,
		Dialer: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
	})
	defer client.Close()
	for range replies {
		v, err := client.Do(t.Context(), "PING").Result()
		switch e := redis.Error(nil); {
		case errors.Is(err, redis.Nil):
			all = append(all, "ok")
		case errors.As(err, &e):
			all = append(all, "failed "+targets.Cause(err))
		case err != nil:
			t.Fatalf("go-redis: %q: %v", replies[len(all)], err)
		default:
			all = append(all, "ok"+whole(v))
		}
	}
	return all
}

// whole shows what is an integer, or a list of no more than eight.
func whole(v any) string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var numbers []int64
	for _, one := range list {
		n, ok := one.(int64)
		if !ok {
			return ""
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 || len(numbers) > 8 {
		return ""
	}
	return fmt.Sprint(numbers)
}

// TestRepliesAsGoRedisReadsThem: errors, and integers of which decisions are made, are
// those that go-redis reads from the same bytes, in random fragments.
func TestRepliesAsGoRedisReadsThem(t *testing.T) {
	for seed := range uint64(rounds.Of(400)) {
		random := rand.New(rand.NewPCG(seed, 2))
		var replies []string
		for range 20 {
			replies = append(replies, value(random, 0))
		}
		want := asGoRedis(t, slices.Clone(replies), seed)
		var got []string
		var numbers string
		d := wire.RESP(func(reply []int64) {
			if numbers = ""; len(reply) > 0 {
				numbers = fmt.Sprint(reply)
			}
		})
		var in []byte
		for _, part := range fragments([]byte(strings.Join(replies, "")), seed) {
			for in = append(in, part...); len(in) > 0; {
				var r targets.Response
				n, done, err := d.Decode(in, 0, &r)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if in = in[n:]; !done {
					break
				}
				if r.Outcome == results.Failed {
					got = append(got, "failed "+r.Cause)
				} else {
					got = append(got, "ok"+numbers)
				}
			}
		}
		for i := range want {
			// A set of integers is no reply of a script.
			if i >= len(got) || got[i] != want[i] && replies[i][0] != '~' {
				t.Fatalf("seed %d: reply %d, %q, is %q; go-redis has it %q", seed, i, replies[i], got[min(i, len(got)-1)], want[i])
			}
		}
	}
}
