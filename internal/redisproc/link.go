package redisproc

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"sync"

	"github.com/fcbench/fcbench/internal/respwords"
)

// link is what a replica takes for its primary: a port of loopback, since that is
// all that a replica can connect to, behind which is the primary's socket. Only who
// knows the secret gets there, as only the owner gets to the socket itself. It lasts
// until it is cut.
type link struct {
	secret   string
	listener net.Listener
	dial     func() (net.Conn, error)

	mu    sync.Mutex
	over  bool
	conns []net.Conn
	all   sync.WaitGroup
}

func newLink(dial func() (net.Conn, error)) (*link, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{secret: rand.Text(), listener: listener, dial: dial}
	l.all.Go(l.accept)
	return l, nil
}

func (l *link) address() string { return l.listener.Addr().String() }

// accept takes connections until the link is cut: a replica may need several.
func (l *link) accept() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		if l.hold(conn) {
			l.all.Go(func() { l.carry(conn) })
		}
	}
}

// hold has cut close the connection. Where it was cut, it is closed at once.
func (l *link) hold(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		_ = conn.Close()
		return false
	}
	l.conns = append(l.conns, conn)
	return true
}

// carry connects a replica to the primary.
func (l *link) carry(replica net.Conn) {
	defer replica.Close()
	if l.admit(replica) != nil {
		return
	}
	primary, err := l.dial()
	if err != nil || !l.hold(primary) {
		return
	}
	defer primary.Close()
	l.all.Go(func() {
		_, _ = io.Copy(replica, primary)
		_ = replica.Close()
	})
	_, _ = io.Copy(primary, replica)
}

// admit has the replica say the secret, which comes second of all it says. What
// the primary hears begins after it.
func (l *link) admit(replica net.Conn) error {
	for _, turn := range [...]struct{ want, reply string }{
		{string(respwords.Command("PING")), "+PONG\r\n"},
		{string(respwords.Command("AUTH", l.secret)), "+OK\r\n"},
	} {
		heard := make([]byte, len(turn.want))
		if _, err := io.ReadFull(replica, heard); err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(heard, []byte(turn.want)) == 0 {
			return errors.New("it does not know the secret")
		}
		if _, err := io.WriteString(replica, turn.reply); err != nil {
			return err
		}
	}
	return nil
}

// cut ends the link, and returns when nothing passes any more. It may be called
// more than once.
func (l *link) cut() {
	l.mu.Lock()
	l.over = true
	_ = l.listener.Close()
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.mu.Unlock()
	l.all.Wait()
}
