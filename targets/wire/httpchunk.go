package wire

import (
	"bytes"
	"math"
)

// chunk reads the line before a chunk.
func (d *http1) chunk(line []byte) error {
	n := len(line) - 1
	if n < 0 || bytes.IndexByte(line, '\r') != n || n > longestLine {
		return badChunk
	}
	written := bytes.TrimRight(line[:n], " \t")
	if i := bytes.IndexByte(written, ';'); i >= 0 {
		written = written[:i]
	}
	size, ok := hex(written)
	if !ok {
		return badChunk
	}
	d.excess += uint64(n) + 2
	d.excess -= min(d.excess, 16+2*min(size, math.MaxInt64/2))
	if d.excess > 16<<10 {
		return badChunk
	}
	d.reading.state, d.reading.left = inChunk, size
	if size == 0 {
		d.reading.state = atTrailer
	}
	return nil
}

func hex(text []byte) (n uint64, ok bool) {
	if len(text) == 0 || len(text) > 16 {
		return 0, false
	}
	for _, c := range text {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		n = n<<4 | uint64(c)
	}
	return n, true
}
