// Package stamp tells what a caller cannot see of its connections: when the first
// byte of a question was really written, and when the kernel had the last byte of
// the answer. What a caller measures beyond the time between the two is its own.
package stamp

import (
	"net"
	"time"
)

// Times are those of one question and its answer, by the world's clock. A zero time
// is one that nobody knows.
type Times struct {
	Asked   time.Time // its first byte was handed to the kernel
	Arrived time.Time // what was read last had arrived
}

// Of is the watched connection in c, maybe below TLS; nil where there is none.
func Of(c net.Conn) *Conn {
	for c != nil {
		if w, ok := c.(*Conn); ok {
			return w
		}
		below, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		c = below.NetConn()
	}
	return nil
}
