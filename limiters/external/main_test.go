package external

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// TestMain makes the test program the limiter under test as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "act" {
		os.Exit(act(os.Args[2], os.Args[3:]))
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // or every program rests for a second under the race detector
	os.Exit(m.Run())
}

// command starts this program to act as it is told.
func command(words ...string) string {
	line := "'" + os.Args[0] + "' act"
	for _, w := range words {
		line += " '" + w + "'"
	}
	return line
}

const hi = `{"hello":"fcbench.limiter/v1"}`

// act is the other side. Written with encoding/json alone, it checks what this
// package makes without it.
func act(part string, args []string) int {
	lines := bufio.NewReader(os.Stdin)
	switch part {
	case "gcra":
		return actGCRA(lines)
	case "mute":
		hang()
	case "say": // the first line, the second, and so on, one for each it gets
		for _, line := range args {
			lines.ReadString('\n')
			fmt.Println(line)
		}
		io.Copy(io.Discard, lines)
	case "echo": // what the hello was like, from its prefix on
		line, _ := lines.ReadString('\n')
		_, prefix, _ := strings.Cut(strings.TrimSuffix(line, "\n"), `"prefix"`)
		fmt.Printf(`{"error":%q}`+"\n", `{"prefix"`+prefix)
	case "say at once": // without being asked
		lines.ReadString('\n')
		fmt.Print(strings.Join(args, "\n") + "\n")
		io.Copy(io.Discard, lines)
	case "hang":
		fmt.Fprintln(os.Stderr, "process", os.Getpid())
		lines.ReadString('\n')
		fmt.Println(hi)
		hang()
	case "die":
		lines.ReadString('\n')
		fmt.Println(hi)
		lines.ReadString('\n')
		fmt.Fprintln(os.Stderr, "out of\n ideas")
		return 3
	case "die at once":
		fmt.Fprintln(os.Stderr, "no ideas")
		return 3
	case "babble":
		lines.ReadString('\n')
		fmt.Println(hi)
		lines.ReadString('\n')
		for {
			fmt.Print(strings.Repeat("b", 1<<20))
		}
	case "half a line":
		lines.ReadString('\n')
		fmt.Println(hi)
		lines.ReadString('\n')
		fmt.Print(`{"allowed":`)
	case "complain": // at length, and then serve
		fmt.Fprint(os.Stderr, strings.Repeat("stderr ", 1<<20))
		return actGCRA(lines)
	case "last words":
		lines.ReadString('\n')
		fmt.Println(hi)
		io.Copy(io.Discard, lines)
		fmt.Println("and another thing")
	}
	return 0
}

// hang waits for what never comes, and does not end with its input either.
func hang() {
	never, hold, _ := os.Pipe()
	never.Read(make([]byte, 1))
	hold.Close()
}

// actGCRA is an honest program around fcbench's own GCRA.
func actGCRA(lines *bufio.Reader) int {
	var asked struct {
		Rate   int64 `json:"rate"`
		Period int64 `json:"period_ns"`
		Burst  int64 `json:"burst"`
	}
	in := json.NewDecoder(lines)
	if err := in.Decode(&asked); err != nil {
		return 4
	}
	l, err := limiters.NewGCRA(limiters.Config{
		Rate:  units.Rate{Count: asked.Rate, Per: time.Duration(asked.Period)},
		Burst: units.Count(asked.Burst),
	})
	if err != nil {
		fmt.Printf(`{"error":%q}`+"\n", err)
		return 5
	}
	fmt.Println(`{ "hello" : "fcbench.limiter/v1", "algorithm":"gcra","version":"0.1","time":"argument","lacks":["peek","r\u00e9serve"] }` + "\r")
	for {
		var r struct {
			Now int64   `json:"now_ns"`
			Key *string `json:"key"`
			B64 *string `json:"key_base64"`
			N   int64   `json:"n"`
		}
		if err := in.Decode(&r); err != nil {
			return 0
		}
		if r.Key == nil {
			key, _ := base64.StdEncoding.DecodeString(*r.B64)
			text := string(key)
			r.Key = &text
		}
		d, _ := l.Allow(context.Background(), time.Duration(r.Now), *r.Key, r.N)
		fmt.Printf(`{"allowed":%t,"retry_after_ns":%d,"reset_after_ns":%d,"remaining":%d,"at_ns":%d}`+"\n",
			d.Allowed, d.RetryAfter, d.ResetAfter, d.Remaining, d.At)
	}
}
