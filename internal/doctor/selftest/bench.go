package selftest

import (
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
	cpus        []int // that this process may use; unknown where it cannot be told
	self        string
	service     *served
	undisturbed map[string]figures                           // by arguments
	one         func(context.Context, testCase) (run, error) // makes a run
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
	b := &bench{Config: c, self: self, cpus: usableCPUs(), undisturbed: map[string]figures{}}
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
	defer func() { r.Kept = r.keeps(b.Runs) && err == nil }()
	if r.Impossible != "" {
		return r, nil
	}
	undisturbed, err := b.truth(ctx, c, &r)
	if err != nil {
		return r, err
	}
	var all []figures
	err = b.repeat(ctx, c, b.Runs, &r, func(one run) error {
		all = append(all, timesOf(one.Run))
		r.add(one.Validity, all[len(all)-1], c.want.judge(one.Validity, all[len(all)-1], undisturbed))
		one.Repeat = r.Runs
		return b.Keep(one.Run)
	})
	r.fill(all, undisturbed)
	return r, err
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

// truth is what the load of a case says undisturbed, if that matters. Zero is
// unknown, and r says why.
func (b *bench) truth(ctx context.Context, c testCase, r *Row) (figures, error) {
	key := strings.Join(c.args, " ")
	if f, ok := b.undisturbed[key]; ok || c.want.orTrue == noTruth {
		return f, nil
	}
	c.disturbance, c.calm = disturbance{}, true
	var all []figures
	var spoiled Row
	err := b.repeat(ctx, c, min(max(3, b.Runs/4), b.Runs), &spoiled, func(one run) error {
		all = append(all, timesOf(one.Run))
		return nil
	})
	if len(all) == 0 {
		r.Disturbance, r.Failure = spoiled.Disturbance, spoiled.Failure
		return figures{}, err
	}
	b.undisturbed[key] = middle(all)
	return b.undisturbed[key], err
}

// errImpossible says that something cannot be tried here.
var errImpossible = errors.New("cannot be tried here")

// impossible says why a case cannot be tried on this machine.
func (b *bench) impossible(c testCase) string {
	switch {
	case c.confined() && b.cpus == nil:
		return "this system cannot confine a process so"
	case c.oneCPU && c.want.orTrue != noTruth && len(b.cpus) < 2:
		return "this process may use one CPU, so that there is nothing to compare with"
	}
	return ""
}
