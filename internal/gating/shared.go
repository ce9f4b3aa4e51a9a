package gating

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
)

// shared is what both sides have of the outside: the tree that they are built from,
// of which one gate at a time makes worktrees.
type shared struct {
	gate  *Gate
	ctx   context.Context // of cleaning up
	top   string          // of the tree; "" where there is none
	none  error           // why there is none
	home  string          // where the worktrees of gates are
	held  *os.File        // locked as long as this gate runs
	trees map[string]string
}

// homeName is the directory of gates within that of git.
const homeName = "fcbench-gates"

// lock makes sure that no other gate runs in the tree, and removes what one left
// behind that was killed. Outside of git there is nothing to lock.
func (s *shared) lock(ctx context.Context) error {
	s.ctx, s.trees = context.WithoutCancel(ctx), map[string]string{}
	dir := filepath.Dir(s.gate.policy.File)
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if s.none = err; err != nil {
		return nil // which matters to a side that is built alone, and it says so
	}
	common, err := git(ctx, dir, "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		return err
	}
	s.top, s.home = top, filepath.Join(common, homeName)
	if err := os.MkdirAll(s.home, 0o755); err != nil {
		return err
	}
	if s.held, err = holdFile(filepath.Join(s.home, "lock")); err != nil {
		return &Unlike{fmt.Errorf("another gate runs in %s: %w; the two would disturb each other: want one after the other", s.top, err)}
	}
	left, err := s.sweep()
	if left > 0 {
		s.gate.say(fmt.Sprintf("removed %d worktrees that a gate left behind which was killed", left))
	}
	return err
}

// sweep removes all worktrees of gates: there is no other gate that could use them.
func (s *shared) sweep() (removed int, err error) {
	entries, err := os.ReadDir(s.home)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		removed++
		path := filepath.Join(s.home, e.Name())
		_, _ = git(s.ctx, s.top, "worktree", "remove", "--force", "--force", path) // it may be none, or half of one
		err = errors.Join(err, os.RemoveAll(path))
	}
	if removed > 0 {
		_, pruneErr := git(s.ctx, s.top, "worktree", "prune")
		err = errors.Join(err, pruneErr)
	}
	return removed, err
}

// close removes the worktrees, and lets others run gates.
func (s *shared) close() (err error) {
	if s.held == nil {
		return nil
	}
	_, err = s.sweep()
	err = errors.Join(err, releaseFile(s.held))
	s.held = nil
	return err
}

// scratch is a directory for what a side makes; it is swept too.
func (s *shared) scratch() (string, error) {
	if s.home == "" {
		return "", s.outside()
	}
	return os.MkdirTemp(s.home, "made-")
}

// outside is the error of revisions where git has no tree, or refuses it.
func (s *shared) outside() error {
	return &experiment.Unfit{Err: fmt.Errorf("%s is in no git tree; want it in the one whose revisions are compared: %w", s.gate.policy.File, s.none)}
}

// tree is the files of a revision.
type tree struct {
	dir    string
	words  string
	commit string // "" where there are changes that are in none
	apart  bool   // from the tree that the policy is in
}

// environment is what builds in the tree need: a workspace that encloses the place of a worktree
// is not that of its module.
func (t tree) environment() []string {
	if _, err := os.Stat(filepath.Join(t.dir, "go.work")); err == nil || !t.apart {
		return nil
	}
	return []string{"GOWORK=off"}
}

// identity of a package of the tree: the same where both sides are one thing under two
// names, such as merge-base and HEAD.
func (t tree) identity(pkg string) string { return t.commit + " " + path.Clean(pkg) }

// checkout is the tree of a revision.
func (s *shared) checkout(ctx context.Context, ref string) (t tree, err error) {
	if s.top == "" {
		return t, s.outside()
	}
	commit, called, err := s.resolve(ctx, ref)
	if err != nil {
		return t, &experiment.Unfit{Err: err}
	}
	t = tree{dir: s.top, words: commit[:min(10, len(commit))], commit: commit}
	if ref != commit && ref != ci.Worktree {
		t.words += " (" + called + ")"
	}
	changed, err := s.changes(ctx)
	if err != nil {
		return t, err
	}
	switch {
	case ref == ci.Worktree && changed != "":
		return tree{dir: s.top, words: t.words + " with changes"}, nil
	case ref == ci.Worktree:
		return t, nil
	case ref == "HEAD" && changed != "":
		s.gate.warn(fmt.Sprintf("the tree has changes that are not in HEAD, and are not judged; want them committed, or ref: %s", ci.Worktree))
	}
	t.apart = true
	if t.dir = s.trees[commit]; t.dir != "" {
		return t, nil
	}
	t.dir = filepath.Join(s.home, commit[:min(12, len(commit))])
	if _, err := git(ctx, s.top, "worktree", "add", "--detach", "--force", t.dir, commit); err != nil {
		return t, err
	}
	s.trees[commit] = t.dir
	return t, nil
}

// changes are what of the tree is in no commit, but for what the gate writes itself.
func (s *shared) changes(ctx context.Context) (string, error) {
	args := []string{"status", "--porcelain", "--untracked-files=all", "--", ":/"}
	for _, file := range s.gate.Writes {
		file, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil { // as git has that of the tree
			file = filepath.Join(dir, filepath.Base(file))
		}
		if within, err := filepath.Rel(s.top, file); err == nil && filepath.IsLocal(within) {
			args = append(args, ":(top,exclude,literal)"+filepath.ToSlash(within))
		}
	}
	return git(ctx, s.top, args...)
}

// resolve is the commit of a ref, and what the ref is called in words.
func (s *shared) resolve(ctx context.Context, ref string) (commit, called string, err error) {
	switch ref {
	case ci.Worktree:
		commit, err = s.commit(ctx, "HEAD")
	case ci.MergeBase:
		commit, base, err := s.mergeBase(ctx)
		return commit, ci.MergeBase + " with " + base, err
	default:
		commit, err = s.commit(ctx, ref)
	}
	if commit == "" && err == nil {
		err = fmt.Errorf("ref is %q, which git does not know; want a branch, tag or commit (a shallow clone has few: fetch-depth: 0), %s or %s", ref, ci.MergeBase, ci.Worktree)
	}
	return commit, ref, err
}

// commit is that of a name; "" where git does not know it, which is no error.
func (s *shared) commit(ctx context.Context, name string) (string, error) {
	commit, err := git(ctx, s.top, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if saidNothing(err) {
		return "", nil
	}
	return commit, err
}

// saidNothing reports whether git means no, and not that something is wrong.
func saidNothing(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == 1
}

// mergeBase is where HEAD left the branch that it is to be merged into, and that branch:
// what the user or the CI names, or where neither does the main one.
func (s *shared) mergeBase(ctx context.Context) (commit, base string, err error) {
	named, candidates := baseNames()
	for _, base := range candidates {
		known, err := s.commit(ctx, base)
		if err != nil {
			return "", "", err
		}
		if known == "" {
			continue
		}
		commit, err := git(ctx, s.top, "merge-base", base, "HEAD")
		switch {
		case saidNothing(err):
			return "", "", fmt.Errorf("HEAD and %s have no common ancestor here; want the whole history (a shallow clone has none: fetch-depth: 0)", base)
		case err != nil:
			return "", "", err
		}
		return commit, base, nil
	}
	if named != "" {
		return "", "", fmt.Errorf("%s, and git knows no %s; want that branch fetched (a shallow clone has few: fetch-depth: 0)", named, strings.Join(candidates, ", nor "))
	}
	return "", "", fmt.Errorf("there is no branch to be merged into (%s); want one, or $FCBENCH_BASE", strings.Join(candidates, ", "))
}

// baseNames are under which names the branch may be known that is to be merged into, and
// who says so; "" where nobody does, and it is the main one.
func baseNames() (named string, candidates []string) {
	for _, name := range []string{"FCBENCH_BASE", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "GITHUB_BASE_REF"} {
		base := os.Getenv(name)
		if base == "" {
			continue
		}
		switch candidates = []string{base}; name {
		case "FCBENCH_BASE":
			candidates = []string{base, "origin/" + base}
		case "GITHUB_BASE_REF": // a branch of there, whatever is called so here
			candidates = []string{"origin/" + base, base}
		}
		return fmt.Sprintf("$%s is %q", name, base), candidates
	}
	return "", []string{"origin/HEAD", "origin/main", "origin/master", "main", "master"}
}

// git runs git and returns what it prints.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := command(ctx, dir, nil, "git", args...)
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(out), nil
}
