// Package guards says whether load may be sent: while it is, they are asked again and
// again, and the first one that does not hold ends it. A guard is a query of a
// Prometheus, a command, or a sign that somebody is still there.
package guards

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/internal/dial"
)

// Guard is what has to hold.
type Guard interface {
	// String is what was asked for, without passwords.
	String() string
	// Ask returns nil while it holds, a *[Tripped] when it does not, and any other error
	// where it could not be asked, which says nothing of the target.
	Ask(ctx context.Context) error
}

// Tripped is a guard that does not hold.
type Tripped struct {
	Guard string
	Why   string
}

func (t *Tripped) Error() string { return t.Guard + " does not hold: " + t.Why }

func tripped(g Guard, format string, args ...any) error {
	return &Tripped{g.String(), fmt.Sprintf(format, args...)}
}

// Parse reads a guard: prom:URL QUERY COMPARISON NUMBER, or else a command for /bin/sh,
// whose exit status has to be 0. A Prometheus is reached by the dialer.
func Parse(text string, d *dial.Dialer) (Guard, error) {
	kind, rest, _ := strings.Cut(text, ":")
	word := strings.ToLower(strings.TrimSpace(kind))
	switch {
	case strings.TrimSpace(text) == "" || strings.ContainsRune(text, 0):
		return nil, errors.New("it is blank, or holds a NUL; want a command, or " + spelling)
	case kind == queried:
		return newQuery(rest, d)
	case word == queried || word == "prometheus":
		return nil, fmt.Errorf("it begins with %q; want a command, or %s", kind+":", spelling)
	}
	return command(text), nil
}
