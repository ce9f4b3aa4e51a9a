package guards

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/fcbench/fcbench/internal/hooks"
)

// command holds while it ends with status 0.
type command string

func (c command) String() string { return fmt.Sprintf("--guard %q", string(c)) }

// Ask runs it. One that does not end says nothing.
func (c command) Ask(ctx context.Context) error {
	printed, err := hooks.Shell(ctx, string(c), patience)
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return err
	}
	if printed = strings.TrimSpace(printed); printed == "" {
		printed = "it printed nothing"
	}
	return tripped(c, "%v: %s", ended, printed)
}
