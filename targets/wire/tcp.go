package wire

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// TCPConfig describes a service that answers each message by one, over TCP without
// TLS. In message ${NAME} stands for the environment variable NAME, and {key} for the
// request's key.
type TCPConfig struct {
	Address     string  `yaml:"address"`               // host:port
	Framing     Framing `yaml:"framing,omitempty"`     // line (the default), u16 or u32
	Message     string  `yaml:"message,omitempty"`     // else a payload of the drawn size
	Refusal     string  `yaml:"refusal,omitempty"`     // answers that begin with it are rejections
	Connections int     `yaml:"connections,omitempty"` // at most so many at once; 0 for as many as are in flight
	Depth       int     `yaml:"depth,omitempty"`       // requests on a connection at once, by the event engine; 1 if it is 0
	Engine      Engine  `yaml:"engine,omitempty"`      // auto, event or portable

	ConnectTimeout units.Duration `yaml:"connect_timeout,omitempty"` // as of [HTTPConfig]
}

// Framing says where a message ends.
type Framing string

// The framings: a line feed after each message, or its length before it, in two or
// four bytes, the highest first.
const (
	Line Framing = "line"
	U16  Framing = "u16"
	U32  Framing = "u32"
)

// TCP is a service of framed messages.
type TCP struct{ *Service }

// NewTCP checks c and returns its target; nothing is sent yet.
func NewTCP(c TCPConfig, dialer Dialer) (*TCP, error) {
	f := &framed{framing: cmp.Or(c.Framing, Line), refusal: c.Refusal}
	text, err := fromEnvironment("message", c.Message)
	if text != "" {
		f.message = strings.Split(text, keyPlace)
	}
	if err = errors.Join(err, c.check(f.framing, text)); err != nil {
		return nil, err
	}
	t := &TCP{NewService(f, Options{
		Address: c.Address, Dialer: dialer, Engine: c.Engine, Connections: c.Connections, Depth: max(1, c.Depth), ConnectTimeout: c.ConnectTimeout.Std(),
	})}
	t.info.CheckKey = f.checkKey
	return t, nil
}

func (c TCPConfig) check(f Framing, message string) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if host, port, err := net.SplitHostPort(c.Address); err != nil || host == "" || port == "" || !validPort(port) {
		bad("address is %q; want host:port, such as 127.0.0.1:7000", c.Address)
	}
	if f != Line && f != U16 && f != U32 {
		bad("framing is %q; want line, u16 or u32", string(f))
	}
	if f == Line && strings.Contains(message, "\n") {
		bad("message holds a line feed, where it would end; want it without, or framing u16 or u32")
	}
	if f == Line && strings.Contains(c.Refusal, "\n") {
		bad("refusal holds a line feed, which no answer does; want the beginning of a line")
	}
	if c.Connections < 0 {
		bad("connections is %d; want 0 or more", c.Connections)
	}
	if c.Depth < 0 || c.Depth > deepest {
		bad("depth is %d; want 1 to %d, or 0 for 1", c.Depth, deepest)
	}
	if c.Depth > 1 && c.Connections == 0 {
		bad("depth is %d beside no connections; want connections too: without, each request has one of its own", c.Depth)
	}
	return errors.Join(append(errs, c.Engine.check(), c.Engine.checkDepth(c.Depth))...)
}

// deepest bounds what waits on one connection.
const deepest = 1024

// framed is the codec of framed messages.
type framed struct {
	framing Framing
	message []string // around the places of the key; nil: the drawn payload is sent
	refusal string
}

const (
	errFeed  = Malformed("key holds a line feed, which would end the message")
	errLarge = Malformed("message is larger than its length can say")
)

func (f *framed) checkKey(key string) error {
	return f.Encode(new(Message), &targets.Request{Key: key})
}

// Encode makes m the message of r.
func (f *framed) Encode(m *Message, r *targets.Request) error {
	length := r.Size
	if f.message != nil {
		length = (len(f.message) - 1) * len(r.Key)
		for _, part := range f.message {
			length += len(part)
		}
	}
	m.Body, m.Zeros, m.Mark = "", 0, 0
	dst := m.Space[:0]
	switch {
	case f.framing == U16 && length > math.MaxUint16, f.framing == U32 && length > math.MaxUint32:
		return errLarge
	case f.framing == U16:
		dst = binary.BigEndian.AppendUint16(dst, uint16(length))
	case f.framing == U32:
		dst = binary.BigEndian.AppendUint32(dst, uint32(length))
	case len(f.message) > 1 && strings.Contains(r.Key, "\n"):
		return errFeed
	}
	switch {
	case f.message != nil:
		for i, part := range f.message {
			if i > 0 {
				dst = append(dst, r.Key...)
			}
			dst = append(dst, part...)
		}
	case f.framing == Line:
		for left := length; left > 0; left -= len(nothing) {
			dst = append(dst, nothing[:min(left, len(nothing))]...)
		}
	default:
		m.Zeros = length
	}
	if f.framing == Line {
		dst = append(dst, '\n')
	}
	m.Space, m.Head = dst, dst
	return nil
}

// Decoder reads answers, of which no more than their beginning matters.
func (f *framed) Decoder() Decoder { return &frames{framing: f.framing, refusal: f.refusal} }

// frames reads framed answers and keeps none of them.
type frames struct {
	framing Framing
	refusal string
	matched int  // bytes of the refusal that the answer began with
	other   bool // it began otherwise
	inside  bool // its length was read
	left    int
}

// Open reports that connections take any number of messages.
func (*frames) Open() bool { return true }

// End reports that no answer ends because the connection does.
func (*frames) End(*targets.Response) bool { return false }

// Decode reads one answer.
func (d *frames) Decode(buf []byte, _ Mark, r *targets.Response) (n int, done bool, err error) {
	if d.framing == Line {
		end := bytes.IndexByte(buf, '\n')
		if end < 0 {
			d.look(buf)
			return len(buf), false, nil
		}
		d.look(buf[:end])
		d.finish(r)
		return end + 1, true, nil
	}
	if !d.inside {
		if n = d.length(buf); n == 0 {
			return 0, false, nil
		}
		d.inside = true
	}
	k := min(d.left, len(buf)-n)
	d.look(buf[n : n+k])
	if d.left -= k; d.left > 0 {
		return n + k, false, nil
	}
	d.finish(r)
	return n + k, true, nil
}

// length reads the length of an answer, if it is there, and says of how many bytes it is.
func (d *frames) length(buf []byte) int {
	switch {
	case d.framing == U16 && len(buf) >= 2:
		d.left = int(binary.BigEndian.Uint16(buf))
		return 2
	case d.framing == U32 && len(buf) >= 4:
		d.left = int(binary.BigEndian.Uint32(buf))
		return 4
	}
	return 0
}

// look compares what an answer begins with.
func (d *frames) look(part []byte) {
	for i := 0; i < len(part) && !d.other && d.matched < len(d.refusal); i++ {
		if part[i] == d.refusal[d.matched] {
			d.matched++
		} else {
			d.other = true
		}
	}
}

func (d *frames) finish(r *targets.Response) {
	r.Outcome = results.OK
	if d.refusal != "" && d.matched == len(d.refusal) {
		r.Outcome, r.Cause = results.Rejected, "refused by the service"
	}
	d.matched, d.other, d.inside, d.left = 0, false, false, 0
}
