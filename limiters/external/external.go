// Package external makes a limiter of any program that reads requests from its
// standard input and answers on its standard output, in whatever language.
//
// The protocol is one JSON object per line, one answer to one request, nothing
// unasked. It begins with a hello of both sides, so that the program knows the
// limit and fcbench knows the program; docs/own-limiter.md has the whole of it.
// A [Program] asks one question at a time: what is measured is one program, not
// a pool.
//
// A program is not trusted. One that ends, says what is no answer, says more
// than it was asked, or stays silent is killed, and that call and every later
// one is an error that says why, with the last that the program wrote to
// standard error. An answer is only ever what stands in it: nothing is guessed
// and no error becomes a decision.
package external

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// Config describes a limiter in a process of its own.
type Config struct {
	// Command starts the program. It is split into words as a shell would,
	// with quotes and backslashes; what only a shell can do needs one:
	// sh -c 'a | b'.
	Command string      `yaml:"command"`
	Rate    units.Rate  `yaml:"rate"`
	Burst   units.Count `yaml:"burst"` // of a bucket; a window has none
	// Algorithm is the model that the program is held to. It must say so too.
	Algorithm string         `yaml:"algorithm"`
	Window    units.Duration `yaml:"window,omitempty"` // of a window, as in [limiters.WindowConfig]
	Timeout   units.Duration `yaml:"timeout"`          // how long one answer may take
	// Prefix tells this program from every other, also of the same run: what it keeps
	// outside of itself, such as on a Redis, is to be named so that it begins with it.
	// Empty stands for one that nobody else has.
	Prefix string `yaml:"-"`
	// InjectTime says that now is the only time there is, because the run is in
	// virtual time. A program with a clock of its own is then refused.
	InjectTime bool `yaml:"-"`
}

// Settle writes down the limit of a window as [limiters.WindowConfig] does.
func (c *Config) Settle() {
	if model, err := newModel(*c); err != nil || model.Info().Limit.Burst > 0 {
		return
	}
	w := c.window()
	w.Settle()
	c.Rate, c.Window = w.Rate, w.Window
}

// DefaultConfig is a token bucket that holds one token and answers within a
// second; command and rate have no default.
func DefaultConfig() Config {
	return Config{Burst: 1, Algorithm: "token-bucket", Timeout: units.Duration(time.Second)}
}

// Program is a limiter that is a process of its own. It is safe for concurrent use;
// callers take turns.
type Program struct {
	words   []string
	prefix  string
	timeout time.Duration
	inject  bool
	model   limiters.Described
	info    limiters.Info // what is known before Open, and then what the program says

	untold  atomic.Bool   // an answer did not say at which instant it was decided
	turn    chan struct{} // held by the caller whose turn it is, who alone uses what follows
	process *process
	request []byte // reused
	closed  bool
}

var (
	_ limiters.Limiter   = (*Program)(nil)
	_ limiters.Described = (*Program)(nil)
	_ limiters.Opener    = (*Program)(nil)
	_ limiters.Closer    = (*Program)(nil)
)

// New returns a limiter that starts its program when it is opened, and reports
// everything that is wrong with config.
func New(config Config) (*Program, error) {
	words, err := split(config.Command)
	model, modelErr := newModel(config)
	err = errors.Join(err, modelErr)
	if config.Timeout <= 0 {
		err = errors.Join(err, fmt.Errorf("timeout is %v; want more than 0, such as 1s", config.Timeout))
	}
	if model != nil && model.Info().Limit.Burst > 0 && config.Window != 0 {
		err = errors.Join(err, fmt.Errorf("window is %v; want none for %s, which has none", config.Window, config.Algorithm))
	}
	if err != nil {
		return nil, err
	}
	known := model.Info()
	return &Program{
		words: words, prefix: cmp.Or(config.Prefix, "fcbench:"+rand.Text()+":"), timeout: config.Timeout.Std(), inject: config.InjectTime, model: model,
		info: limiters.Info{
			Algorithm: known.Algorithm, Scope: "process", State: "the program's own",
			TimeSource: limiters.TimeArgument, Limit: known.Limit, Shaper: known.Shaper,
		},
		turn: make(chan struct{}, 1),
	}, nil
}

// Info implements [limiters.Described]. Before Open it says what is asked of
// the program, after it what the program says of itself, and once an answer has
// come without an instant that it lacks [limiters.NoInstant].
func (l *Program) Info() limiters.Info {
	info := l.info
	if l.untold.Load() && !slices.Contains(info.Lacks, limiters.NoInstant) {
		info.Lacks = append(slices.Clip(info.Lacks), limiters.NoInstant)
	}
	return info
}

// Bound implements [limiters.Described]: what the algorithm may admit.
func (l *Program) Bound(w time.Duration) int64 { return l.model.Bound(w) }

// Workers is how many callers find the program idle at once.
func (l *Program) Workers() int { return 1 }

// Open implements [limiters.Opener]: it starts the program and exchanges hellos.
// The error of a program that says that it cannot do that is an
// [errors.ErrUnsupported].
// It must not run beside other calls.
func (l *Program) Open(ctx context.Context) error {
	if l.process != nil {
		return fmt.Errorf("%s: limiter is open already", l.name())
	}
	p, err := start(l.words)
	if err != nil {
		return fmt.Errorf("%s: %w", l.name(), err)
	}
	if err := l.greet(ctx, p); err != nil {
		return fmt.Errorf("%s: %w", l.name(), err)
	}
	l.process = p
	return nil
}

// greet exchanges hellos. A program that is not what was asked for is killed.
func (l *Program) greet(ctx context.Context, p *process) error {
	line, err := p.ask(ctx, helloWithin, appendHello(nil, l.info, l.prefix))
	if err != nil {
		return err
	}
	info, err := readHello(line, l.info)
	if err == nil && l.inject && info.TimeSource != limiters.TimeArgument {
		err = errors.New("it decides by a clock of its own; want one that decides at now_ns, as the run is in virtual time")
	}
	if err != nil {
		return p.fail(err)
	}
	l.info = info
	return nil
}

// Allow implements [limiters.Limiter]. Decision.At is what the program says it
// is, or now, to which it was held; Unknown for a program with a clock of its own,
// and for one whose windows begin where only it knows. The error of a program that
// says that it cannot decide is an [errors.ErrUnsupported].
// When ctx ends while the program is asked, the program is killed: its answer
// would be taken for the next one.
func (l *Program) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n < 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want at least 1", n)
	}
	if err := l.take(ctx); err != nil {
		return limiters.Decision{}, err
	}
	defer func() { <-l.turn }()
	d, err := l.decide(ctx, max(0, now), key, n)
	if err != nil {
		return limiters.Decision{}, fmt.Errorf("%s: %w", l.name(), err)
	}
	return d, nil
}

// take waits for the caller's turn.
func (l *Program) take(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *Program) decide(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	switch {
	case l.closed:
		return limiters.Decision{}, errors.New("limiter is closed")
	case l.process == nil:
		return limiters.Decision{}, errors.New("limiter is not open")
	case l.info.Unweighted && n > 1:
		return limiters.Decision{}, fmt.Errorf("cost is %d; want 1, as it grants single tokens only", n)
	}
	l.request = appendRequest(l.request[:0], now, key, n)
	line, err := l.process.ask(ctx, l.timeout, l.request)
	if err != nil {
		return limiters.Decision{}, err
	}
	a, err := readAnswer(line)
	if err == nil {
		err = l.contradicts(a)
	}
	switch {
	case err != nil:
		return limiters.Decision{}, l.process.fail(err)
	case a.refusal != "":
		return limiters.Decision{}, refusal{"it could not decide", a.refusal}
	}
	if !l.info.Aligned() {
		a.At = limiters.Unknown
	} else if a.At == limiters.Unknown && l.info.TimeSource == limiters.TimeArgument {
		a.At = now
		l.untold.Store(true)
	}
	return a.Decision, nil
}

// contradicts says where an answer is at odds with what the limiter is.
func (l *Program) contradicts(a answer) error {
	if a.Delay > 0 && !l.info.Shaper {
		return fmt.Errorf("delay_ns is %d; want none of a %s, which makes nobody wait", a.Delay, l.info.Algorithm)
	}
	return nil
}

// Close implements [limiters.Closer]: it ends the program's input and waits for
// its end, or kills it. How a program ends that was told to is its own affair;
// that it was gone or broken before is an error.
func (l *Program) Close(ctx context.Context) error {
	l.turn <- struct{}{} // an answer has its time limit, and so has this wait
	defer func() { <-l.turn }()
	if l.closed || l.process == nil {
		return nil
	}
	l.closed = true
	if err := l.process.end(ctx); err != nil {
		return fmt.Errorf("%s: %w", l.name(), err)
	}
	return nil
}

// name is what the limiter is called in errors.
func (l *Program) name() string { return "exec " + brief(l.words[0]) }
