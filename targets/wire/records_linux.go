package wire

import "encoding/binary"

// records follows the records of TLS through what is read, by their lengths, so that it is
// known when nothing of it is left to be asked for.
type records struct {
	header [5]byte
	have   int // bytes of the header
	left   int // bytes of the record after it
	whole  int // how many ended since the last time that nothing was left
}

// pass goes on over what was read.
func (r *records) pass(b []byte) {
	for len(b) > 0 {
		if r.have < len(r.header) {
			n := copy(r.header[r.have:], b)
			b = b[n:]
			if r.have += n; r.have < len(r.header) {
				return
			}
			r.left = int(binary.BigEndian.Uint16(r.header[3:]))
		}
		n := min(r.left, len(b))
		b = b[n:]
		if r.left -= n; r.left == 0 {
			r.have = 0
			r.whole++
		}
	}
}

// one reports whether what was read is a single record and no part of another. It begins
// anew then.
func (r *records) one() bool {
	if r.whole != 1 || r.have > 0 {
		return false
	}
	r.whole = 0
	return true
}
