package redisproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/child"
	"github.com/fcbench/fcbench/internal/dial"
)

const (
	readyPoll = 2 * time.Millisecond // between looks at a starting server
	maxSocket = 103                  // bytes in the path of a unix socket, on the strictest system
	logTail   = 1 << 10              // bytes of its log shown when a server fails
	primary   = "redis"              // the name of a server, whose socket is its address for good
)

// process is a private server and the directory it lives in.
type process struct {
	path string
	name string // its log's
	*home

	mu      sync.Mutex // held by whoever starts or ends it
	child   *child.Child
	killed  bool     // by crash
	replica *replica // nil where there is none
}

// socket is where a process of a name listens.
func (h *home) socket(name string) string { return filepath.Join(h.dir, name+".sock") }

// snapshot is the file that a server sends its replica.
func (h *home) snapshot() string { return filepath.Join(h.dir, "snapshot.rdb") }

// log is what a process of a name writes.
func (h *home) log(name string) string { return filepath.Join(h.dir, name+".log") }

// lookServer finds a Redis, or its fork Valkey, on PATH.
func lookServer() (path string, ok bool) {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

func startPrivate(ctx context.Context, path string, d *dial.Dialer) (*Server, error) {
	h, err := newHome()
	if err != nil {
		return nil, err
	}
	socket := h.socket(primary)
	if len(socket) > maxSocket {
		return nil, errors.Join(h.remove(),
			fmt.Errorf("socket path %s is %d bytes long; want at most %d, set TMPDIR to a shorter directory", socket, len(socket), maxSocket))
	}
	p := &process{path: path, name: primary, home: h}
	e := endpoint{network: "unix", addrs: []string{socket}, dial: d.DialContext}
	if err := p.start(ctx, e); err != nil {
		return nil, errors.Join(err, h.remove())
	}
	return &Server{info: Info{Mode: Private}, endpoint: e, process: p, stop: p.stop}, nil
}

// start runs the server until it accepts connections, or not at all.
func (p *process) start(ctx context.Context, e endpoint) error {
	if err := p.launch(); err != nil {
		return err
	}
	if err := p.ready(ctx, e); err != nil {
		err = p.failure(err)
		p.kill()
		return err
	}
	return nil
}

// launch runs the server. Its log goes straight to a file, so that no goroutine
// has to carry it and a chatty server never waits for us.
func (p *process) launch() error {
	log, err := os.Create(p.log(p.name))
	if err != nil {
		return err
	}
	defer log.Close()
	if err := os.Remove(p.snapshot()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // it would not begin empty
	}
	cmd := exec.Command(p.path,
		"--port", "0", "--unixsocket", p.socket(p.name), "--unixsocketperm", "700",
		"--dir", p.dir, "--dbfilename", filepath.Base(p.snapshot()), "--save", "", "--appendonly", "no", "--daemonize", "no")
	cmd.Stdout, cmd.Stderr = log, log
	if p.child, err = child.Start(cmd); err != nil {
		return fmt.Errorf("%s: %w", p.path, err)
	}
	return nil
}

// ready waits until the server accepts connections.
func (p *process) ready(ctx context.Context, e endpoint) error {
	look := time.NewTicker(readyPoll)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w", context.Cause(ctx))
		case <-p.child.Ended():
			return errors.New("it ended at once")
		case <-look.C:
		}
		if conn, err := e.dial(ctx, e.network, e.addrs[0]); err == nil {
			return conn.Close()
		}
	}
}

// stop ends the server and removes its directory. There is nothing to save, so
// it is killed: a polite request takes a tenth of a second and may be refused.
// That it had ended before, other than by crash, is an error, because whoever
// measured it did not know.
func (p *process) stop() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var early error
	if !p.killed {
		early = p.running()
		p.kill()
	}
	p.killed = true
	return errors.Join(early, p.release(), p.remove())
}

// crash ends the server, which is not to be noticed as an accident.
func (p *process) crash() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return errors.New("private redis-server is killed already; want it running")
	}
	if err := p.running(); err != nil {
		return err
	}
	p.kill()
	p.killed = true
	return nil
}

// restart starts the server again after a crash.
func (p *process) restart(ctx context.Context, e endpoint) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.killed {
		return errors.New("private redis-server is running; want it killed, to start it again")
	}
	if err := p.start(ctx, e); err != nil {
		return err
	}
	p.killed = false
	return nil
}

// signal sends the running server a signal.
func (p *process) signal(what string, send func(*process) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return fmt.Errorf("private redis-server is killed; want it running, to %s it", what)
	}
	if err := send(p); err != nil {
		return p.failure(fmt.Errorf("cannot %s it: %w", what, err))
	}
	return nil
}

// PIDs are the numbers of the processes that fcbench runs for the server: one of
// a private server, and one of its replica where it has one, none of any other. A
// restart gives it another.
func (s *Server) PIDs() []int {
	if s.process == nil {
		return nil
	}
	s.process.mu.Lock()
	defer s.process.mu.Unlock()
	if s.process.killed {
		return nil
	}
	pids := []int{s.process.child.PID()}
	if r := s.process.replica; r != nil {
		pids = append(pids, r.child.PID())
	}
	return pids
}

// running says how the server ended, if it did.
func (p *process) running() error {
	if p.child.Gone() {
		return p.failure(fmt.Errorf("it ended before it was stopped (%v)", p.child.State()))
	}
	return nil
}

// kill ends the server whatever it does; a paused one too.
func (p *process) kill() {
	p.child.Kill()
	<-p.child.Ended()
}

// failure adds to err what the server last wrote.
func (p *process) failure(err error) error {
	tail := "empty"
	log, readErr := os.ReadFile(p.log(p.name))
	if readErr != nil {
		tail = readErr.Error()
	} else if text := strings.TrimSpace(string(log[max(0, len(log)-logTail):])); text != "" {
		tail = "\n" + text
	}
	return fmt.Errorf("private %s: %w; its log: %s", p.path, err, tail)
}
