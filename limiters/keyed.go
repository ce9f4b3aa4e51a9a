package limiters

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	shardCount = 64
	shardShift = 64 - 6 // the top bits of a hash choose the shard, the low ones the slot
	minSlots   = 8

	// keptIdle is how long a key is kept although it is as good as new, so that one
	// that is used now and then is not allocated again each time.
	keptIdle = 10 * time.Second
)

// Keyed holds the state S of each key. A known key is found without a lock:
// each shard publishes an open-addressing table of pointers that readers walk
// with plain loads. Only new keys take the shard's lock.
//
// A full table is rebuilt, and keys that have been as good as new for a while
// are left out, so memory follows the live keys without a goroutine. What is
// left out may be in a caller's hands at that moment, and a grant taken from it
// then would be lost. So it is retired first, by the function given to
// [NewKeyed], in one of two ways:
//
//   - States that a lock or a compare-and-swap changes carry a mark in what is
//     locked or swapped. Retire sets it in the same step that finds the state as
//     good as new; who finds it set asks [Keyed.Again].
//   - States that decide by themselves, such as another library's limiter, have
//     an atomic mark beside them. Retire sets it, looks whether the state is as
//     good as new, and takes it back if not. Who has taken something looks at
//     the mark afterwards, and if it is set asks [Keyed.Again] and takes it
//     there: at worst it was taken twice, never from what is gone.
//
// A state that cannot tell whether it is as good as new is never retired.
type Keyed[S any] struct {
	seed   maphash.Seed
	fresh  func(s *S, since time.Duration)
	retire func(s *S, now time.Duration) bool
	shards [shardCount]shard[S]

	before  atomic.Pointer[Keyed[S]] // whose keys are taken over, as they are asked for
	inherit func(from, to *S)
	ended   atomic.Bool // this one's keys are
	end     func(s *S)
}

type shard[S any] struct {
	table atomic.Pointer[table[S]]
	mu    sync.Mutex // held to change anything here or in the table
	used  int
	// since is the instant at which keys left out were as good as new. One that
	// comes back with an earlier now must not spend what it had then once more.
	since time.Duration
	_     [32]byte // a cache line each
}

type table[S any] struct {
	slots []atomic.Pointer[entry[S]] // a power of two of them, at most three quarters used
}

type entry[S any] struct {
	key   string
	state S
}

// NewKeyed returns a registry without keys.
//
// fresh initialises the state of a new key, a zero S, to be decided on no
// earlier than since: what the key had until then may have been spent.
// retire marks a state that is as good as new at now, or else reports false.
// Both are called with a lock held and must not ask the registry anything.
func NewKeyed[S any](fresh func(s *S, since time.Duration), retire func(s *S, now time.Duration) bool) *Keyed[S] {
	k := new(Keyed[S])
	k.open(fresh, retire)
	return k
}

func (k *Keyed[S]) open(fresh func(s *S, since time.Duration), retire func(s *S, now time.Duration) bool) {
	k.seed, k.fresh, k.retire = maphash.MakeSeed(), fresh, retire
}

// Get returns the state of key, which may have been retired. Unless keep is
// set, a key that is not known stays unknown and the state returned is nobody
// else's. now only says how long the keys of a full table have been idle.
func (k *Keyed[S]) Get(key string, now time.Duration, keep bool) *S {
	hash := maphash.String(k.seed, key)
	if e := k.shards[hash>>shardShift].table.Load().find(hash, key); e != nil {
		return &e.state
	}
	return k.Again(key, now, keep)
}

// Again is Get under the shard's lock, for who was given a retired state: what
// it returns is not retired yet.
func (k *Keyed[S]) Again(key string, now time.Duration, keep bool) *S {
	hash := maphash.String(k.seed, key)
	sh := &k.shards[hash>>shardShift]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.table.Load()
	if e := t.find(hash, key); e != nil {
		return &e.state
	}
	from, since := k.before.Load().take(hash, key)
	keep, sh.since = keep || from != nil, max(sh.since, since)
	if keep && (t == nil || 4*(sh.used+1) > 3*len(t.slots)) {
		t = k.rebuild(sh, now-keptIdle)
	}
	// The key is copied: it may be a small piece of a large request.
	e := &entry[S]{key: strings.Clone(key)}
	k.fresh(&e.state, sh.since)
	switch {
	case from != nil:
		k.inherit(from, &e.state)
	case k.ended.Load():
		k.end(&e.state)
		return &e.state
	}
	if keep {
		t.insert(hash, e)
		sh.used++
	}
	return &e.state
}

// rebuild replaces the table of sh by one without the keys that were as good as
// new at now already. One key more and it is at most half full.
func (k *Keyed[S]) rebuild(sh *shard[S], now time.Duration) *table[S] {
	live := make([]*entry[S], 0, sh.used)
	for e := range sh.table.Load().entries {
		if !k.retire(&e.state, now) {
			live = append(live, e)
		}
	}
	if len(live) < sh.used {
		sh.since = max(sh.since, now)
	}
	size := max(minSlots, 1<<bits.Len(uint(2*len(live)+1)))
	t := &table[S]{slots: make([]atomic.Pointer[entry[S]], size)}
	for _, e := range live {
		t.insert(maphash.String(k.seed, e.key), e)
	}
	sh.used = len(live)
	sh.table.Store(t)
	return t
}

// Keys implements [Reclaimer].
func (k *Keyed[S]) Keys() int {
	keys := 0
	for i := range k.shards {
		sh := &k.shards[i]
		sh.mu.Lock()
		keys += sh.used
		sh.mu.Unlock()
	}
	return keys
}

// Reclaim implements [Reclaimer].
func (k *Keyed[S]) Reclaim(now time.Duration) int {
	freed := 0
	for i := range k.shards {
		sh := &k.shards[i]
		sh.mu.Lock()
		freed += sh.used
		k.rebuild(sh, now)
		freed -= sh.used
		sh.mu.Unlock()
	}
	return freed
}

// find returns the entry of key, or nil.
func (t *table[S]) find(hash uint64, key string) *entry[S] {
	if t == nil {
		return nil
	}
	slots := t.slots
	for i := hash; ; i++ {
		e := slots[i&uint64(len(slots)-1)].Load()
		if e == nil || e.key == key {
			return e
		}
	}
}

// insert adds e, whose key is not in the table. Readers see all of it or nothing.
func (t *table[S]) insert(hash uint64, e *entry[S]) {
	i := hash & uint64(len(t.slots)-1)
	for t.slots[i].Load() != nil {
		i = (i + 1) & uint64(len(t.slots)-1)
	}
	t.slots[i].Store(e)
}

// entries yields everything in the table.
func (t *table[S]) entries(yield func(*entry[S]) bool) {
	if t == nil {
		return
	}
	for i := range t.slots {
		if e := t.slots[i].Load(); e != nil && !yield(e) {
			return
		}
	}
}
