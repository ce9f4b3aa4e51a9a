package gating

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fcbench/fcbench/internal/experiment"
)

// Commit is one of a branch.
type Commit struct{ Hash, Subject string }

func (c Commit) String() string { return c.Hash[:min(10, len(c.Hash))] + " " + c.Subject }

// Commits are those from after good up to bad in the tree that a file is in, the oldest
// first: of what was merged, the merges. Good must be an ancestor of bad.
func Commits(ctx context.Context, file, good, bad string) (from Commit, all []Commit, err error) {
	dir := filepath.Dir(file)
	s := &shared{}
	if s.top, err = git(ctx, dir, "rev-parse", "--show-toplevel"); err != nil {
		return from, nil, err
	}
	var hashes [2]string
	for i, ref := range []string{good, bad} {
		if hashes[i], err = s.commit(ctx, ref); err != nil {
			return from, nil, err
		}
		if hashes[i] == "" {
			return from, nil, &experiment.Unfit{Err: fmt.Errorf("git does not know %q; want a branch, tag or commit (a shallow clone has few: fetch-depth: 0)", ref)}
		}
	}
	if _, err := git(ctx, s.top, "merge-base", "--is-ancestor", hashes[0], hashes[1]); err != nil {
		if saidNothing(err) {
			err = &experiment.Unfit{Err: fmt.Errorf("%s is no ancestor of %s; want a good commit from which the bad one came", good, bad)}
		}
		return from, nil, err
	}
	text, err := git(ctx, s.top, "log", "--first-parent", "--ancestry-path", "--reverse", "--format=%H %s", hashes[0]+".."+hashes[1])
	if err != nil {
		return from, nil, err
	}
	for line := range strings.Lines(text) {
		hash, subject, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, Commit{hash, subject})
	}
	if len(all) == 0 {
		return from, nil, &experiment.Unfit{Err: fmt.Errorf("good is %s and bad is %s, between which there is no commit; want two that differ", good, bad)}
	}
	subject, err := git(ctx, s.top, "log", "-1", "--format=%s", hashes[0])
	return Commit{hashes[0], subject}, all, err
}
