package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/limiters"
)

// BubbleCheck is the argument that tells a child started by package bubble to
// call [InBubble].
const BubbleCheck = "verify"

// job is what a child is to examine.
type job struct {
	Kind   string           `json:"kind"`
	Limits []limiters.Limit `json:"limits"`
	Seed   uint64           `json:"seed"`
	Deep   bool             `json:"deep"`
}

// inBubble has a child of this process examine a kind. A child that ctx cuts short
// says how far it came.
func (p *Plan) inBubble(ctx context.Context, name string) (l Limiter, err error) {
	in, err := json.Marshal(job{Kind: name, Limits: p.Limits, Seed: p.Seed, Deep: p.Deep})
	if err != nil {
		return l, err
	}
	var out bytes.Buffer
	if err := bubble.Run(ctx, in, &out, BubbleCheck); err != nil {
		return l, err
	}
	return l, json.Unmarshal(out.Bytes(), &l)
}

// wanted ends when the parent wants no more. Nothing outside of a bubble can wake
// who waits in it, so it is of use only to those who ask.
type wanted struct {
	context.Context
	by *bubble.Input
}

// Err implements [context.Context].
func (w wanted) Err() error {
	if w.by.Stopped() {
		return context.Canceled
	}
	return w.Context.Err()
}

// InBubble is what the child does: it reads a job from in, examines the kind
// and writes what came of it to out, until in is a [bubble.Input] that says that
// this is enough. It returns the exit code of the process.
func InBubble(in io.Reader, out io.Writer) int {
	if err := examineJob(in, out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func examineJob(in io.Reader, out io.Writer) error {
	var j job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		return fmt.Errorf("job for a bubble: %w", err)
	}
	p := &Plan{Limits: j.Limits, Seed: j.Seed, Deep: j.Deep}
	k, err := p.kind(j.Kind)
	if err != nil {
		return err
	}
	ctx := context.Background()
	if i, ok := in.(*bubble.Input); ok {
		ctx = wanted{ctx, i}
	}
	l, err := k.check(ctx, p.subject(k, stillClock()))
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(l)
}
