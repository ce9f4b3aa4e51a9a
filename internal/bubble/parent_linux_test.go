package bubble

import (
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestChildDiesWithItsParent kills a parent, as the kernel or an impatient person
// would, with a child that does not listen, in a process group of its own.
func TestChildDiesWithItsParent(t *testing.T) {
	socket, child := await(t)
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"="+socket)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	conn := child()
	pid := peer(t, conn)
	if group, err := syscall.Getpgid(pid); group != pid || err != nil {
		t.Errorf("the child %d is in the process group %d (%v); want its own", pid, group, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	gone(t, conn)
}

// peer is the process at the other end of a Unix socket.
func peer(t *testing.T, conn net.Conn) (pid int) {
	t.Helper()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	control := raw.Control(func(fd uintptr) {
		var who *syscall.Ucred
		if who, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			pid = int(who.Pid)
		}
	})
	if control != nil || err != nil {
		t.Fatal(control, err)
	}
	return pid
}
