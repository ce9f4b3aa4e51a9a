package redisproc

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/redis/go-redis/v9"
)

// protocol is what somebody at an address speaks.
type protocol uint8

const (
	unheard  protocol = iota // nothing that is known
	plainly                  // Redis
	secretly                 // TLS, and whatever inside
	web                      // HTTP
)

// probeWithin is the timeout of each attempt to find out what an address speaks.
const probeWithin = time.Second

// explained says what is the matter with an address that cannot be used, in the
// place of err, where that can be found out by looking at what it speaks.
func (e endpoint) explained(ctx context.Context, err error) error {
	var said redis.Error
	var refused *dial.RefusedError
	if err == nil || ctx.Err() != nil || errors.As(err, &said) || errors.As(err, &refused) {
		return err // it answered as a Redis does, or nobody was asked
	}
	switch spoken := e.listen(ctx); {
	case spoken == web:
		return fmt.Errorf("%s answers in HTTP; want the address of a Redis", e.addrs[0])
	case spoken == plainly && e.tls != nil:
		return fmt.Errorf("%s speaks Redis without TLS; want %s", e.addrs[0], e.as(e.kind, false))
	case spoken == secretly && e.tls == nil:
		return fmt.Errorf("%s speaks TLS; want %s", e.addrs[0], e.as(e.kind, true))
	}
	return err
}

// misheard finds out early that the first address does not speak TLS although it
// should: some servers would be silent until patience ends. Everything else is
// left to those who come to use it.
func (e endpoint) misheard(ctx context.Context) error {
	if e.tls == nil {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	conn, err := e.connect(short, e.network, e.addrs[0])
	if err == nil {
		_ = conn.Close() // a server that is not content with this client says why to the next
		return nil
	}
	if what := e.explained(ctx, err); what != err {
		return what
	}
	return nil
}

// as is how a URL for this address begins if it is of a kind, with TLS or without.
func (e endpoint) as(k kind, secure bool) string {
	for _, s := range schemes() {
		if s.kind == k && s.tls == secure && s.network == e.network {
			return s.name + "://" + strings.Join(e.addrs, ",")
		}
	}
	return "another address"
}

// listen finds out what the first address speaks: first it says PING, and then,
// to those who do not answer that, hello in TLS.
func (e endpoint) listen(ctx context.Context) protocol {
	if spoken := e.overhear(ctx); spoken != unheard {
		return spoken
	}
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	conn, err := e.dial(ctx, e.network, e.addrs[0])
	if err != nil {
		return unheard
	}
	defer conn.Close()
	var alert *net.OpError
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // nothing is sent or believed
	err = secure.HandshakeContext(ctx)
	if err == nil || errors.As(err, &alert) && alert.Op == "remote error" {
		return secretly
	}
	return unheard
}

// overhear says PING in the clear.
func (e endpoint) overhear(ctx context.Context) protocol {
	ctx, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	conn, err := e.dial(ctx, e.network, e.addrs[0])
	if err != nil {
		return unheard
	}
	defer conn.Close()
	if until, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(until)
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := conn.Write([]byte("PING\r\n\r\n")); err != nil {
		return unheard
	}
	answer := make([]byte, 64)
	n, _ := conn.Read(answer)
	return understood(answer[:n])
}

func understood(answer []byte) protocol {
	switch {
	case len(answer) == 0:
		return unheard
	case bytes.HasPrefix(answer, []byte("HTTP/")):
		return web
	case answer[0] == '+' || answer[0] == '-':
		return plainly
	case answer[0] == 0x15 && len(answer) > 1 && answer[1] == 3: // an alert
		return secretly
	}
	return unheard
}
