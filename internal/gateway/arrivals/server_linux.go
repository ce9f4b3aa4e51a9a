package arrivals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
)

// server answers every request with 200 and an empty body.
type server struct {
	start   time.Time
	grid    *Grid
	asked   float64
	epoll   int
	listen  int
	wake    int
	conns   []*conn // by descriptor
	open    int     // of them
	most    int     // at once
	full    bool    // nobody more is let in until somebody leaves
	shut    uint64  // how often that began
	bad     uint64
	unnoted uint64    // reads without an instant
	now     time.Time // of this turn
	rest    rest
	buf     [64 << 10]byte
	from    stamp.Receiver
	out     []byte
	batch   []time.Duration // arrivals of this turn
	spent   time.Duration   // CPU time of the thread until the first arrival
}

// conn is one connection.
type conn struct {
	fd   int
	held []byte // the beginning of a head
	skip int64  // bytes of a body that are still to come
}

const (
	answer  = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	goodbye = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	refusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	anew    = "HTTP/1.1 204 No Content\r\n\r\n"
	stats   = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s\n"
)

// Serve answers on l until ctx ends, and returns what it found. It closes l.
func Serve(ctx context.Context, l *net.TCPListener, perSecond float64) (Report, error) {
	defer l.Close()
	file, err := l.File() // a descriptor of our own, which the runtime does not poll
	if err != nil {
		return Report{}, err
	}
	defer file.Close()
	s := &server{start: time.Now(), asked: perSecond, grid: NewGrid(perSecond), listen: int(file.Fd()), rest: newRest()}
	if err := s.begin(); err != nil {
		return Report{}, err
	}
	defer s.close()
	defer context.AfterFunc(ctx, func() { _, _ = unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) })()
	defer claimThread()()
	s.anew()
	err = s.loop(ctx)
	return s.report(), err
}

func (s *server) begin() (err error) {
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return errors.Join(err, unix.Close(s.epoll))
	}
	note(s.listen) // the kernel takes a moment to begin noting
	err = errors.Join(unix.SetNonblock(s.listen, true), s.watch(s.listen), s.watch(s.wake))
	if err != nil {
		s.close()
	}
	return err
}

func (s *server) watch(fd int) error {
	return unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (s *server) close() {
	for _, c := range s.conns {
		if c != nil {
			_ = unix.Close(c.fd)
		}
	}
	_, _ = unix.Close(s.epoll), unix.Close(s.wake)
}

func (s *server) loop(ctx context.Context) error {
	var events [256]unix.EpollEvent
	for ctx.Err() == nil {
		n, err := unix.EpollWait(s.epoll, events[:], -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		s.now = time.Now()
		for _, e := range events[:max(n, 0)] {
			if err := s.ready(int(e.Fd)); err != nil {
				return err
			}
		}
		length := s.rest.after(s.now.Sub(s.start), len(s.batch), s.open)
		s.settle()
		if length > 0 {
			ts := unix.NsecToTimespec(int64(length))
			_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil) // a signal may cut it short
		}
	}
	return nil
}

// ready takes what has come on a descriptor.
func (s *server) ready(fd int) error {
	switch {
	case fd == s.listen:
		return s.accept()
	case fd == s.wake: // ends the loop
	case s.conns[fd] != nil && !s.read(s.conns[fd]):
		s.conns[fd] = nil
		s.open--
		return errors.Join(unix.Close(fd), s.letIn())
	}
	return nil
}

// letIn has those come in who wait for room, now that there is some.
func (s *server) letIn() error {
	if !s.full {
		return nil
	}
	s.full = false
	return s.watch(s.listen)
}

// shutDoor has whoever wants to come in wait for somebody to leave, for want of room.
func (s *server) shutDoor(why error) error {
	if s.open == 0 { // nobody will
		return fmt.Errorf("nobody can be let in: %w", why)
	}
	s.full = true
	s.shut++
	return unix.EpollCtl(s.epoll, unix.EPOLL_CTL_DEL, s.listen, nil)
}

// accept takes all who wait.
func (s *server) accept() error {
	for {
		fd, _, err := unix.Accept4(s.listen, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ECONNABORTED):
			continue
		case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOBUFS), errors.Is(err, unix.ENOMEM):
			return s.shutDoor(err)
		case err != nil:
			return err
		}
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
		note(fd)
		if err := s.watch(fd); err != nil {
			return errors.Join(err, unix.Close(fd))
		}
		for len(s.conns) <= fd {
			s.conns = append(s.conns, nil)
		}
		s.conns[fd] = &conn{fd: fd}
		s.open++
		s.most = max(s.most, s.open)
	}
}

// read takes what has come and answers it; false ends the connection.
func (s *server) read(c *conn) bool {
	n, noted, no := s.from.Receive(c.fd, s.buf[:])
	switch {
	case no == unix.EAGAIN || no == unix.EINTR:
		return true
	case no != 0 || n == 0:
		return false
	}
	now := s.arrived(noted, s.now)
	data := s.buf[:n]
	if len(c.held) > 0 {
		c.held = append(c.held, data...)
		data = c.held
	}
	s.out = s.out[:0]
	rest, keep := s.take(c, now, data)
	if len(s.out) > 0 && !s.write(c.fd) {
		return false
	}
	c.held = append(c.held[:0], rest...)
	return keep && len(c.held) <= maxHead
}

// write sends the answers; false for who does not read them.
func (s *server) write(fd int) bool {
	n, _, no := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&s.out[0])), uintptr(len(s.out)))
	return no == 0 && int(n) == len(s.out)
}

// arrived is the instant at which the kernel had what was just read, as it noted; now is
// of this turn, which may have begun before that. What it did not note arrives as it is
// read.
func (s *server) arrived(noted []byte, now time.Time) time.Duration {
	age := time.Duration(now.UnixNano() - stamp.Noted(noted))
	if age < -mostTurn || age > mostAge { // not noted, or by another clock, or one that was set meanwhile
		s.unnoted++
		return time.Since(s.start)
	}
	return now.Sub(s.start) - age
}

const (
	mostAge  = time.Minute // of what is read
	mostTurn = time.Second // is what a turn takes
)

// note has the kernel note when what comes on a socket arrives.
func note(fd int) { _ = stamp.Note(fd) } // or it is counted as not noted

// take answers all whole requests of data and returns the rest.
func (s *server) take(c *conn, now time.Duration, data []byte) (rest []byte, keep bool) {
	for {
		skipped := min(c.skip, int64(len(data)))
		c.skip, data = c.skip-skipped, data[skipped:]
		r, n := next(data)
		if n == 0 {
			return data, true
		}
		if r.bad {
			s.bad++
			s.out = append(s.out, refusal...)
			return nil, false
		}
		c.skip, data = r.body, data[n:]
		s.reply(now, &r)
		if r.close {
			return nil, false
		}
	}
}

func (s *server) reply(now time.Duration, r *request) {
	switch {
	case strings.HasPrefix(string(r.line), "GET "+Path+" "):
		text, err := json.Marshal(s.report())
		if err != nil {
			panic("statistics are not JSON: " + err.Error())
		}
		s.out = fmt.Appendf(s.out, stats, len(text)+1, text)
	case strings.HasPrefix(string(r.line), "DELETE "+Path+" "):
		s.anew()
		s.out = append(s.out, anew...)
	case r.close:
		s.count(now)
		s.out = append(s.out, goodbye...)
	default:
		s.count(now)
		s.out = append(s.out, answer...)
	}
}

// anew begins a new measurement.
func (s *server) anew() {
	s.batch = s.batch[:0]
	s.grid, s.bad, s.unnoted, s.shut, s.most = NewGrid(s.asked), 0, 0, 0, s.open
}

// count counts an arrival, when all that came with it have been read.
func (s *server) count(now time.Duration) { s.batch = append(s.batch, now) }

// settle counts what was read together, in the order in which it came.
func (s *server) settle() {
	if s.grid.n == 0 && len(s.batch) > 0 {
		s.spent = cpu()
	}
	slices.Sort(s.batch)
	for _, at := range s.batch {
		s.grid.Add(at)
	}
	s.batch = s.batch[:0]
}

// cpu is what the thread has spent.
func cpu() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// claimThread gives the loop a thread of its own, which sleeps to the microsecond, and
// the runtime another processor, because it keeps one while it sleeps. The result undoes
// that.
func claimThread() (release func()) {
	runtime.LockOSThread()
	before := runtime.GOMAXPROCS(0)
	if before == 1 {
		runtime.GOMAXPROCS(2)
	}
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err == nil {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	}
	return func() {
		if err == nil {
			_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0)
		}
		if before == 1 {
			runtime.GOMAXPROCS(1)
		}
		runtime.UnlockOSThread()
	}
}

func (s *server) report() Report {
	s.settle()
	r := Report{Stats: s.grid.Stats(), Connections: s.most, Refused: s.bad, Shut: s.shut, Unnoted: s.unnoted}
	if length := s.grid.last - s.grid.first; length > 0 {
		r.Busy = (cpu() - s.spent).Seconds() / length.Seconds()
	}
	return r
}
