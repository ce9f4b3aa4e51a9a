package redislua

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/fcbench/fcbench/internal/respwords"
	"github.com/fcbench/fcbench/limiters"
)

// Calls are the calls of a limiter's script as Redis reads them, and what it replies,
// for whoever carries bytes without a client. Nothing is sent from here. A call names
// the script by its digest; a server that does not know it replies NOSCRIPT, has done
// nothing and takes the whole script instead, which it then knows.
type Calls struct {
	limiter      *Scripted
	named, whole []byte // what comes before the key
	rest         []byte // what comes after the cost
}

// Carried is a limiter whose decisions may be carried by whoever writes the bytes.
type Carried interface {
	// Calls returns how, or why a decision is more than one call.
	Calls() (*Calls, error)
}

var _ Carried = (*Scripted)(nil)

var (
	errInjected = errors.New("its time is injected")
	errShaper   = errors.New("it makes callers wait")
	errLease    = errors.New("what it grants is given back")
	errClock    = errors.New("it brings along the client's clock")
)

// Calls implements [Carried]. Changes of the limit are not followed.
func (l *Scripted) Calls() (*Calls, error) {
	switch {
	case l.inject:
		return nil, errInjected
	case l.info.Shaper:
		return nil, errShaper
	}
	s := l.script.Load()
	begin := func(command, script string) []byte {
		dst := respwords.AppendCount(nil, len(s.call))
		for _, word := range []string{command, script, "1"} {
			dst = respwords.Append(dst, word)
		}
		return dst
	}
	c := &Calls{limiter: l, named: begin(s.call[argCommand].(string), s.call[argScript].(string)), whole: begin("eval", s.source)}
	for _, number := range s.call[argCost+1:] {
		c.rest = respwords.Append(c.rest, number.(string))
	}
	return c, nil
}

// Calls implements [Carried].
func (l *Concurrency) Calls() (*Calls, error) { return nil, errLease }

// Calls implements [Carried].
func (l *NaiveTokenBucket) Calls() (*Calls, error) { return nil, errClock }

// Append appends the call that asks for n tokens of a key, with the whole script or
// its name.
func (c *Calls) Append(dst []byte, key string, n int64, whole bool) ([]byte, error) {
	if n < 1 {
		return dst, fmt.Errorf("cost is %d; want at least 1", n)
	}
	if whole {
		dst = append(dst, c.whole...)
	} else {
		dst = append(dst, c.named...)
	}
	dst = respwords.AppendLength(dst, len(c.limiter.prefix)+len(key))
	dst = append(dst, c.limiter.prefix...)
	dst = respwords.AppendEnd(append(dst, key...))
	dst = respwords.AppendLength(dst, digits(n))
	dst = respwords.AppendEnd(strconv.AppendInt(dst, n, 10))
	return append(dst, c.rest...), nil
}

// Decision reads a reply; see [Scripted.Allow].
func (c *Calls) Decision(reply []int64) (limiters.Decision, error) { return c.limiter.decision(reply) }

// digits is how many a positive number has.
func digits(n int64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}
