package targets

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

const (
	longestCause = 80 // bytes
	variable     = "…"
)

// few leaves out of an error's text what differs from call to call: addresses,
// slots, digests, keys, large numbers.
func few(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	switch word, _, _ := strings.Cut(text, " "); word {
	case "MOVED", "ASK": // from a node of a Redis Cluster: a slot and an address follow
		return strings.ToLower(word)
	case "":
		return "no reason given"
	}
	text, _, _ = strings.Cut(text, " script: ") // what follows is its digest
	text, _, _ = strings.Cut(text, ", with args beginning with")
	if strings.ContainsAny(text, "0123456789") {
		words := strings.Split(text, " ")
		for i, w := range words {
			words[i] = masked(w)
		}
		text = strings.Join(words, " ")
	}
	return shortened(strings.ToValidUTF8(text, "\uFFFD")) // as it is told in results
}

// masked is a word, or what stands for it and the punctuation after it.
func masked(word string) string {
	bare := strings.TrimRight(word, ".,;:")
	_, notAddress := netip.ParseAddr(bare)
	_, notPair := netip.ParseAddrPort(bare)
	number := len(bare) > 3 && strings.Trim(bare, "0123456789") == ""
	if notAddress == nil || notPair == nil || number {
		return variable + word[len(bare):]
	}
	return word
}

// shortened cuts a text, which is UTF-8, between two characters.
func shortened(text string) string {
	if len(text) <= longestCause {
		return text
	}
	end := longestCause
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
