package external

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/fcbench/fcbench/limiters"
)

// protocol is the name of the line format, in both hellos.
const protocol = "fcbench.limiter/v1"

// appendHello appends the first line, which tells the program its limit, and
// what the names of whatever it keeps outside of itself must begin with.
func appendHello(b []byte, info limiters.Info, prefix string) []byte {
	b = append(b, `{"hello":"`+protocol+`","algorithm":"`...)
	b = append(b, info.Algorithm...)
	b = append(b, `","rate":`...)
	b = strconv.AppendInt(b, info.Limit.Rate, 10)
	b = append(b, `,"period_ns":`...)
	b = strconv.AppendInt(b, int64(info.Limit.Period), 10)
	b = append(b, `,"burst":`...)
	b = strconv.AppendInt(b, info.Limit.Burst, 10)
	b = append(b, `,"prefix":`...)
	b = appendText(b, prefix)
	return append(b, "}\n"...)
}

// appendRequest appends the line that asks for n tokens of key at now. Equal
// keys are always written alike, so that a simple program may compare them
// without reading them.
func appendRequest(b []byte, now time.Duration, key string, n int64) []byte {
	b = append(b, `{"now_ns":`...)
	b = strconv.AppendInt(b, int64(now), 10)
	b = appendKey(b, key)
	b = append(b, `,"n":`...)
	b = strconv.AppendInt(b, n, 10)
	return append(b, "}\n"...)
}

// appendKey writes the key as it is where JSON can hold it, and in base64 where
// it is no Unicode.
func appendKey(b []byte, key string) []byte {
	if !utf8.ValidString(key) {
		b = append(b, `,"key_base64":"`...)
		b = base64.StdEncoding.AppendEncode(b, []byte(key))
		return append(b, '"')
	}
	return appendText(append(b, `,"key":`...), key)
}

// appendText writes valid UTF-8 as JSON.
func appendText(b []byte, text string) []byte {
	b = append(b, '"')
	plain := 0 // start of what needs no escape
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[plain:i]...)
		b = appendEscaped(b, c)
		plain = i + 1
	}
	b = append(b, text[plain:]...)
	return append(b, '"')
}

func appendEscaped(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	if c >= ' ' {
		return append(b, '\\', c)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
