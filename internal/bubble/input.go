package bubble

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"sync/atomic"
)

// Input is what a child reads: all that its parent gave to [Run], at once and
// without ever waiting. It also says when the parent wants no more.
type Input struct {
	bytes.Reader
	stopped atomic.Bool
}

// Stopped reports whether the parent's context has ended, or the parent has. The
// child should then soon return what it has got. Nothing outside of a bubble can
// wake a goroutine in it, so the child has to ask.
func (i *Input) Stopped() bool { return i.stopped.Load() }

// The parent sends its input as one value, and then holds the pipe open for as
// long as it wants the child to go on.

func send(w io.Writer, in []byte) error { return gob.NewEncoder(w).Encode(in) }

// receive is called outside of the bubble, where waiting for a pipe does not
// hold up the clock.
func receive(r io.Reader) (*Input, error) {
	var b []byte
	if err := gob.NewDecoder(r).Decode(&b); err != nil {
		return nil, fmt.Errorf("input of a process in virtual time: %w", err)
	}
	i := new(Input)
	i.Reset(b)
	go func() {
		_, _ = io.Copy(io.Discard, r) // however it ends, there is no parent to listen to
		i.stopped.Store(true)
	}()
	return i, nil
}
