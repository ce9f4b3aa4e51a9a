package arrivals

import (
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/stamp"
)

// BenchmarkFloor is what no reader can do without here: to be told by epoll of requests
// on so many connections of 50, to read each and to write an answer to each. The clients
// are on the same thread, and not counted; they are never woken.
func BenchmarkFloor(b *testing.B) {
	for _, batch := range []int{1, 5, 10} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			const connections = 50
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			epoll, clients := pairs(b, connections)
			var from stamp.Receiver
			var events [connections]unix.EpollEvent
			buf, request := make([]byte, 64<<10), []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n")
			var told, read, written time.Duration
			for i := 0; i < b.N; i += batch {
				for k := range batch {
					_, _ = unix.Write(clients[(i+k)%connections], request)
				}
				begun := time.Now()
				n, _ := unix.EpollWait(epoll, events[:], 0)
				told += time.Since(begun)
				for _, e := range events[:n] {
					begun = time.Now()
					_, _, _ = from.Receive(int(e.Fd), buf)
					at := time.Now()
					_, _ = unix.Write(int(e.Fd), []byte(answer))
					read, written = read+at.Sub(begun), written+time.Since(at)
				}
				for k := range batch {
					_, _ = unix.Read(clients[(i+k)%connections], buf)
				}
			}
			for unit, d := range map[string]time.Duration{"epoll-ns": told, "read-ns": read, "write-ns": written} {
				b.ReportMetric(float64(d)/float64(b.N), unit)
			}
		})
	}
}

// pairs are connections, one end of which is watched by an epoll.
func pairs(b *testing.B, n int) (epoll int, clients []int) {
	b.Helper()
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer l.Close()
	epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	check(err)
	all := []int{epoll}
	b.Cleanup(func() {
		for _, fd := range all {
			_ = unix.Close(fd)
		}
	})
	raw := func(c net.Conn) int {
		file, err := c.(*net.TCPConn).File()
		check(err)
		fd, err := unix.Dup(int(file.Fd()))
		check(err)
		_, _ = file.Close(), c.Close()
		all = append(all, fd)
		return fd
	}
	for range n {
		client, err := net.Dial("tcp", l.Addr().String())
		check(err)
		server, err := l.Accept()
		check(err)
		fd := raw(server)
		note(fd)
		check(unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}))
		clients = append(clients, raw(client))
	}
	return epoll, clients
}
