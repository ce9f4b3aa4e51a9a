package observe

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/internal/procfs"
)

// process is one that is observed. Its file stands for it also when its number is
// another's by now.
type process struct {
	pid      int
	stat     fs.File
	name     string
	seen     procfs.Stat
	spent    time.Duration // of the CPU, in all
	base     time.Duration // of that, before the window
	switched map[int]procfs.Switches
	ended    bool
	endedAt  time.Duration // after the opening of the window, when that was noticed
}

// find opens what the kernel says of a process that runs.
func find(root fs.FS, pid int) (*process, error) {
	file, err := root.Open(path.Join("proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return nil, fmt.Errorf("pid %d is no process; want one that runs", pid)
	}
	p := &process{pid: pid, stat: file}
	if p.seen, err = p.read(); err != nil || p.seen.Ended() {
		_ = file.Close()
		return nil, fmt.Errorf("pid %d is a process that has ended; want one that runs", pid)
	}
	p.name = p.seen.Name
	return p, nil
}

// longest is more than the line of any process takes.
const longest = 2048

func (p *process) read() (procfs.Stat, error) {
	at, ok := p.stat.(io.ReaderAt)
	if !ok {
		return procfs.Stat{}, errors.New("file cannot be read again")
	}
	var text [longest]byte
	n, err := at.ReadAt(text[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return procfs.Stat{}, err
	}
	return procfs.ParseStat(text[:n])
}

// look sees how the process does. Of one that has ended the last look counts.
func (p *process) look(cpu func(int) (time.Duration, bool)) {
	fine, known := cpu(p.pid)
	seen, err := p.read() // afterwards: if it is there now, it was the one whose clock was read
	if err != nil {
		p.ended = true
		return
	}
	p.seen, p.ended = seen, seen.Ended()
	if !known {
		fine = seen.CPU
	}
	p.spent = max(p.spent, fine)
}

// leave lets go of a process that has ended.
func (p *process) leave() bool {
	if p.ended {
		_ = p.stat.Close()
	}
	return p.ended
}

func (p *process) number() string { return strconv.Itoa(p.pid) }

// String names the process as tables do.
func (p *process) String() string { return fmt.Sprintf("%s (pid %d)", p.name, p.pid) }

// switches of the threads of a process that is there, else none.
func switches(root fs.FS, pid int) map[int]procfs.Switches {
	all, err := procfs.ReadSwitches(root, strconv.Itoa(pid))
	if err != nil {
		return nil
	}
	return all
}
