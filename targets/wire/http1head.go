package wire

import (
	"bytes"
	"math"

	"github.com/fcbench/fcbench/results"
)

// statusLine reads "HTTP/1.1 200 OK".
func (d *http1) statusLine(line []byte) error {
	if len(line) < len("HTTP/1.1 200") || string(line[:7]) != "HTTP/1." || line[7] < '0' || line[7] > '9' || line[8] != ' ' {
		return badStatus
	}
	d.reading.minor = line[7] != '0'
	line = bytes.TrimLeft(line[9:], " ")
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' {
		return badStatus
	}
	d.reading.status = 0
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return badStatus
		}
		d.reading.status = 10*d.reading.status + int(c-'0')
	}
	if d.reading.status < 100 || d.reading.status == 101 { // nobody asked for another protocol
		return badStatus
	}
	d.reading.refused = d.verdicts[d.reading.status].outcome == results.Rejected
	d.reading.state = atHeader
	return nil
}

// headerLine reads a line that next follows: a space or a tab continues it.
func (d *http1) headerLine(line []byte, next byte) error {
	if len(d.folded) > 0 || next == ' ' || next == '\t' {
		if len(d.folded) > 0 {
			d.folded = append(d.folded, ' ')
		}
		d.folded = append(d.folded, trim(line)...)
		if next == ' ' || next == '\t' {
			return nil
		}
		line = d.folded
		d.folded = d.folded[:0]
	} else if line[0] == ' ' || line[0] == '\t' {
		return badHeader // the first line continues none
	}
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return badHeader
	}
	name, value := line[:colon], trim(line[colon+1:])
	if !validHeader(name, value) {
		return badHeader
	}
	if d.reading.state == atTrailer {
		return nil
	}
	d.header(name, value)
	return nil
}

// header takes what matters here: how long the answer is, whether the connection
// stays open, when to come back.
func (d *http1) header(name, value []byte) {
	switch len(name) {
	case len("Date"):
		if d.reading.refused && same(name, "date") {
			d.reading.date.set(value)
		}
	case len("Connection"):
		if same(name, "connection") {
			d.reading.close = d.reading.close || listed(value, "close")
			d.reading.keep = d.reading.keep || listed(value, "keep-alive")
		}
	case len("Retry-After"):
		if d.reading.refused && same(name, "retry-after") {
			d.reading.retry.set(value)
		}
	case len("Content-Length"):
		if same(name, "content-length") {
			d.length(value)
		}
	case len("Transfer-Encoding"):
		if same(name, "transfer-encoding") {
			d.reading.chunked = !d.reading.coded && same(value, "chunked")
			d.reading.coded = true
		}
	}
}

// length reads a Content-Length. What is wrong with it is found at the end of the header.
func (d *http1) length(value []byte) {
	size, ok := uint64(0), len(value) > 0
	for _, c := range value {
		ok = ok && '0' <= c && c <= '9' && size <= (math.MaxInt64-uint64(c-'0'))/10
		size = 10*size + uint64(c-'0')
	}
	if !ok || d.reading.sized && (size != d.reading.size || len(value) != d.reading.written) {
		d.reading.unsized = true
	}
	d.reading.sized, d.reading.size, d.reading.written = true, size, len(value)
}

// blank ends a header or a trailer.
func (d *http1) blank(mark Mark) (complete bool, err error) {
	if d.reading.state == atTrailer {
		return true, nil
	}
	if !d.reading.minor {
		d.reading.coded, d.reading.chunked = false, false
	}
	switch {
	case d.reading.coded && !d.reading.chunked:
		return false, badCoding
	case d.reading.unsized:
		return false, badLength
	case d.reading.status < 200: // the answer is still to come
		d.reading.state = atStatus
		return false, nil
	}
	d.reading.open = !d.reading.close && (d.reading.minor || d.reading.keep)
	switch {
	case mark&bodiless != 0, d.reading.status == 204, d.reading.status == 304:
		d.reading.state = atStatus
		return true, nil
	case d.reading.chunked:
		d.reading.state, d.head = atChunk, 0
	case !d.reading.sized:
		d.reading.state = toTheEnd
	case d.reading.size == 0:
		d.reading.state = atStatus
		return true, nil
	default:
		d.reading.state, d.reading.left = inBody, d.reading.size
	}
	return false, nil
}
