package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// checkKeys plays one schedule on odd keys in turn, each of which must be answered
// like a key that is alone, and then looks whether any is taken for another.
func checkKeys(s *subject) *breach {
	if b := checkOddKeys(s); b != nil {
		return b
	}
	return checkAlikeKeys(s)
}

func checkOddKeys(s *subject) *breach {
	if s.info.Approximate { // then no two need be answered alike
		return nil
	}
	alone, first := s.caller(), s.caller()
	keys := oddKeys()
	crowd := make([]*caller, len(keys))
	for i, key := range keys {
		crowd[i] = first.beside(key)
	}
	for _, r := range s.schedule(rand.New(rand.NewPCG(s.seed, 1)), 60) {
		want := alone.request(r)
		if alone.err != nil {
			return alone.broken()
		}
		for i, c := range crowd {
			if c == nil {
				continue
			}
			got := c.allow(r.now, r.n)
			if unsupported(c.err) {
				crowd[i] = nil // it does not take such a key
				continue
			}
			if got != want {
				b := c.breach("at %v a request of %d for key %s came back as %q, and for a key that is alone as %q",
					r.now, r.n, brief(c.key), words(got), words(want))
				if got.Allowed && !want.Allowed {
					b.severity = High
				}
				return b
			}
		}
	}
	return nil
}

// oddKeys are some that programs trip over.
func oddKeys() []string {
	return []string{
		"a", "", strings.Repeat("k", 1<<20), "{}", "{a}", "{a}b", "a\nb", "a\r\n", "a\x00", "\x00", "\xff\xfe", "a:b", "a b", "*",
		"null", "__proto__", "constructor", "0", "-1", "1e3", "\"", "'", "\\", "%s", "../..", "\u2028", "\U0001f600",
	}
}

// alikeKeys are sets of keys that somebody may take for one another: who folds,
// trims, cleans, decodes, cuts or hashes them.
func alikeKeys() [][]string {
	all := [][]string{
		{"key", "Key", "KEY"},
		{"straße", "STRASSE", "strasse"},
		{"\u00e9", "e\u0301"},
		{"\u212a", "k", "K"},
		{"ｋ", "k"},
		{"k", " k", "k ", "k\t", "k\n", "k\x00"},
		{"a\x00b", "a\x00c", "a"},
		{"\ufeffk", "k"},
		{"k\u200b", "k"},
		{"\xff", "\xfe", "\ufffd", "/w==", "_w==", "?"},
		{"a\xffb", "a\xfeb", "a\ufffdb"},
		{"1", "01", "1.0", "+1", "1e0", "0x1", "１"},
		{"0", "-0", "", "null", "false", "undefined", "nil", "None"},
		{"9007199254740992", "9007199254740993"},
		{"4294967297", "1"},
		{"18446744073709551617", "1"},
		{"a b", "a+b", "a%20b"},
		{"/a", "/a/", "//a", "/./a", "/b/../a", "a"},
		{"a:b", "a", "b", "a::b", "a:b:"},
		{"{a}b", "{a}c", "a", "{a}"},
		{"a,b", "b,a"},
		{"key-1", "key_1", "key.1", "key1"},
		{"'k'", "\"k\"", "`k`", "k"},
		{"10.0.0.1", "10.0.0.01", "10.0.1", "::ffff:10.0.0.1"},
		{"a@b.c", "a+x@b.c", "A@b.c"},
		{"ab", "ba"},
		{"Aa", "BB"},
		{"AaAa", "BBBB", "AaBB"},
		{"plumless", "buckeroo"},
	}
	for _, n := range []int{8, 16, 31, 32, 63, 64, 100, 127, 128, 200, 250, 255, 256, 511, 512, 1000, 1023, 1024, 4095, 4096, 65535, 65536, 1 << 17} {
		long := strings.Repeat("k", n)
		all = append(all, []string{long + "a", long + "b", "a" + long, "b" + long, long, long + "a" + long, long + "b" + long})
	}
	return append(all, separated())
}

// separated are keys in two parts, of which somebody may take one for the whole, or
// leave out what stands between them.
func separated() []string {
	keys := []string{"ab"}
	for between := range 127 {
		s := string(rune(between))
		if strings.ContainsAny(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") || between < ' ' && !strings.ContainsAny(s, "\x00\t\n\r") {
			continue
		}
		keys = append(keys, "a"+s+"b", "a"+s+"c", "c"+s+"b")
	}
	return keys
}

// checkAlikeKeys grants each of a set of keys what is there to begin with, while
// the others have spent all of it, and then no more.
func checkAlikeKeys(s *subject) *breach {
	for _, keys := range alikeKeys() {
		spent := make([]*caller, 0, len(keys))
		first := s.caller()
		for _, key := range keys {
			c := first.beside(key)
			fresh := s.spendNew(c)
			if unsupported(c.err) {
				continue
			}
			if c.err != nil {
				return c.broken()
			}
			if !fresh {
				return s.mistaken(c, spent)
			}
			spent = append(spent, c)
		}
		if s.info.Shaper || s.info.Approximate {
			continue
		}
		for _, c := range spent {
			if c.allow(0, 1).Allowed {
				return c.miscounted(1, 0, "key %s, which had spent all there was, was granted more once %d keys that look like it had spent theirs", brief(c.key), len(spent)-1)
			}
		}
	}
	return nil
}

// spendNew takes all that a key has at first, and reports whether it was all there.
func (s *subject) spendNew(c *caller) bool {
	switch {
	case s.info.Shaper:
		first := c.allow(0, s.most())
		return first.Allowed && first.Delay == 0
	case s.info.Approximate:
		return c.drain(0, s.bound(0), 1) > 0
	}
	return c.drain(0, s.capacity, s.most()) == s.capacity
}

// mistaken finds out for which of the others, that have spent all they had, a new
// key was taken, by asking about the two of them alone.
func (s *subject) mistaken(c *caller, others []*caller) *breach {
	for _, other := range others {
		one := s.caller().beside(other.key)
		two := one.beside(c.key)
		s.spendNew(one)
		if !s.spendNew(two) {
			two.steps = append(one.steps, two.steps...)
			return two.breach("key %s is taken for key %s: it was new, and had nothing left", brief(c.key), brief(other.key))
		}
	}
	return c.breach("key %s was new, and had nothing left once %d keys that look like it had spent theirs", brief(c.key), len(others))
}

// checkManyKeys spends all that a few keys have, then all that ever more others
// have, and asks the few again.
func checkManyKeys(s *subject) *breach {
	cost := max(1, int(s.capacity/s.most()))
	for others := 16; others <= s.manyKeys()/cost; others *= 4 {
		first := s.caller()
		few := make([]*caller, 4)
		for i := range few {
			few[i] = first.beside(fmt.Sprint("first-", i))
			few[i].take(0, s.capacity, s.most())
		}
		for i := range others {
			c := first.beside(fmt.Sprint("other-", i))
			c.silent = true
			if got := c.take(0, s.capacity, s.most()); got != s.capacity {
				return c.breach("new key %d of many was granted %d tokens; want %d", i, got, s.capacity)
			}
		}
		for _, c := range few {
			if c.allow(0, 1).Allowed {
				return c.miscounted(1, 0, "key %s had spent all there was; after %d other keys had spent theirs, at the same instant, it was granted more", brief(c.key), others)
			}
			if c.err != nil {
				return c.broken()
			}
		}
	}
	return nil
}

// manyKeys is how many others a key is remembered beside.
func (s *subject) manyKeys() int {
	if s.moved() { // each call awaits the clock
		return s.Decisions
	}
	return 4 * s.Decisions
}

func brief(key string) string {
	if len(key) > 40 {
		return fmt.Sprintf("%q… (%d bytes)", key[:8], len(key))
	}
	return fmt.Sprintf("%q", key)
}
