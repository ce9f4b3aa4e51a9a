package selftest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// attempts is how often a run is tried, for each that is wanted, before a machine
// is taken for one that is never calm.
const attempts = 3

// bench is what the runs share.
type bench struct {
	Config
	cpus    []int // that this process may use; unknown where it cannot be told
	self    string
	service *served
	one     func(context.Context, testCase) (run, error) // makes a run
}

// run is a run that was made.
type run struct {
	*results.Run
	weather
}

func open(ctx context.Context, c Config) (*bench, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b := &bench{Config: c, self: self, cpus: usableCPUs()}
	b.one = b.start
	b.service, err = b.serve(ctx)
	return b, err
}

// close ends what the runs shared.
func (b *bench) close() error {
	if b.service == nil {
		return nil
	}
	s := b.service
	b.service = nil
	return s.end()
}

// measure makes the runs of one case.
func (b *bench) measure(ctx context.Context, c testCase) (r Row, err error) {
	r = Row{Case: c.name, Provoked: c.about, Quiet: c.quiet(), Impossible: b.impossible(c)}
	defer func() {
		r.Kept = r.keeps(b.Runs, c.want.always) && err == nil
		r.Unclear = !r.Kept && c.want.always && err == nil && r.unclear(b.Runs)
	}()
	if r.Impossible != "" {
		return r, nil
	}
	if c.want.orTrue.beside() {
		return r, b.besides(ctx, c, &r)
	}
	var all []figures
	err = b.repeat(ctx, c, b.Runs, &r, func(one run) error {
		all = append(all, timesOf(one.Run))
		return b.count(c, one, figures{}, &r)
	})
	r.fill(all, nil)
	return r, err
}

// count adds a run of c to r, beside which undisturbed ones said so much.
func (b *bench) count(c testCase, one run, undisturbed figures, r *Row) error {
	f := timesOf(one.Run)
	r.add(one.Validity, f, c.want.judge(one.Validity, f, undisturbed))
	one.Repeat = r.Runs
	return b.Keep(one.Run)
}

// besides makes the runs of a case in which the truth will do: between any two of
// them, before the first and after the last, one that nothing disturbs. A run is held
// against the mean of the two beside it, so that a machine which is slower in one
// minute than in another makes no difference. So are the undisturbed ones, which says
// how much the machine differs from itself.
func (b *bench) besides(ctx context.Context, c testCase, r *Row) error {
	var all, undisturbed []figures
	var last figures
	before, err := b.truth(ctx, c, r)
	for range b.Runs {
		if err != nil || r.Impossible != "" {
			break
		}
		var made *run
		if err = b.repeat(ctx, c, 1, r, func(one run) error { made = &one; return nil }); err != nil {
			break
		}
		var after figures
		if after, err = b.truth(ctx, c, r); err != nil {
			break
		}
		extend(&r.LeastAlike, &r.MostAlike, after, before)
		if made != nil {
			truth, now := between(before, after), timesOf(made.Run)
			all, undisturbed = append(all, now), append(undisturbed, truth)
			r.swap(c.want.orTrue, before, last, now)
			last = now
			err = b.count(c, *made, truth, r)
		}
		before = after
	}
	r.fill(all, undisturbed)
	return err
}

// truth is what the load of a case says undisturbed. Zero is unknown, and r says why.
func (b *bench) truth(ctx context.Context, c testCase, r *Row) (f figures, err error) {
	var spoiled Row
	err = b.repeat(ctx, c.undisturbed(), 1, &spoiled, func(one run) error {
		f = timesOf(one.Run)
		return nil
	})
	if f.p50 == 0 && err == nil {
		r.Disturbance, r.Failure = cmp.Or(spoiled.Disturbance, r.Disturbance), cmp.Or(spoiled.Failure, r.Failure)
	}
	return f, err
}

// repeat makes as many runs as are wanted. What spoils them is noted in r.
func (b *bench) repeat(ctx context.Context, c testCase, wanted int, r *Row, take func(run) error) error {
	taken := 0
	for tries := 0; taken < wanted && tries < attempts*wanted; tries++ {
		one, err := b.one(ctx, c)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, errImpossible):
			r.Impossible = strings.TrimSuffix(err.Error(), ": "+errImpossible.Error())
			return nil
		case err != nil:
			r.Failed++
			r.Failure = err.Error()
			taken++
		case c.calm && !one.calm():
			r.Repeated++
			r.Disturbance = one.weather.String()
		default:
			if err := take(one); err != nil {
				return err
			}
			taken++
		}
	}
	return nil
}

// errImpossible says that something cannot be tried here.
var errImpossible = errors.New("cannot be tried here")

// impossible says why a case cannot be tried on this machine.
func (b *bench) impossible(c testCase) string {
	switch {
	case c.confined() && b.cpus == nil:
		return "this system cannot confine a process so"
	case c.oneCPU && c.want.orTrue.beside() && len(b.cpus) < 2:
		return "this process may use one CPU, so that there is nothing to compare with"
	}
	return ""
}
