package wire

import (
	"bytes"
	"strconv"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// resp reads the replies of a Redis, in RESP2 and RESP3, nested ones too. Of what
// they hold it keeps the text of an error, and some integers. Attributes, which come to
// nobody who did not ask for them, are malformed.
type resp struct {
	meaning meaning // nil: what is no error is ok
	unread  int     // replies to come before the first answer: to what was said on connecting

	open    [deepestReply]uint64 // elements to come, of each reply that another is in
	depth   int
	left    uint64 // bytes of a bulk string with its end, which is \r\n
	bulk    bool
	blob    bool   // the bulk string is an error at the top
	failed  bool   // it is an error at the top
	unasked bool   // what is read was pushed
	error   []byte // the text of the latest error, and
	cause   string // what it is called
	reply   integers
}

// integers are those of a reply that is an array of nothing else, or one integer.
type integers struct {
	all   [mostIntegers]int64
	n     int
	other bool // there is something else in it, or there are more
}

// meaning says what the integers of a reply mean.
type meaning func(mark Mark, reply []int64, r *targets.Response)

const (
	mostIntegers = 8
	deepestReply = 32
	longestReply = 64 << 10 // of a line
	ending       = 2        // bytes after a bulk string
	badReply     = Malformed("malformed reply")
	deepReply    = Malformed("malformed reply: nested too deeply")
)

// Open reports that connections take any number of commands.
func (*resp) Open() bool { return true }

// End reports that no reply ends because the connection does.
func (*resp) End(*targets.Response) bool { return false }

// Decode reads one reply.
func (d *resp) Decode(buf []byte, mark Mark, r *targets.Response) (n int, done bool, err error) {
	for {
		k, leaf, err := d.element(buf[n:])
		if n += k; err != nil || k == 0 {
			return n, false, err
		}
		if !leaf || !d.ended() || d.pushed() {
			continue
		}
		if d.unread == 0 {
			d.finish(mark, r)
			return n, true, nil
		}
		d.unread--
		if d.failed { // nobody is let in
			return n, false, Malformed(d.cause)
		}
		d.reply = integers{}
	}
}

// element reads a line, or what there is of a bulk string, and reports whether
// something without elements has come to its end. 0 bytes say that there are too few.
func (d *resp) element(buf []byte) (n int, leaf bool, err error) {
	if d.bulk {
		return d.text(buf)
	}
	end := bytes.IndexByte(buf, '\n')
	if end < 0 {
		if len(buf) > longestReply {
			err = badReply
		}
		return 0, false, err
	}
	leaf, err = d.line(buf[:end])
	return end + 1, leaf, err
}

// text reads of a bulk string what there is, then its end; what names an error is read
// at once.
func (d *resp) text(buf []byte) (n int, leaf bool, err error) {
	have := uint64(len(buf))
	if d.blob && have >= d.left {
		d.name(buf[:d.left-ending])
		d.blob = false
	}
	switch k := min(have, d.left-ending); {
	case d.blob:
		return 0, false, nil
	case d.left > ending:
		d.left -= k
		return int(k), false, nil
	case have < ending:
		return 0, false, nil
	case string(buf[:ending]) != "\r\n":
		return 0, false, badReply
	}
	d.bulk = false
	return ending, true, nil
}

// pushed reports whether what ended was sent unasked, which answers nothing.
func (d *resp) pushed() bool {
	unasked := d.unasked
	if d.unasked = false; unasked {
		d.reply = integers{}
	}
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
	case ':':
		d.reply.add(rest, d.depth)
		return true, nil
	case '-':
		if d.depth == 0 {
			d.name(rest)
		}
		d.reply.other = true
		return true, nil
	case '+', ',', '#', '_', '(':
		d.reply.other = true
		return true, nil
	case '$', '=', '!', '*', '~', '>', '%':
		return d.long(kind, rest)
	}
	return false, badReply
}

// long reads the length of an element, or how many it has.
func (d *resp) long(kind byte, length []byte) (leaf bool, err error) {
	n, err := strconv.ParseInt(string(length), 10, 32)
	if n == -1 && (kind == '$' || kind == '*') {
		d.reply.other = true
		return true, nil
	}
	if err != nil || n < 0 {
		return false, badReply
	}
	d.reply.other = d.reply.other || kind != '*' || d.depth > 0
	switch kind {
	case '$', '=', '!':
		if kind == '!' && d.depth == 0 {
			d.name([]byte("error"))
			d.blob = n <= longestReply
		}
		d.bulk, d.left = true, uint64(n)+ending
		return false, nil
	case '%':
		n *= 2
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

// name makes the text of an error a cause. One that comes again and again costs nothing.
func (d *resp) name(text []byte) {
	d.failed = true
	if d.cause == "" || !bytes.Equal(text, d.error) {
		d.error = append(d.error[:0], text...)
		d.cause = targets.Cause(Malformed(text))
	}
}

// add keeps an integer.
func (i *integers) add(text []byte, depth int) {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || depth > 1 || i.n == len(i.all) {
		i.other = true
		return
	}
	i.all[i.n] = n
	i.n++
}

// finish ends a reply.
func (d *resp) finish(mark Mark, r *targets.Response) {
	switch {
	case d.failed:
		r.Outcome, r.Cause = results.Failed, d.cause
	case d.meaning == nil:
		r.Outcome = results.OK
	case d.reply.other:
		d.meaning(mark, nil, r)
	default:
		d.meaning(mark, d.reply.all[:d.reply.n], r)
	}
	d.failed, d.reply = false, integers{}
}
