package stamp

import (
	"net"
	"time"
)

// Call is what is seen of one question, from when its caller wanted to ask it.
type Call struct {
	begun time.Time
	conn  *Conn // nil where it is not watched
	fresh bool  // it was made for the call
}

// NewCall begins one now.
func NewCall() Call { return Call{begun: time.Now()} }

// On is told of the connection before anything is written to it, and whether it was
// made for the call.
func (c *Call) On(conn net.Conn, fresh bool) {
	if c.conn, c.fresh = Of(conn), fresh; c.conn != nil {
		c.conn.Begin()
	}
}

// Own is how much of the time since the beginning was neither the service's nor the
// network's; what nobody knows is 0. To connect takes as long as the service lets it.
func (c *Call) Own() (own time.Duration, watched bool) {
	if c.conn == nil {
		return 0, false
	}
	now, t := time.Now(), c.conn.Times()
	asked := t.Asked
	if c.fresh {
		asked = c.begun
	}
	if asked.Before(c.begun) || t.Arrived.Before(asked) || now.Before(t.Arrived) {
		return 0, true // not noted, or the clock was set meanwhile
	}
	return asked.Sub(c.begun) + now.Sub(t.Arrived), true
}
