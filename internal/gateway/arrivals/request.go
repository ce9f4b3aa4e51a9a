package arrivals

import "bytes"

// request is what of a request is of interest here.
type request struct {
	line  []byte // method and target
	body  int64  // bytes that follow the head
	close bool   // the connection is to be closed after the answer
	bad   bool   // it cannot be answered: chunked, or a length that is none
}

const (
	maxHead = 16 << 10
	maxBody = 1 << 40
)

// next is the first request of data, and how many bytes its head is long; 0 where
// it is not whole yet.
func next(data []byte) (r request, n int) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return request{}, 0
	}
	line, rest, _ := bytes.Cut(data[:end], []byte("\r\n"))
	r.line = line
	r.close = bytes.HasSuffix(line, []byte("HTTP/1.0"))
	r.bad = !r.close && !bytes.HasSuffix(line, []byte(" HTTP/1.1"))
	for len(rest) > 0 {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if c := field[:min(1, len(field))]; len(c) == 1 && (c[0]|0x20 == 'c' || c[0]|0x20 == 't') {
			r.field(field)
		}
	}
	return r, end + 4
}

// field reads the few fields that matter.
func (r *request) field(field []byte) {
	name, value, _ := bytes.Cut(field, []byte(":"))
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		r.body = length(value)
		r.bad = r.bad || r.body < 0
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		r.bad = true
	case bytes.EqualFold(name, []byte("Connection")):
		r.close = r.close && !bytes.EqualFold(value, []byte("keep-alive")) || bytes.EqualFold(value, []byte("close"))
	}
}

// length is a number of bytes; -1 for what is none.
func length(digits []byte) (n int64) {
	for _, c := range digits {
		if c < '0' || c > '9' || n > maxBody {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) == 0 {
		return -1
	}
	return n
}
