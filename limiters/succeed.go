package limiters

import "time"

// follow makes k, which is open, what comes after before. Keys are as good as new
// there unless before knows them: those it takes over when they are first asked
// about, by inherit, which retires the state of before if nobody else has, and
// makes the other one what it was. end retires the state of a key that comes to
// before too late. Who finds a state retired must look for the successor, which is
// there a moment later.
func (k *Keyed[S]) follow(before *Keyed[S], inherit func(from, to *S), end func(s *S)) {
	k.seed, k.inherit = before.seed, inherit
	k.before.Store(before)
	before.end = end
	before.ended.Store(true)
}

// settle takes over all keys that are left and not as good as new at now.
func (k *Keyed[S]) settle(now time.Duration) {
	before := k.before.Load()
	for i := range before.shards {
		sh := &before.shards[i]
		sh.mu.Lock() // whoever adds a key now finds that it is too late
		t, since := sh.table.Load(), sh.since
		sh.mu.Unlock()
		k.shards[i].forget(since)
		for e := range t.entries {
			if !before.retire(&e.state, now) {
				k.Again(e.key, now, true)
			}
		}
	}
	k.before.Store(nil)
}

// since is the latest instant at which keys that were left out were as good as new:
// nothing is known of them before it.
func (k *Keyed[S]) since() (latest time.Duration) {
	for i := range k.shards {
		sh := &k.shards[i]
		sh.mu.Lock()
		latest = max(latest, sh.since)
		sh.mu.Unlock()
	}
	return latest
}

func (sh *shard[S]) forget(since time.Duration) {
	sh.mu.Lock()
	sh.since = max(sh.since, since)
	sh.mu.Unlock()
}

// take returns the state of a key that is to be taken over, or nil, and since when
// keys that were left out are as good as new. From then on nobody adds it.
func (k *Keyed[S]) take(hash uint64, key string) (s *S, since time.Duration) {
	if k == nil {
		return nil, 0
	}
	sh := &k.shards[hash>>shardShift]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if e := sh.table.Load().find(hash, key); e != nil {
		s = &e.state
	}
	return s, sh.since
}
