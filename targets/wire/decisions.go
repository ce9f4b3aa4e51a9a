package wire

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/respwords"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Calls are what asks a limiter whose state is on a Redis, as bytes, and what is
// replied to them.
type Calls interface {
	// Append appends the call that asks for n tokens of a key, by name, or in full for a
	// server that replied NOSCRIPT.
	Append(dst []byte, key string, n int64, full bool) ([]byte, error)
	// Decision reads a reply.
	Decision(reply []int64) (limiters.Decision, error)
}

// Decisions are what the limiters of a trial decide on a Redis.
type Decisions struct {
	Calls       Calls   // of arrivals of a class that has none of its own
	Classes     []Calls // of those that have, by number; nil for others
	Redis       redisproc.Direct
	Dialer      Dialer // nil: that of Redis
	Engine      Engine
	Connections int
	Depth       int // calls on a connection at once
}

// Lane asks by lane i of n.
func (d Decisions) Lane(ctx context.Context, env targets.Env, i, n int) (targets.Async, error) {
	dialer := d.Dialer
	if dialer == nil {
		dialer = d.Redis
	}
	service := NewService(&asker{common: d.Calls, classes: d.Classes, login: newLogin(d.Redis)}, Options{
		Network: d.Redis.Network, Address: d.Redis.Address, TLS: d.Redis.TLS, Dialer: dialer,
		Engine: d.Engine, Connections: max(d.Connections, n), Depth: d.Depth,
	})
	inner, err := service.Lane(ctx, env, i, n)
	if err != nil {
		return nil, errors.Join(err, service.Close(ctx))
	}
	return newAsking(inner, env.InFlight, service), nil
}

// Evented reports whether a Redis can be asked by event loops here.
func Evented(d redisproc.Direct) bool {
	return d.Network != "" && carries(d.Network, d.TLS != nil)
}

// asker is the codec of calls of limiters.
type asker struct {
	common  Calls
	classes []Calls
	login
}

// of is what asks for a class.
func (a *asker) of(class uint8) Calls {
	if int(class) < len(a.classes) && a.classes[class] != nil {
		return a.classes[class]
	}
	return a.common
}

// Encode implements [Codec].
func (a *asker) Encode(m *Message, r *targets.Request) (err error) {
	m.Body, m.Zeros, m.Mark = "", 0, Mark(r.Class)
	_, full := sizeOf(r)
	m.Space, err = a.of(r.Class).Append(m.Space[:0], r.Key, r.Cost, full)
	m.Head = m.Space
	return err
}

// Decoder implements [Codec].
func (a *asker) Decoder() Decoder { return &resp{meaning: a.decide, unread: a.replies} }

func (a *asker) decide(mark Mark, reply []int64, r *targets.Response) {
	d, err := a.of(uint8(mark)).Decision(reply)
	if err != nil {
		r.Outcome, r.Cause = results.Failed, targets.Cause(err)
		return
	}
	r.Decide(&d)
}

// asking is a lane that asks once more, in full, where a server does not know a script:
// it has done nothing then.
type asking struct {
	inner  targets.Async
	closes closer  // with it; nil for nothing
	asked  []asked // by token
	again  []uint32
	done   targets.Done // of the call
	tell   targets.Done // answered, bound once
}

// closer is what a lane has of its own.
type closer interface {
	Close(ctx context.Context) error
}

// asked is a request, and when it was sent first, once it has to be sent again.
type asked struct {
	targets.Request
	started time.Duration
}

func newAsking(inner targets.Async, inFlight int, closes closer) *asking {
	l := &asking{inner: inner, closes: closes, asked: make([]asked, inFlight)}
	l.tell = l.answered
	return l
}

// sizeOf is the size of a payload, and whether the script itself is to be sent, which
// requests say that are sent again.
func sizeOf(r *targets.Request) (size int, full bool) {
	if r.Size < 0 {
		return ^r.Size, true
	}
	return r.Size, false
}

// Start implements [targets.Async].
func (l *asking) Start(now time.Duration, r *targets.Request, done targets.Done) {
	l.done = done
	for int(r.Token) >= len(l.asked) {
		l.asked = append(l.asked, asked{})
	}
	a := &l.asked[r.Token]
	a.Request, a.started = *r, 0
	l.inner.Start(now, &a.Request, l.tell)
}

// Poll implements [targets.Async].
func (l *asking) Poll(now, until time.Duration, done targets.Done) time.Duration {
	l.done = done
	if len(l.again) > 0 {
		l.askAgain(now)
	}
	if now = l.inner.Poll(now, until, l.tell); len(l.again) > 0 {
		l.askAgain(now)
	}
	return now
}

func (l *asking) askAgain(now time.Duration) {
	again := l.again
	l.again = l.again[:0]
	for _, token := range again { // none of which comes again
		a := &l.asked[token]
		a.Now = now
		l.inner.Start(now, &a.Request, l.tell)
	}
}

func (l *asking) answered(token uint32, at time.Duration, r *targets.Response) {
	a := &l.asked[token]
	if a.Size >= 0 && r.Outcome == results.Failed && strings.HasPrefix(r.Cause, "NOSCRIPT") {
		a.Size, a.started = ^a.Size, r.Started
		l.again = append(l.again, token)
		return
	}
	if a.Size < 0 {
		r.Started = a.started
	}
	l.done(token, at, r)
}

// Close implements [targets.Async].
func (l *asking) Close(ctx context.Context) error {
	err := l.inner.Close(ctx)
	if l.closes != nil {
		err = errors.Join(err, l.closes.Close(ctx))
	}
	return err
}

// login is what is said first on connections to a Redis.
type login struct {
	text    []byte
	replies int
}

func newLogin(d redisproc.Direct) (l login) {
	say := func(words ...string) {
		l.text = append(l.text, respwords.Command(words...)...)
		l.replies++
	}
	switch {
	case d.Username != "":
		say("AUTH", d.Username, d.Password)
	case d.Password != "":
		say("AUTH", d.Password)
	}
	if d.DB != 0 {
		say("SELECT", strconv.Itoa(d.DB))
	}
	return l
}

// Greet implements [Greeting].
func (l login) Greet() []byte { return l.text }
