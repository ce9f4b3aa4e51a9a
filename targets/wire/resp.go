package wire

import (
	"bytes"
	"strconv"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// resp reads the replies of a Redis, in RESP2 and RESP3, nested ones too. No more than
// the beginning of an error is kept.
type resp struct {
	open    [deepestReply]uint64 // elements to come, of each reply that another is in
	depth   int
	left    uint64 // bytes of a bulk string with its end; 0 between replies
	bulk    bool
	cause   string // of an error at the top
	unasked bool   // what is read was pushed
}

const (
	deepestReply = 32
	longestReply = 64 << 10 // of a line
	badReply     = Malformed("malformed reply")
	deepReply    = Malformed("malformed reply: nested too deeply")
)

// Open reports that connections take any number of commands.
func (*resp) Open() bool { return true }

// End reports that no reply ends because the connection does.
func (*resp) End(*targets.Response) bool { return false }

// Decode reads one reply.
func (d *resp) Decode(buf []byte, _ Mark, r *targets.Response) (n int, done bool, err error) {
	for {
		if d.bulk {
			k := min(d.left, uint64(len(buf)-n))
			n, d.left = n+int(k), d.left-k
			if d.left > 0 {
				return n, false, nil
			}
			d.bulk = false
		} else {
			end := bytes.IndexByte(buf[n:], '\n')
			if end < 0 {
				if len(buf)-n > longestReply {
					err = badReply
				}
				return n, false, err
			}
			leaf, err := d.line(buf[n : n+end])
			if n += end + 1; err != nil {
				return n, false, err
			}
			if !leaf {
				continue
			}
		}
		if d.ended() && !d.pushed() {
			d.finish(r)
			return n, true, nil
		}
	}
}

// pushed reports whether what ended was sent unasked, which answers nothing.
func (d *resp) pushed() bool {
	unasked := d.unasked
	d.unasked = false
	return unasked
}

// ended counts an element that has ended, and the replies that end with it, and
// reports whether the outermost has.
func (d *resp) ended() bool {
	for d.depth > 0 {
		top := &d.open[d.depth-1]
		if *top--; *top > 0 {
			return false
		}
		d.depth--
	}
	return true
}

// line reads the first line of an element and reports whether there is no more of it.
func (d *resp) line(line []byte) (leaf bool, err error) {
	end := len(line) - 1
	if end < 1 || line[end] != '\r' {
		return false, badReply
	}
	kind, rest := line[0], line[1:end]
	switch kind {
	case '+', ':', ',', '#', '_', '(':
		return true, nil
	case '-':
		if d.depth == 0 {
			d.cause = targets.Cause(Malformed(rest))
		}
		return true, nil
	case '$', '=', '!', '*', '~', '>', '%', '|':
	default:
		return false, badReply
	}
	n, err := strconv.ParseInt(string(rest), 10, 32)
	if n == -1 && (kind == '$' || kind == '*') {
		return true, nil
	}
	if err != nil || n < 0 {
		return false, badReply
	}
	switch kind {
	case '$', '=', '!':
		if kind == '!' && d.depth == 0 {
			d.cause = "error"
		}
		d.bulk, d.left = true, uint64(n)+2
		return false, nil
	case '%':
		n *= 2
	case '|': // what it is about follows, and counts with it
		n = 2*n + 1
	case '>':
		d.unasked = d.unasked || d.depth == 0
	}
	if n == 0 {
		return true, nil
	}
	if d.depth == len(d.open) {
		return false, deepReply
	}
	d.open[d.depth] = uint64(n)
	d.depth++
	return false, nil
}

// finish ends a reply.
func (d *resp) finish(r *targets.Response) {
	r.Outcome = results.OK
	if d.cause != "" {
		r.Outcome, r.Cause, d.cause = results.Failed, d.cause, ""
	}
}
