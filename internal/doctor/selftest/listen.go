package selftest

import (
	"bytes"

	"github.com/fcbench/fcbench/internal/child"
)

// listener hears what a run says of how it goes.
type listener struct {
	begun chan struct{} // closed when it has begun
	heard bool
	line  []byte
	tail  *child.Tail
}

func newListener() *listener {
	return &listener{begun: make(chan struct{}), tail: &child.Tail{Most: said}}
}

// mark is in the line that tells of the beginning.
var mark = []byte(`"event":"begin"`)

// Write implements io.Writer.
func (l *listener) Write(p []byte) (int, error) {
	_, _ = l.tail.Write(p)
	if l.heard {
		return len(p), nil
	}
	if l.line = append(l.line, p...); bytes.Contains(l.line, mark) {
		l.heard, l.line = true, nil
		close(l.begun)
	}
	return len(p), nil
}
