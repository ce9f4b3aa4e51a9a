package gating

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

const (
	kept         = 1 << 20 // bytes of what a program printed
	shown        = 4 << 10 // of them, in an error
	outputWithin = time.Second
)

// command runs a program to its end, in a directory and with additions to the
// environment, and returns what it printed to stdout. It and what it started are
// gone when this process is, or ctx ends.
func command(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	out, problems := &child.Tail{Most: kept}, &child.Tail{Most: shown}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(environment(), env...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, problems, outputWithin
	c, err := child.Start(cmd)
	if err != nil {
		return "", err
	}
	stop := context.AfterFunc(ctx, c.Kill)
	err = c.Wait()
	if !stop() {
		return "", context.Cause(ctx)
	}
	if err != nil {
		said := strings.TrimSpace(problems.String())
		if said == "" {
			said = strings.TrimSpace(last(out.String(), shown))
		}
		if said != "" {
			err = fmt.Errorf("%w:\n%s", err, said)
		}
	}
	return out.String(), err
}

// environment is that of this process without what binds git to a repository, as in a hook of
// git: that of the tree which a policy is in is found by its place, and the index of a commit
// that is being made is nobody's to write.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES":
			return true
		}
		return false
	})
}

func last(text string, n int) string { return text[max(0, len(text)-n):] }
