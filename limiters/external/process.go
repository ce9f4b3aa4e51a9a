package external

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/child"
)

const (
	maxLine   = 64 << 10    // bytes of an answer
	maxStderr = 1 << 10     // bytes shown of what the program last wrote to standard error
	endWithin = time.Second // from the end of its input to the program's own
)

// A process is a running program that answers line by line.
type process struct {
	*child.Child
	in     *os.File // its standard input
	out    *os.File // its standard output
	lines  *bufio.Reader
	stderr child.Tail

	once sync.Once
	why  error // it was killed for; read only after once
}

func start(words []string) (*process, error) {
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, childIn.Close(), in.Close())
	}
	p := &process{in: in, out: out, lines: bufio.NewReaderSize(out, maxLine), stderr: child.Tail{Most: maxStderr}}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = childIn, childOut, &p.stderr
	cmd.WaitDelay = endWithin // for what the program's own children hold open
	p.Child, err = child.Start(cmd)
	if err = errors.Join(err, childIn.Close(), childOut.Close()); err != nil {
		p.shut()
		return nil, err
	}
	return p, nil
}

// ask sends one line and returns the line that answers it, which is only valid
// until the next. When that takes longer than limit, or ctx ends, the program is
// killed. After an error there are only errors. A time in which the machine stood still,
// and the program with it, does not count.
func (p *process) ask(ctx context.Context, limit time.Duration, request []byte) ([]byte, error) {
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer child.Expect(limit, func() { cancel(silence(limit)) }).Met()
	stop := context.AfterFunc(limited, func() { p.kill(desertion(limited)) })
	line, err := p.exchange(request)
	switch stopped := stop(); {
	case !stopped && ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", context.Cause(ctx), p.fail(desertion(limited)))
	case !stopped:
		return nil, p.fail(desertion(limited))
	case err != nil:
		return nil, p.fail(err)
	}
	return line, nil
}

// silence is the error of a program that said nothing for so long.
type silence time.Duration

func (s silence) Error() string { return fmt.Sprintf("it did not answer within %v", time.Duration(s)) }

// desertion says why nobody waits for an answer any more. It hides that the
// context of one caller ended, which is no news of those of later ones.
func desertion(ctx context.Context) error {
	if s, silent := context.Cause(ctx).(silence); silent {
		return s
	}
	return fmt.Errorf("a caller left before it answered (%v)", context.Cause(ctx))
}

var errEnded = errors.New("it ended, or closed its output")

func (p *process) exchange(request []byte) ([]byte, error) {
	if _, err := p.in.Write(request); err != nil {
		return nil, errEnded // there is nobody to read it
	}
	line, err := p.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("answer is %s and goes on; want at most %d bytes", brief(line), maxLine)
	case err != nil && len(line) > 0:
		return nil, fmt.Errorf("%w, in the midst of a line: %s", errEnded, brief(line))
	case err != nil:
		return nil, errEnded
	case p.lines.Buffered() > 0:
		return nil, p.unasked()
	}
	return line[:len(line)-1], nil
}

// unasked is the error of a program that said more than it was asked.
func (p *process) unasked() error {
	more, _ := p.lines.Peek(p.lines.Buffered())
	return fmt.Errorf("it went on with %s; want one line for each it is sent", brief(more))
}

// fail kills the program because of err and returns the first reason that there
// was, with all that is known about its end.
func (p *process) fail(err error) error {
	p.kill(err)
	ended := p.State()
	why := p.why
	if errors.Is(why, errEnded) {
		why = fmt.Errorf("%w (%v)", why, ended)
	}
	if text := p.stderr.Line(); text != "" {
		return fmt.Errorf("%w; it complained: %s", why, text)
	}
	return why
}

// kill ends the program and everything it started, whatever it is doing.
func (p *process) kill(why error) {
	p.once.Do(func() {
		p.why = why
		p.Kill()
		p.shut()
	})
}

// shut closes the pipes, which also wakes whoever waits at one.
func (p *process) shut() {
	_ = p.in.Close() // nothing is kept back in a pipe that could be lost here
	_ = p.out.Close()
}

// end closes the program's input and waits for its end, at most endWithin.
func (p *process) end(ctx context.Context) error {
	if p.Gone() {
		return p.fail(errEnded)
	}
	_ = p.in.Close()
	ctx, cancel := context.WithTimeout(ctx, endWithin)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { p.kill(errDeaf) })
	defer stop()
	if _, err := p.lines.Peek(1); err == nil {
		return p.fail(p.unasked())
	}
	<-p.Ended()
	p.kill(errEnded) // there is only the pipe left to close
	return nil
}

// errDeaf is why a program is killed that was told to end. Nobody minds.
var errDeaf = errors.New("it did not end with its input")
