// Package doctor measures whether a machine is fit to measure on: what a look
// at the clock costs, how late sleepers wake, how much load the generator could
// offer a target that costs nothing, how punctual it is at what price, and how
// late it takes answers that have arrived.
package doctor

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Findings are what was measured.
type Findings struct {
	Host      results.Environment
	Oversleep time.Duration // median lateness of time.Sleep
	Null      Null
	Pacing    []Pacing
	Receive   Receive
	Throttled time.Duration // by a CPU quota, during the examination
}

// Null is the closed loop of one client on the null target, Zipf keys,
// histograms and key shares included.
type Null struct {
	Requests         uint64
	PerRequest       time.Duration
	AllocsPerRequest float64
}

// Pacing is an open loop on the null target.
type Pacing struct {
	Rate         units.Rate
	Plain        bool // paced by time.Sleep alone, for comparison
	Offered, Due uint64
	P50, P99     time.Duration // send delay
	CPUShare     float64       // of one core, everything included
}

// Examine measures for about ten times length, which is to be at least [Shortest].
func Examine(ctx context.Context, length time.Duration) (Findings, error) {
	f := Findings{Host: hostinfo.Read(), Oversleep: oversleep()}
	whole := hostinfo.NewMeter(time.Now)
	whole.Open()
	var err error
	if f.Null, err = null(ctx, length); err != nil {
		return f, err
	}
	for _, rate := range []int64{1_000, 10_000, 50_000} {
		for _, plain := range []bool{true, false} {
			p, err := pace(ctx, units.Rate{Count: rate, Per: time.Second}, plain, length)
			if err != nil {
				return f, err
			}
			f.Pacing = append(f.Pacing, p)
		}
	}
	if f.Receive, err = receive(ctx, length); err != nil {
		return f, err
	}
	whole.Close()
	f.Throttled = whole.Usage().Throttled
	return f, nil
}

func oversleep() time.Duration {
	late := make([]time.Duration, 51)
	for i := range late {
		// Lengths that are no whole milliseconds: the runtime rounds those up.
		length := time.Duration(i+1) * 37 * time.Microsecond
		start := time.Now()
		time.Sleep(length)
		late[i] = time.Since(start) - length
	}
	slices.Sort(late)
	return late[len(late)/2]
}

func null(ctx context.Context, length time.Duration) (Null, error) {
	w, err := workload(units.Rate{Count: 1, Per: time.Second})
	if err != nil {
		return Null{}, err
	}
	source := runner.Closed(w.Requests(), 1, 0, 0, length, 0)
	run, u, err := measureNoop(ctx, w, source, length, results.Real)
	if err != nil || run.Offered == 0 {
		return Null{}, err
	}
	return Null{
		Requests: run.Offered, PerRequest: u.Wall / time.Duration(run.Offered),
		AllocsPerRequest: float64(u.Allocs) / float64(run.Offered),
	}, nil
}

func pace(ctx context.Context, rate units.Rate, plain bool, length time.Duration) (Pacing, error) {
	w, err := workload(rate)
	if err != nil {
		return Pacing{}, err
	}
	t := results.Real
	if plain {
		t = results.Bubble
	}
	run, u, err := measureNoop(ctx, w, runner.Open(w.Schedule(length), 0), length, t)
	if err != nil {
		return Pacing{}, err
	}
	p := Pacing{Rate: rate, Plain: plain, Offered: run.Outcomes["ok"], Due: uint64(rate.PerSecond() * length.Seconds())}
	if delay := run.Latency.SendDelay["ok"]; delay != nil {
		p.P50, p.P99, p.CPUShare = time.Duration(delay.P50NS), time.Duration(delay.P99NS), float64(u.CPU)/float64(u.Wall)
	}
	return p, nil
}

func workload(rate units.Rate) (*generators.Workload, error) {
	process, err := generators.NewConstant(generators.ConstantConfig{Rate: rate})
	if err != nil {
		return nil, err
	}
	keys, err := generators.NewZipf(generators.ZipfConfig{Exponent: 1.1, N: 10_000})
	if err != nil {
		return nil, err
	}
	return generators.NewWorkload(1, []generators.Stream{{Process: process, Keys: keys}})
}

// measureNoop runs one trial on the null target.
func measureNoop(ctx context.Context, w *generators.Workload, source runner.Source, length time.Duration, t results.Time) (*results.Run, hostinfo.Usage, error) {
	target, err := targets.NewNoop(struct{}{})
	if err != nil {
		return nil, hostinfo.Usage{}, err
	}
	return measure(ctx, target, w, source, length, t)
}

// measure runs one trial.
func measure(ctx context.Context, target targets.Target, w *generators.Workload, source runner.Source, length time.Duration, t results.Time) (*results.Run, hostinfo.Usage, error) {
	o := results.Options{Window: length, Keys: w.KeyCount()}
	shard := results.NewShard(o)
	meter := hostinfo.NewMeter(time.Now)
	report, err := runner.Run(ctx, runner.Trial{
		Source: func(int, int) runner.Source { return source }, Target: target, Window: length, Drain: time.Second,
		Timeout: []time.Duration{time.Second}, MaxInFlight: 64, Time: t, Meter: meter,
		Record: func(int) runner.Recorder { return shard },
	})
	if err = errors.Join(err, context.Cause(ctx)); err != nil { // of half an examination nothing is told
		return nil, hostinfo.Usage{}, err
	}
	measured, err := results.Merge(o, shard)
	if err != nil {
		return nil, hostinfo.Usage{}, err
	}
	run := new(results.Run)
	measured.Fill(run, report.Measured)
	return run, meter.Usage(), nil
}
