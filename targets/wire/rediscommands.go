package wire

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/respwords"
	"github.com/fcbench/fcbench/targets"
)

// commands is the codec of one command, or of calls of one script.
type commands struct {
	login
	prefix string
	script string
	text   []string // its words
	begin  []byte   // of the command, before its words; of a script by name
	full   []byte   // with the script itself
	words  []word
}

// word is one of a command.
type word struct {
	fixed   []byte   // as it is sent, where it is always the same
	around  []string // the places of the key, else
	length  int      // of what is around them
	payload bool     // it is the payload
}

func newCommands(words []string, script string) *commands {
	c := &commands{script: script, text: words}
	if script == "" {
		c.begin = respwords.AppendCount(nil, len(words))
	} else {
		sum := sha1.Sum([]byte(script)) // the name under which Redis keeps it
		c.begin = respwords.Append(respwords.Append(respwords.AppendCount(nil, len(words)+2), "EVALSHA"), fmt.Sprintf("%x", sum))
		c.full = respwords.Append(respwords.Append(respwords.AppendCount(nil, len(words)+2), "EVAL"), script)
	}
	for _, text := range words {
		w := word{payload: text == payloadPlace}
		switch {
		case w.payload:
		case strings.Contains(text, keyPlace):
			w.around = strings.Split(text, keyPlace)
			w.length = len(strings.Join(w.around, ""))
		default:
			w.fixed = respwords.Append(nil, text)
		}
		c.words = append(c.words, w)
	}
	return c
}

// example is what is sent for some key.
func (c *commands) example(prefix string) (words []string) {
	if c.script != "" {
		words = []string{"EVAL", c.script}
	}
	for _, text := range c.text {
		words = append(words, strings.ReplaceAll(text, keyPlace, prefix+"k"))
	}
	return words
}

// Encode implements [Codec].
func (c *commands) Encode(m *Message, r *targets.Request) error {
	m.Body, m.Zeros, m.Mark = "", 0, 0
	size, full := sizeOf(r)
	dst := m.Space[:0]
	if full {
		dst = append(dst, c.full...)
	} else {
		dst = append(dst, c.begin...)
	}
	for i := range c.words {
		dst = c.words[i].append(dst, c.prefix, r.Key, size)
	}
	m.Space, m.Head = dst, dst
	return nil
}

func (w *word) append(dst []byte, prefix, key string, size int) []byte {
	switch {
	case w.fixed != nil:
		return append(dst, w.fixed...)
	case w.payload:
		dst = respwords.AppendLength(dst, size)
		dst = slices.Grow(dst, size+2)
		for left := size; left > 0; left -= len(nothing) {
			dst = append(dst, nothing[:min(left, len(nothing))]...)
		}
		return respwords.AppendEnd(dst)
	}
	dst = respwords.AppendLength(dst, w.length+(len(w.around)-1)*(len(prefix)+len(key)))
	for i, text := range w.around {
		if i > 0 {
			dst = append(dst, prefix...)
			dst = append(dst, key...)
		}
		dst = append(dst, text...)
	}
	return respwords.AppendEnd(dst)
}

// Decoder implements [Codec].
func (c *commands) Decoder() Decoder { return &resp{unread: c.replies} }
