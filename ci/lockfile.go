package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// LockSchema names the format of a lockfile.
const LockSchema = "fcbench.gate-lock/v1"

// Lockfile says which claims a gate has to judge, so that one that was renamed or
// whose subject is gone is missed. It is committed beside the policy.
type Lockfile struct {
	Schema string   `json:"schema"`
	Gate   string   `json:"gate"`
	Claims []Locked `json:"claims"`
}

// Locked is one expected claim.
type Locked struct {
	ID     string `json:"id"`
	Margin string `json:"margin"`
	// Floor is that of the policy, in the metric's unit; 0 for none.
	Floor float64 `json:"floor,omitempty"`
	// Digest is that of the schedule; "" for benchmarks.
	Digest string `json:"digest,omitempty"`
	// Value is what an exact claim is held against, in the metric's unit; nil for others.
	Value *float64 `json:"value,omitempty"`
}

// ReadLockfile reads a lockfile. The error of one that is not there wraps
// [fs.ErrNotExist].
func ReadLockfile(path string) (*Lockfile, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("lockfile %s is missing (%w): nobody knows which claims there should be; want one, as `fcbench gate --lock` writes it, committed beside the policy", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	var l Lockfile
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return nil, fmt.Errorf("lockfile %s cannot be read: %w; want one that `fcbench gate --lock` wrote", path, err)
	}
	switch {
	case l.Schema != LockSchema:
		return nil, fmt.Errorf("lockfile %s: schema is %q; want %s", path, l.Schema, LockSchema)
	case len(l.Claims) == 0:
		return nil, fmt.Errorf("lockfile %s holds no claims; want at least one", path)
	}
	for i, c := range l.Claims {
		if c.ID == "" || slices.ContainsFunc(l.Claims[:i], func(other Locked) bool { return other.ID == c.ID }) {
			return nil, fmt.Errorf("lockfile %s: claims[%d] is %q, empty or given before; want each once", path, i, c.ID)
		}
	}
	return &l, nil
}

// Write writes the lockfile, its claims in order.
func (l *Lockfile) Write(w io.Writer) error {
	slices.SortFunc(l.Claims, func(a, b Locked) int { return strings.Compare(a.ID, b.ID) })
	l.Schema = LockSchema
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// of is the locked claim with an id.
func (l *Lockfile) of(id string) (Locked, bool) {
	if l == nil {
		return Locked{}, false
	}
	i := slices.IndexFunc(l.Claims, func(c Locked) bool { return c.ID == id })
	if i < 0 {
		return Locked{}, false
	}
	return l.Claims[i], true
}
