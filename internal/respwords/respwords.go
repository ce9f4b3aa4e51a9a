// Package respwords writes the words of Redis commands as they go over the wire: how many
// there are, and each with its length before it.
package respwords

import "strconv"

const end = "\r\n"

// AppendCount appends the beginning of a command of n words.
func AppendCount(dst []byte, n int) []byte { return appendNumber(dst, '*', n) }

// AppendLength appends what comes before a word of n bytes, which [AppendEnd] ends.
func AppendLength(dst []byte, n int) []byte { return appendNumber(dst, '$', n) }

// AppendEnd appends what comes after a word.
func AppendEnd(dst []byte) []byte { return append(dst, end...) }

// Append appends one word.
func Append(dst []byte, word string) []byte {
	return AppendEnd(append(AppendLength(dst, len(word)), word...))
}

// Command is a command of these words.
func Command(words ...string) []byte {
	dst := AppendCount(nil, len(words))
	for _, word := range words {
		dst = Append(dst, word)
	}
	return dst
}

func appendNumber(dst []byte, kind byte, n int) []byte {
	return AppendEnd(strconv.AppendInt(append(dst, kind), int64(n), 10))
}
