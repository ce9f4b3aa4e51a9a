// Package serve makes a program of a limiter: one that speaks the protocol of
// exec:, which fcbench speaks to limiters in processes of their own.
//
// The first line in brings the limit and the first line out says what the
// limiter is. After that each line in is a request and each line out its answer.
package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const protocol = "fcbench.limiter/v1"

// greeting is the first line in.
type greeting struct {
	Hello     string `json:"hello"`
	Algorithm string `json:"algorithm"`
	Rate      int64  `json:"rate"`
	Period    int64  `json:"period_ns"`
	Burst     int64  `json:"burst"` // 0 for windows
	Prefix    string `json:"prefix"`
}

// introduction is the first line out.
type introduction struct {
	Hello      string   `json:"hello"`
	Algorithm  string   `json:"algorithm"`
	Version    string   `json:"version"`
	Time       string   `json:"time"` // "argument" or "clock"
	Unkeyed    bool     `json:"unkeyed"`
	Unweighted bool     `json:"unweighted"`
	Windows    string   `json:"windows,omitempty"`
	Resolution int64    `json:"resolution_ns"`
	Lacks      []string `json:"lacks"`
}

// request asks for n tokens of a key. A key that is no Unicode comes in base64.
type request struct {
	Now    int64  `json:"now_ns"`
	Key    string `json:"key"`
	Binary []byte `json:"key_base64"`
	N      int64  `json:"n"`
}

// answer is a decision; what is not known is left out.
type answer struct {
	Allowed    bool   `json:"allowed"`
	RetryAfter *int64 `json:"retry_after_ns,omitempty"`
	ResetAfter *int64 `json:"reset_after_ns,omitempty"`
	Remaining  *int64 `json:"remaining,omitempty"`
	Delay      *int64 `json:"delay_ns,omitempty"`
}

// refusal says why there is no hello or no decision.
type refusal struct {
	Error string `json:"error"`
}

// Limiter is what is served.
type Limiter interface {
	limiters.Limiter
	limiters.Described
}

// Wanted is what the other side asks for.
type Wanted struct {
	Algorithm string
	Limit     limiters.Config // windows have no burst
	// Prefix is what the names of whatever is kept outside of the program must
	// begin with. No other program has it.
	Prefix string
}

// Open makes the limiter that is wanted.
type Open func(Wanted) (Limiter, error)

// Main serves on standard input and output what open makes. Name is the program's.
func Main(name string, open Open) {
	if err := Serve(os.Stdin, os.Stdout, open); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
}

// Serve answers until in ends. An error of open or of the limiter is said to the other side; what Serve
// returns is that it could not go on.
func Serve(in io.Reader, out io.Writer, open Open) error {
	lines, answers := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	limiter, err := greet(lines, answers, open)
	if err != nil {
		return errors.Join(err, answers.Encode(refusal{err.Error()}))
	}
	for {
		var r request
		switch err := lines.Decode(&r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading a request: %w", err)
		}
		if err := answers.Encode(decide(limiter, r)); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
	}
}

func greet(lines *json.Decoder, answers *json.Encoder, open Open) (Limiter, error) {
	var g greeting
	if err := lines.Decode(&g); err != nil {
		return nil, fmt.Errorf("reading the hello: %w", err)
	}
	if g.Hello != protocol {
		return nil, fmt.Errorf("hello is %q; want %q", g.Hello, protocol)
	}
	limit := limiters.Config{Rate: units.Rate{Count: g.Rate, Per: time.Duration(g.Period)}, Burst: units.Count(g.Burst)}
	l, err := open(Wanted{g.Algorithm, limit, g.Prefix})
	if err != nil {
		return nil, err
	}
	info := l.Info()
	if g.Algorithm != info.Algorithm {
		return nil, fmt.Errorf("algorithm is %q; want %q, which the library says it is", g.Algorithm, info.Algorithm)
	}
	source := "clock"
	if info.TimeSource == limiters.TimeArgument {
		source = "argument"
	}
	return l, answers.Encode(introduction{
		protocol, info.Algorithm, info.Version, source, info.Unkeyed, info.Unweighted, info.Windows, int64(info.Resolution), append([]string{}, info.Lacks...),
	})
}

// decide returns an answer or a refusal.
func decide(l Limiter, r request) any {
	if r.Binary != nil {
		r.Key = string(r.Binary)
	}
	d, err := l.Allow(context.Background(), time.Duration(r.Now), r.Key, r.N)
	if err != nil {
		return refusal{err.Error()}
	}
	a := answer{Allowed: d.Allowed, ResetAfter: known(d.ResetAfter)}
	if !d.Allowed {
		a.RetryAfter = known(d.RetryAfter)
	}
	if d.Remaining >= 0 {
		a.Remaining = &d.Remaining
	}
	if d.Delay > 0 {
		a.Delay = known(d.Delay)
	}
	return a
}

// known returns d in ns, or nil if it is Unknown.
func known(d time.Duration) *int64 {
	if d < 0 {
		return nil
	}
	ns := int64(d)
	return &ns
}
