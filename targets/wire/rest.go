package wire

import (
	"net"
	"time"
)

// resting is a connection of the portable engine below TLS, if there is any, which can be
// looked at while nobody reads it.
type resting struct {
	net.Conn
	glance *glance // nil where it cannot
	looked bool    // at: what is not there is not waited for
}

// NetConn is the connection below.
func (r *resting) NetConn() net.Conn { return r.Conn }

// Read implements [net.Conn].
func (r *resting) Read(p []byte) (int, error) {
	if r.looked {
		return r.glance.read(p)
	}
	return r.Conn.Read(p)
}

// alive reports whether a connection that was not in use takes a request: the other side
// has neither ended it nor said anything that would be taken for an answer. What TLS has
// to say by itself is read, and answered.
func (s *session) alive() bool {
	if s.below.glance == nil {
		return true
	}
	if s.conn != net.Conn(s.below) {
		_ = s.conn.SetDeadline(time.Time{}) // that of the answer before may have passed
	}
	s.below.looked = true
	_, err := s.conn.Read(s.buf[:1])
	s.below.looked = false
	_, nothing := err.(wouldBlock)
	return nothing
}

// wouldBlock says that nothing is there to be read. crypto/tls takes what is temporary for
// no reason to end a connection.
type wouldBlock struct{}

func (wouldBlock) Error() string   { return "nothing is there to be read" }
func (wouldBlock) Timeout() bool   { return true }
func (wouldBlock) Temporary() bool { return true }
