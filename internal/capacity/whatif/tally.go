package whatif

import (
	"cmp"
	"strings"
	"time"
)

// tally counts what was decided.
type tally struct {
	offered, rejected uint64
	keys              map[string]*asker
	longest           Streak
	time              timeline
}

// asker is one key.
type asker struct {
	offered, rejected uint64
	denied            uint64        // since it was granted something
	since             time.Duration // of the first of them
}

// add counts the decision about an arrival of the measured window.
func (t *tally) add(at time.Duration, key string, admitted bool) {
	if t.keys == nil {
		t.keys = map[string]*asker{}
	}
	k := t.keys[key]
	if k == nil {
		k = &asker{}
		t.keys[strings.Clone(key)] = k
	}
	t.offered++
	k.offered++
	t.time.add(at, !admitted)
	if admitted {
		k.denied = 0
		return
	}
	t.rejected++
	k.rejected++
	if k.denied++; k.denied == 1 {
		k.since = at
	}
	if s := (Streak{"", k.denied, k.since, at - k.since}); s.Denials > t.longest.Denials || s.Denials == t.longest.Denials && s.Length > t.longest.Length {
		s.Key = strings.Clone(key)
		t.longest = s
	}
}

// point is what came of it.
func (t *tally) point() Point {
	p := Point{Offered: t.offered, Rejected: t.rejected, Keys: uint64(len(t.keys))}
	if t.offered > 0 {
		p.Share = float64(t.rejected) / float64(t.offered)
	}
	if t.rejected == 0 {
		return p
	}
	var worst Key
	for name, k := range t.keys {
		if k.rejected == 0 {
			continue
		}
		p.KeysRejected++
		if one := (Key{name, k.offered, k.rejected}); worst.Rejected == 0 || one.before(worst) {
			worst = one
		}
	}
	p.Worst, p.Streak = &worst, &t.longest
	return p
}

// before reports whether k fared worse: more of it was rejected, or as much of less.
func (k Key) before(other Key) bool {
	return cmp.Or(cmp.Compare(other.Rejected, k.Rejected), cmp.Compare(k.Offered, other.Offered), cmp.Compare(k.Key, other.Key)) < 0
}
