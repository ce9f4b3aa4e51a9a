package wire

import (
	"bytes"

	"github.com/fcbench/fcbench/targets"
)

// http1 reads the answers of an HTTP/1 connection as RFC 9112 has them and
// net/http reads them: what is not needed is passed over, and kept nowhere.
type http1 struct {
	*mix
	request  *template // of the answer
	answered int       // as far as that is counted
	checking checking

	head    int    // bytes of header lines so far
	excess  uint64 // bytes of chunked coding beyond its share
	folded  []byte // a line that goes on in the next
	reading reading
	before  memory
}

// reading is where the decoder is in an answer, and what its header said.
type reading struct {
	state   state
	left    uint64 // bytes of the body, or of the chunk
	status  int
	minor   bool // HTTP/1.1 and later keep connections open unless they say so
	close   bool
	keep    bool
	coded   bool // Transfer-Encoding is there,
	chunked bool // and is what it may be
	sized   bool // Content-Length is there,
	unsized bool // but says nothing, or several things
	written int  // in so many digits
	size    uint64
	open    bool
	refused bool // what the next two say matters
	retry   text
	date    text
}

// memory is the header of the answer before. Services say the same over and over,
// and the same bytes mean the same.
type memory struct {
	text []byte
	mark Mark
	said reading
}

// longestMemory bounds what is kept for each connection.
const longestMemory = 1 << 10

type state uint8

const (
	atStatus state = iota
	atHeader
	inBody
	toTheEnd
	atChunk
	inChunk
	afterChunk
	atTrailer
)

const (
	// Bounds on what an answer may make us read.
	longestHead = 256 << 10 // bytes of header lines, of informational responses too
	longestLine = 4 << 10   // of chunked coding
)

const (
	badStatus = Malformed("malformed response: status line")
	badHeader = Malformed("malformed response: header")
	badLength = Malformed("malformed response: length")
	badCoding = Malformed("malformed response: transfer encoding")
	badChunk  = Malformed("malformed response: chunk")
	largeHead = Malformed("malformed response: header too large")
)

const (
	// bodiless marks requests whose answers have no body.
	bodiless Mark = 1
	// kind is what the mark of a request has once for each kind before its own.
	kind Mark = 2
)

func (d *http1) Open() bool { return d.reading.open }

func (d *http1) Decode(buf []byte, mark Mark, r *targets.Response) (n int, done bool, err error) {
	begun := -1 // where the answer begins, if it does in buf
	if d.reading.state == atStatus && d.head == 0 {
		begun = 0
		d.request = d.kinds[mark/kind]
		d.checking = checking{of: d.request.check, bodiless: mark&bodiless != 0}
		if len(d.before.text) > 0 && mark&bodiless == d.before.mark && bytes.HasPrefix(buf, d.before.text) {
			d.reading, d.excess, n, begun = d.before.said, 0, len(d.before.text), -1
			if d.reading.state == atStatus {
				return n, true, d.finish(r)
			}
		}
	}
	for {
		switch d.reading.state {
		case inBody, inChunk:
			k := min(d.reading.left, uint64(len(buf)-n))
			d.body(buf[n : n+int(k)])
			n, d.reading.left = n+int(k), d.reading.left-k
			switch {
			case d.reading.left > 0:
				return n, false, nil
			case d.reading.state == inBody:
				return n, true, d.finish(r)
			}
			d.reading.state = afterChunk
		case toTheEnd:
			d.body(buf[n:])
			return len(buf), false, nil
		default:
			length, complete, err := d.line(buf[n:], mark)
			if n += length; err != nil || length == 0 {
				return n, false, err
			}
			if begun == 0 && (complete || d.reading.state > atHeader) {
				d.remember(buf[:n], mark)
				begun = -1
			}
			if complete {
				return n, true, d.finish(r)
			}
		}
	}
}

// remember keeps a header that was read as a whole. What it says to those who are
// refused is read every time.
func (d *http1) remember(header []byte, mark Mark) {
	if len(header) <= longestMemory && !d.reading.refused {
		d.before.text = append(d.before.text[:0], header...)
		d.before.mark, d.before.said = mark&bodiless, d.reading
	}
}

// body takes a part of the body.
func (d *http1) body(part []byte) {
	if d.checking.of != nil {
		d.checking.see(part)
	}
}

// finish ends an answer.
func (d *http1) finish(r *targets.Response) error {
	a := &d.reading
	d.answered++
	a.open = a.open && a.state != toTheEnd && !d.request.headers.last && d.answered != d.most
	a.state, d.head = atStatus, 0
	d.verdicts.judge(a.status, r)
	d.checking.judge(a.status, r)
	if a.retry.n > 0 {
		retryAfter(r, a.retry.String(), a.date.String())
	}
	return nil
}

func (d *http1) End(r *targets.Response) bool {
	if d.reading.state != toTheEnd {
		return false
	}
	_ = d.finish(r)
	return true
}

// line reads one line, if it is there.
func (d *http1) line(buf []byte, mark Mark) (length int, complete bool, err error) {
	end := bytes.IndexByte(buf, '\n')
	limit, large := longestHead, largeHead
	if d.reading.state == atChunk || d.reading.state == afterChunk || d.reading.state == atTrailer {
		limit, large = longestLine, badChunk
	}
	if d.reading.state == atStatus && spokenTLS(buf) {
		return 0, false, onlyTLS
	}
	if end < 0 {
		if len(buf) > limit {
			err = large
		}
		return 0, false, err
	}
	line := buf[:end]
	switch d.reading.state {
	case atStatus:
		if d.head += end + 1; d.head > limit {
			return 0, false, large
		}
		d.begin()
		err = d.statusLine(withoutCR(line))
	case atHeader, atTrailer:
		if d.head += end + 1; d.head > limit {
			return 0, false, large
		}
		if d.reading.state == atTrailer && (len(line) == 0 || line[len(line)-1] != '\r') { // as in all of chunked coding
			return 0, false, badChunk
		}
		if line = withoutCR(line); len(line) == 0 {
			complete, err = d.blank(mark)
			break
		}
		if end+1 == len(buf) { // whether it goes on, the next byte says
			d.head -= end + 1
			return 0, false, nil
		}
		err = d.headerLine(line, buf[end+1])
	case atChunk:
		err = d.chunk(line)
	case afterChunk:
		if string(line) != "\r" {
			err = badChunk
		}
		d.reading.state = atChunk
	}
	return end + 1, complete, err
}

// begin forgets the answer before.
func (d *http1) begin() {
	d.reading = reading{state: atStatus}
	d.excess, d.folded = 0, d.folded[:0]
}

func withoutCR(line []byte) []byte {
	if n := len(line) - 1; n >= 0 && line[n] == '\r' {
		return line[:n]
	}
	return line
}
