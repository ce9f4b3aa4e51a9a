package redisproc

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redistest"
)

// TestServerDiesWithItsParent kills a process that holds a server, as the kernel
// or an impatient person would, and waits for the server's end on a connection.
func TestServerDiesWithItsParent(t *testing.T) {
	dir := temporary(t)
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), roleVariable+"=1")
	hold, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	socket := strings.TrimSpace(line)
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the server outlives the process that started it")
	}
	if got := left(t, dir); !strings.HasPrefix(got, prefix) {
		t.Errorf("left is %q; want the directory of a process that could not remove it", got)
	}
	// Its connections are closed before its process is gone.
	redistest.Wait(t, "nothing is left after the next server", func() bool {
		if err := private(t).Close(); err != nil {
			t.Error(err)
		}
		return left(t, dir) == ""
	})
}

// TestServerOutlivesTheCallersThread starts a server from a thread that then ends,
// which is when "died with parent" would strike if that thread had started it.
func TestServerOutlivesTheCallersThread(t *testing.T) {
	var s *Server
	var err error
	thread := onDoomedThread(func() { s, err = Start(t.Context(), Options{}) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Info().Mode != Private {
		t.Fatal(redistest.Missing)
	}
	task := fmt.Sprintf("/proc/self/task/%d", thread)
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		if _, err := os.Stat(task); errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("thread %d does not end", thread)
		}
	}
	if err := client(t, s, ClientOptions{}).Ping(t.Context()).Err(); err != nil {
		t.Errorf("the server is gone with the thread that asked for it: %v", err)
	}
}

// onDoomedThread runs f on a thread that ends after it, and returns its number.
func onDoomedThread(f func()) (thread int) {
	done := make(chan int)
	go func() {
		runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
		if syscall.Gettid() == syscall.Getpid() {
			done <- onDoomedThread(f) // the first thread never ends; while it is held, f gets another
			return
		}
		f()
		done <- syscall.Gettid()
	}()
	return <-done
}
