package wire

import (
	"fmt"
	"net/http"

	"github.com/fcbench/fcbench/internal/seed"
)

// appendTraceparent appends the header of a request by which traces know it (W3C Trace
// Context): its trace, its span in there, and that it is sampled.
func appendTraceparent(dst []byte, of seed.Stream) []byte {
	dst = append(dst, "traceparent: 00-"...)
	dst = appendHex(appendHex(dst, of.Uint64(0)), of.Uint64(1))
	dst = appendHex(append(dst, '-'), of.Uint64(2))
	return append(dst, "-01\r\n"...)
}

// appendHex appends 16 digits.
func appendHex(dst []byte, v uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[v>>shift&15])
	}
	return dst
}

// tracedTwice refuses a header that is set already.
func (c HTTPConfig) tracedTwice() error {
	for name := range c.Headers {
		if c.Traceparent && http.CanonicalHeaderKey(name) == "Traceparent" {
			return fmt.Errorf("header %s stands beside traceparent: true, which sets it; want one of them", name)
		}
	}
	return nil
}
