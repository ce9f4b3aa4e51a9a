package wire

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/fcbench/fcbench/internal/stamp"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// portable sends requests from the goroutines of its callers, each on a connection
// that it has to itself meanwhile.
type portable struct {
	codec  Codec
	dial   func(ctx context.Context) (net.Conn, error)
	tls    *tls.Config   // nil for none
	within time.Duration // connections are to be made; 0 for no bound of their own
	phases bool          // are told
	mu     sync.Mutex
	idle   []*session // the one that is so longest is first
	closed bool       // who comes later with a connection closes it

	abandoned *atomic.Bool // see [Options]
}

func newPortable(codec Codec, o Options) *portable {
	dial := func(ctx context.Context) (net.Conn, error) {
		conn, err := o.Dialer.DialContext(ctx, cmp.Or(o.Network, "tcp"), o.Address)
		if err != nil {
			return nil, err
		}
		return stamp.Watch(conn), nil
	}
	return &portable{codec: codec, dial: dial, tls: o.TLS, within: o.ConnectTimeout, phases: o.Phases, abandoned: o.abandoned}
}

// secured is a connection after the handshake, or closed.
func secured(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, handshakeError(err)
	}
	return secure, nil
}

// session is a connection and what is read from it.
type session struct {
	conn    net.Conn // nil before it is made
	below   *resting // it, or what is below its TLS
	decoder Decoder
	message Message
	buf     [16 << 10]byte
	in      []byte          // received, and not yet decoded: a part of buf, or of what it had no room for
	greet   []byte          // what is to be said first
	failure error           // of writing
	cut     bool            // its deadline may be set to one that is past, at any time
	parts   *results.Phases // of the answer, or nil
	clock   targets.Clock   // by which they are
}

// Do sends one request and reads its answer to the end.
func (p *portable) Do(ctx context.Context, clock targets.Clock, r *targets.Request) targets.Response {
	call, fresh := stamp.NewCall(), false
	s := p.take()
	if err := p.codec.Encode(&s.message, r); err != nil {
		p.give(s)
		return targets.Response{Outcome: results.Failed, Cause: err.Error()}
	}
	s.parts, s.clock = nil, clock
	if p.phases && clock != nil {
		s.parts = new(results.Phases)
	}
	if s.conn == nil {
		if failure, ok := p.connect(ctx, s); !ok {
			return failure
		}
		fresh = true
	}
	call.On(s.conn, fresh)
	var answer targets.Response
	started := time.Duration(0)
	if clock != nil {
		started = clock()
	}
	err := s.exchange(ctx, &answer)
	if s.parts != nil {
		s.parts.FirstByte = max(1, s.parts.FirstByte-started)
	}
	answer.Phases = s.parts
	own, watched := call.Own()
	switch {
	case err != nil:
		answer = targets.Failure(ctx, err)
		_ = s.conn.Close()
		p.abandoned.Store(true)
	case s.decoder.Open() && s.failure == nil && !s.cut && len(s.in) == 0: // else nobody asked for what follows
		p.give(s)
	default:
		_ = s.conn.Close()
	}
	answer.Own, answer.Watched = own, watched
	answer.Started = started
	return answer
}

// take returns a connection that is alive, or room for one.
func (p *portable) take() *session {
	for {
		p.mu.Lock()
		if len(p.idle) == 0 {
			p.mu.Unlock()
			return new(session)
		}
		s := p.idle[0]
		p.idle = p.idle[:copy(p.idle, p.idle[1:])]
		p.mu.Unlock()
		if s.alive() {
			return s
		}
		_ = s.conn.Close()
	}
}

func (p *portable) give(s *session) {
	if s.conn == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = s.conn.Close()
		return
	}
	p.idle = append(p.idle, s)
}

// slowConnect is the cause of requests whose connection was not made in its time.
const slowConnect = "connect timeout"

// connect makes the connection of s, or says why there is none.
func (p *portable) connect(ctx context.Context, s *session) (failure targets.Response, ok bool) {
	bounded, own := ctx, false
	if p.within > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, p.within)
		defer cancel()
		theirs, some := ctx.Deadline()
		ours, _ := bounded.Deadline()
		own = !some || ours.Before(theirs)
	}
	err := p.make(bounded, s)
	if err == nil {
		return failure, true
	}
	if failure = targets.Failure(bounded, err); own && failure.Outcome == results.TimedOut && ctx.Err() == nil {
		failure.Cause = slowConnect
	}
	return failure, false
}

func (p *portable) make(ctx context.Context, s *session) error {
	begun := s.now()
	dialed, err := p.dial(ctx)
	if err != nil {
		return err
	}
	s.below = &resting{Conn: dialed, glance: newGlance(dialed)}
	conn, there := net.Conn(s.below), s.now()
	if p.tls != nil {
		if conn, err = secured(ctx, conn, p.tls); err != nil {
			return err
		}
	}
	if s.parts != nil {
		s.parts.Connect, s.parts.TLS = there-begun, s.now()-there
		if p.tls == nil {
			s.parts.TLS = 0
		}
	}
	s.conn = conn
	s.decoder = p.codec.Decoder()
	if g, ok := p.codec.(Greeting); ok {
		s.greet = g.Greet()
	}
	return nil
}

// now is the instant, where that matters.
func (s *session) now() time.Duration {
	if s.parts == nil {
		return 0
	}
	return s.clock()
}

func (p *portable) close() (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		_ = s.conn.Close()
	}
	p.idle, p.closed = nil, true
	return nil
}

// past is a deadline that is over.
func past() time.Time { return time.Unix(1, 0) }

// exchange writes the message and reads its answer.
func (s *session) exchange(ctx context.Context, r *targets.Response) error {
	deadline, _ := ctx.Deadline()
	if err := s.conn.SetDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(past()) })
	defer func() { s.cut = !stop() }()
	if len(s.greet) > 0 {
		if _, err := s.conn.Write(s.greet); err != nil {
			return err
		}
		s.greet = nil
	}
	if s.message.Body == "" && s.message.Zeros == 0 {
		_, s.failure = s.conn.Write(s.message.Head)
		return s.read(r)
	}
	written := make(chan error, 1)
	go func() { written <- s.message.writeTo(s.conn) }()
	err := s.read(r)
	_ = s.conn.SetWriteDeadline(past()) // if it was answered before all was sent, the rest is for nobody
	s.failure = <-written
	return endOf(err, s.failure)
}

// endOf is why there is no answer: what reading says, which the end of the connection and
// no more may be where writing was told that it was cut.
func endOf(read, write error) error {
	if (errors.Is(read, io.EOF) || errors.Is(read, io.ErrUnexpectedEOF)) && errors.Is(write, syscall.ECONNRESET) {
		return write
	}
	return read
}

// read reads an answer. A request that could not be written may have one all the same.
func (s *session) read(r *targets.Response) error {
	for {
		if len(s.in) > 0 {
			n, done, err := s.decoder.Decode(s.in, s.message.Mark, r)
			if s.in = s.in[n:]; done || err != nil {
				return err
			}
		}
		s.makeRoom()
		n, err := s.conn.Read(s.in[len(s.in):cap(s.in)])
		s.in = s.in[:len(s.in)+n]
		if n > 0 {
			if s.parts != nil && s.parts.FirstByte == 0 {
				s.parts.FirstByte = s.clock()
			}
			continue
		}
		if errors.Is(err, io.EOF) && s.decoder.End(r) {
			return nil
		}
		if err != nil {
			return endOf(err, s.failure)
		}
	}
}

// makeRoom moves what is not decoded yet to the beginning of a buffer with room after it.
func (s *session) makeRoom() {
	full := s.buf[:]
	if len(s.in) >= len(full) {
		full = make([]byte, 2*len(s.in))
	}
	s.in = full[:copy(full, s.in)]
}

func (m *Message) writeTo(w io.Writer) error {
	_, err := w.Write(m.Head)
	if err == nil && m.Body != "" {
		_, err = w.Write(unsafe.Slice(unsafe.StringData(m.Body), len(m.Body)))
	}
	for left := m.Zeros; left > 0 && err == nil; {
		var n int
		n, err = w.Write(nothing[:min(left, len(nothing))])
		left -= n
	}
	return err
}
