package redisproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
)

const (
	readyPoll  = 2 * time.Millisecond // between looks at a starting server
	maxSocket  = 103                  // bytes in the path of a unix socket, on the strictest system
	logTail    = 1 << 10              // bytes of its log shown when a server fails
	logName    = "redis.log"
	socketName = "redis.sock"
)

// process is a private server and the directory it lives in.
type process struct {
	cmd    *exec.Cmd
	dir    string
	exited chan struct{} // closed when the process is gone
}

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
	dir, err := os.MkdirTemp("", "fcbench-redis-")
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(dir, socketName)
	if len(socket) > maxSocket {
		return nil, errors.Join(os.Remove(dir),
			fmt.Errorf("socket path %s is %d bytes long; want at most %d, set TMPDIR to a shorter directory", socket, len(socket), maxSocket))
	}
	p, err := launch(path, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	e := endpoint{network: "unix", addr: socket, dial: d.DialContext}
	if err := p.ready(ctx, e); err != nil {
		err = p.failure(err)
		p.kill()
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Server{info: Info{Mode: Private}, endpoint: e, stop: p.stop}, nil
}

// launch runs the server. Its log goes straight to a file, so that no goroutine
// has to carry it and a chatty server never waits for us.
func launch(path, dir string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, logName))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(path,
		"--port", "0", "--unixsocket", filepath.Join(dir, socketName), "--unixsocketperm", "700",
		"--dir", dir, "--save", "", "--appendonly", "no", "--daemonize", "no")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()
	p := &process{cmd: cmd, dir: dir, exited: make(chan struct{})}
	started := make(chan error)
	go p.keep(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// keep starts the process and stays with it until its end, on one thread:
// "died with parent" means the thread that started it, so a thread that the
// runtime could retire earlier would take the server with it.
func (p *process) keep(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait() // how it ended stands in cmd.ProcessState
		close(p.exited)
	}
}

// ready waits until the server accepts connections.
func (p *process) ready(ctx context.Context, e endpoint) error {
	look := time.NewTicker(readyPoll)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w", context.Cause(ctx))
		case <-p.exited:
			return errors.New("it ended at once")
		case <-look.C:
		}
		if conn, err := e.dial(ctx, e.network, e.addr); err == nil {
			return conn.Close()
		}
	}
}

// stop ends the server and removes its directory. There is nothing to save, so
// it is killed: a polite request takes a tenth of a second and may be refused.
// That it had ended before is an error, because whoever measured it did not know.
func (p *process) stop() error {
	var early error
	select {
	case <-p.exited:
		early = p.failure(fmt.Errorf("it ended before it was stopped (%v)", p.cmd.ProcessState))
	default:
		p.kill()
	}
	return errors.Join(early, os.RemoveAll(p.dir))
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only if it is gone already
	<-p.exited
}

// failure adds to err what the server last wrote.
func (p *process) failure(err error) error {
	tail := "empty"
	log, readErr := os.ReadFile(filepath.Join(p.dir, logName))
	if readErr != nil {
		tail = readErr.Error()
	} else if text := strings.TrimSpace(string(log[max(0, len(log)-logTail):])); text != "" {
		tail = "\n" + text
	}
	return fmt.Errorf("private %s: %w; its log: %s", p.cmd.Path, err, tail)
}
