package selftest

import (
	"errors"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/cgroup"
	"github.com/fcbench/fcbench/internal/child"
)

// apply confines the calling thread, and with it what it becomes.
func (c confinement) apply() error {
	runtime.LockOSThread()
	if c.Group != "" {
		if err := enter(c.Group); err != nil {
			return err
		}
	}
	if len(c.CPUs) > 0 {
		var set unix.CPUSet
		for _, cpu := range c.CPUs {
			set.Set(cpu)
		}
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			return os.NewSyscallError("sched_setaffinity", err)
		}
	}
	if c.Nice > 0 {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, c.Nice); err != nil {
			return os.NewSyscallError("setpriority", err)
		}
	}
	if c.Files > 0 {
		limit := syscall.Rlimit{Cur: c.Files, Max: c.Files}
		return os.NewSyscallError("setrlimit", syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	}
	return nil
}

// enter moves this process to the control group of which that file takes processes.
func enter(group string) error {
	f, err := os.OpenFile(group, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("0")
	return errors.Join(err, f.Close())
}

// become runs this program with other arguments, in the place of this process.
func become(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return os.NewSyscallError("execve", syscall.Exec(self, args, os.Environ()))
}

// usableCPUs lists the CPUs that this process may use.
func usableCPUs() (all []int) {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	for cpu := 0; len(all) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			all = append(all, cpu)
		}
	}
	return all
}

func pause(p *child.Child) error  { return p.Signal(syscall.SIGSTOP) }
func resume(p *child.Child) error { return p.Signal(syscall.SIGCONT) }

// quota makes a control group that may use so many cores.
func quota(cores float64) (*cgroup.Made, error) {
	group, err := cgroup.Of(os.DirFS("/"), os.Getpid())
	if err != nil {
		return nil, err
	}
	return group.Below("/", "fcbench-self-test", cores)
}
