package gating

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/redisproc"
)

// trialsFile has the trials of one search as they end, as `fcbench capacity` keeps them. It is
// made for the first of them.
type trialsFile struct {
	gate   *Gate
	path   string
	header capacity.Header
	w      io.WriteCloser
	failed bool // which was said: the gate goes on without it
}

// add appends a line. A nil file keeps nothing.
func (f *trialsFile) add(line func(io.Writer) error) {
	if f == nil || f.failed {
		return
	}
	err := f.begin()
	if err == nil {
		err = line(f.w)
	}
	if err != nil {
		f.failed = true
		f.gate.warn(fmt.Sprintf("not all trials are kept: %v", err))
	}
}

func (f *trialsFile) begin() error {
	if f.w != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	w, err := f.gate.create(f.path)
	if err != nil {
		return err
	}
	f.w = w
	f.gate.say("trials are kept in " + f.path)
	return capacity.WriteHeader(f.w, f.header)
}

// keepTrials has the trials of every search kept, those of each side in a file of its own.
func (g *Gate) keepTrials() {
	if g.Trials == "" || g.policy.Capacity == nil {
		return
	}
	for i := range g.asB {
		if g.policy.Bounded() {
			g.keepSearch(g.b.(seeker).searchOf(i), "", "")
			continue
		}
		a, b := g.searchesOf(i)
		g.keepSearch(a, "-a", "side a, "+g.a.words())
		g.keepSearch(b, "-b", "side b, "+g.b.words())
	}
}

// keepSearch has the trials of a search kept in a file that no other has.
func (g *Gate) keepSearch(s *search, suffix, side string) {
	s.kept = &trialsFile{gate: g, header: capacity.Header{
		Schema: capacity.Schema, Plan: s.plan, Scenario: s.maker.Shown(), Digest: hex.EncodeToString(s.doc[:]),
		Redis: redisproc.Shown(g.world.GivenRedis()), Virtual: g.policy.Virtual, Side: side,
	}}
	g.trials = append(g.trials, s.kept)
	name := fileName(named([]subject{s.key}))
	s.kept.path = filepath.Join(g.Trials, name+suffix+".jsonl")
	same := func(f *trialsFile) bool { return f != s.kept && f.path == s.kept.path }
	for n := 2; slices.ContainsFunc(g.trials, same); n++ {
		s.kept.path = filepath.Join(g.Trials, fmt.Sprintf("%s-%d%s.jsonl", name, n, suffix))
	}
}

// Kept are the files in which trials are.
func (g *Gate) Kept() (all []string) {
	for _, f := range g.trials {
		if f.w != nil {
			all = append(all, f.path)
		}
	}
	return all
}

func (g *Gate) closeTrials() (err error) {
	for _, f := range g.trials {
		if f.w != nil {
			err = errors.Join(err, f.w.Close())
		}
	}
	return err
}
