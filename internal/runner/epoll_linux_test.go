package runner

import (
	"context"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// echo is a socket engine in small: one socket pair, a peer that sends every
// token back, and epoll in Poll. It proves that sockets fit the loop's contract
// in real time.
type echo struct {
	epoll, near, far int
	env              targets.Env
	unwritten        []uint32 // tokens
}

func newEcho(t *testing.T) *echo {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{near: pair[0], far: pair[1]}
	if e.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	unix.SetNonblock(e.near, true)
	unix.EpollCtl(e.epoll, unix.EPOLL_CTL_ADD, e.near, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(e.near)})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 4)
		for n, err := unix.Read(e.far, buf); err == nil && n > 0; n, err = unix.Read(e.far, buf) {
			unix.Write(e.far, buf)
		}
	}()
	t.Cleanup(func() {
		unix.Close(e.near)
		<-ended
		unix.Close(e.far)
		unix.Close(e.epoll)
	})
	return e
}

func (e *echo) lane(env targets.Env) targets.Async {
	e.env = env
	return e
}

func (*echo) Close(context.Context) error { return nil }

func (e *echo) Start(_ time.Duration, r *targets.Request, _ targets.Done) {
	e.unwritten = append(e.unwritten, r.Token)
	e.write()
}

// write sends what the socket takes; on a busy machine its buffer may be full.
func (e *echo) write() {
	for len(e.unwritten) > 0 {
		if n, _ := unix.Write(e.near, (*[4]byte)(unsafe.Pointer(&e.unwritten[0]))[:]); n != 4 {
			return
		}
		e.unwritten = e.unwritten[1:]
	}
}

func (e *echo) Poll(now, until time.Duration, done targets.Done) time.Duration {
	var events [1]unix.EpollEvent
	e.write()
	wait := max(0, until-now)
	unix.EpollWait(e.epoll, events[:], int(wait/time.Millisecond))
	now = e.env.Clock()
	var token uint32
	for {
		if n, _ := unix.Read(e.near, (*[4]byte)(unsafe.Pointer(&token))[:]); n != 4 {
			return now
		}
		done(token, now, &targets.Response{Outcome: results.OK})
	}
}

func TestSocketsUnderEpoll(t *testing.T) {
	e := newEcho(t)
	var r tape
	tr := trial(&every{gap: 200 * time.Microsecond, n: 1000}, bare(e.lane), &r)
	mustRun(t, tr)
	r.conserved(t)
	if got := r.count(results.OK); got != 1000 {
		t.Errorf("ok %d of 1000", got)
	}
	for i, s := range r.samples {
		if s.Done < s.Started || s.Released < s.Intended {
			t.Fatalf("arrival %d goes back in time: %+v", i, s)
		}
	}
}
