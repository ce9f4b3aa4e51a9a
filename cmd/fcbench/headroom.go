package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/headroom"
	"github.com/fcbench/fcbench/internal/units"
)

// headroomOptions are the flags of headroom.
type headroomOptions struct {
	flags      *pflag.FlagSet
	trials     string
	capacity   string
	instances  int
	traffic    string
	columns    headroom.Columns
	prometheus prometheusOptions
	growth     string
	use        string
	price      string
	scale      []string
	confidence string
	seed       uint64
	onInvalid  string
	json       bool
	outputs    []string
}

func newHeadroom(s streams) *cobra.Command {
	o := &headroomOptions{}
	c := &cobra.Command{
		Use:   "headroom [TRIALS]",
		Short: "Compare a capacity with observed traffic: how long it suffices, on how many instances, at what price",
		Long: `Headroom compares what an instance takes with traffic that was observed: how many times
its peak that is, for how many weeks of growth it suffices, how many instances the peak
needs and what a million requests cost, each by both ends of the capacity's interval.
Nothing is sent to the target. What an instance takes is the interval that capacity
found, whose file of trials is TRIALS, or --capacity.

--traffic is CSV whose first line names its columns: time (instants, or seconds), and
either rate (requests per second) or count (requests from that time to the next).
--prometheus asks a server for it. The peak is the highest of the intervals.

--scale is CSV with the columns instances, capacity (of all of them together, per second)
and, if it is known, the interval lo,hi; or N=TRIALS for every number of instances. Through
six numbers and more goes the universal scalability law, with a band, as far as twice
the largest number. Where more instances take more each there is no law (exit status 12).

Headroom below 1 by the lower end, or more instances that take less, end with exit status
10, no number of instances that is sure to suffice with 11, and no traffic with 13.`,
		Example: `  fcbench headroom trials.jsonl --traffic peak.csv --growth 3%/week --price prices.yaml
  fcbench headroom --capacity 5400/s..5560/s --prometheus http://127.0.0.1:9090 --query 'sum(rate(http_requests_total[1m]))'
  fcbench headroom --scale scale.csv --traffic peak.csv -o markdown=headroom.md -o csv=headroom.csv
  fcbench headroom --scale 1=one.jsonl --scale 2=two.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.trials = args[0]
			}
			return o.run(c.Context(), s)
		},
	}
	o.declare(c.Flags())
	return c
}

// declare adds the flags.
func (o *headroomOptions) declare(f *pflag.FlagSet) {
	o.flags = f
	f.StringVar(&o.capacity, "capacity", "", "what one instance takes, such as 5480/s or 5400/s..5560/s, in the place of a file of trials")
	f.IntVar(&o.instances, "instances", 1, "instances that serve the traffic now")
	f.StringVar(&o.traffic, "traffic", "", "CSV of what was observed")
	f.StringVar(&o.columns.Time, "time-column", "", "column of --traffic with the time (default time, t or timestamp)")
	f.StringVar(&o.columns.Rate, "rate-column", "", "column of --traffic in requests per second (default rate or rps)")
	f.StringVar(&o.columns.Count, "count-column", "", "column of --traffic with requests from each time to the next (default count or requests)")
	o.prometheus.declare(f)
	f.StringVar(&o.growth, "growth", "", "how much the traffic grows, compounded, such as 3%/week or 20%/year")
	f.StringVar(&o.use, "utilisation", "70%", "how much of its capacity an instance is to be used at most")
	f.StringVar(&o.price, "price", "", "YAML of what an instance costs: currency, and per_hour by what is paid for")
	f.StringArrayVar(&o.scale, "scale", nil, "CSV of what several numbers of instances take together, or N=TRIALS (repeatable)")
	f.StringVar(&o.confidence, "confidence", "95%", "confidence of the band of --scale, and of the intervals in its CSV")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the band of --scale")
	f.StringVar(&o.onInvalid, "on-invalid", "fail", "what traffic that a server warned about does to the exit code: fail (12) or warn")
	f.BoolVar(&o.json, "json", false, "what was found as JSON, as -o json")
	addOutputsOf(f, &o.outputs, headroomFormats(), "what was found")
}

// askedHeadroom is what the flags ask for.
type askedHeadroom struct {
	capacity   headroom.Interval
	growth     float64
	use        float64
	confidence float64
}

// check reads the flags and says all that is wrong with them.
func (o *headroomOptions) check() (a askedHeadroom, err error) {
	wrong := func(is bool, format string, args ...any) {
		if is {
			err = errors.Join(err, fmt.Errorf(format, args...))
		}
	}
	given := o.flags.Changed
	one, observed, scale := o.trials != "" || given("capacity"), given("traffic") || given("prometheus"), given("scale")
	wrong(!one && !scale, "capacity is missing; want a file of trials, --capacity or --scale")
	wrong(o.trials != "" && given("capacity"), "--capacity stands beside a file of trials; want one of the two")
	wrong(given("traffic") && given("prometheus"), "--traffic stands beside --prometheus; want one of the two")
	wrong(one && !observed && !given("price") && !scale, "traffic is missing; want --traffic or --prometheus, or --price alone")
	wrong(o.instances < 1, "--instances is %d; want at least 1", o.instances)
	wrong(given("growth") && !observed, "--growth has no effect here; want it with --traffic or --prometheus")
	wrong(given("growth") && !one && !given("instances"), "--growth has no effect here; want --instances, or a file of trials or --capacity")
	wrong(given("utilisation") && !observed && !given("price"), "--utilisation has no effect here; want it with --traffic, --prometheus or --price")
	wrong(given("price") && !one && !observed && !given("instances"), "--price has no effect here; want --instances or --traffic beside --scale")
	wrong(given("on-invalid") && !given("prometheus"), "--on-invalid has no effect here; want it with --prometheus")
	wrong(o.onInvalid != "fail" && o.onInvalid != "warn", "--on-invalid is %q; want fail or warn", o.onInvalid)
	for _, flag := range []string{"confidence", "seed"} {
		wrong(given(flag) && !scale, "--%s has no effect here; want it with --scale", flag)
	}
	for _, flag := range []string{"time-column", "rate-column", "count-column"} {
		wrong(given(flag) && !given("traffic"), "--%s has no effect here; want it with --traffic", flag)
	}
	wrong(o.columns.Rate != "" && o.columns.Count != "", "--rate-column stands beside --count-column; want one of the two")
	err = errors.Join(err, o.prometheus.check(o.flags), o.read(&a))
	return a, err
}

// read reads the values of the flags.
func (o *headroomOptions) read(a *askedHeadroom) (err error) {
	var problem error
	if o.flags.Changed("capacity") {
		a.capacity, problem = intervalOf(o.capacity)
		err = errors.Join(err, problem)
	}
	if o.flags.Changed("growth") {
		if a.growth, problem = headroom.ParseGrowth(o.growth); problem != nil {
			err = errors.Join(err, fmt.Errorf("--%w", problem))
		}
	}
	a.use = 1
	if o.use != "100%" && o.use != "1" {
		a.use, problem = percentOf("--utilisation", o.use)
		err = errors.Join(err, problem)
	}
	a.confidence, problem = percentOf("--confidence", o.confidence)
	if problem == nil && !(a.confidence >= 0.5 && a.confidence <= 0.999) {
		problem = fmt.Errorf("--confidence is %q; want 50%% to 99.9%%", o.confidence)
	}
	return errors.Join(err, problem)
}

// intervalOf reads a rate, or two with dots between them.
func intervalOf(text string) (headroom.Interval, error) {
	low, high, two := strings.Cut(text, "..")
	if !two {
		high = low
	}
	from, err := units.ParseRate(low)
	to, problem := units.ParseRate(high)
	i := headroom.Interval{Low: from.PerSecond(), High: to.PerSecond()}
	if err == nil && problem == nil && i.Low > 0 && i.Low <= i.High && !to.Unlimited {
		return i, nil
	}
	return i, fmt.Errorf("--capacity is %q; want a rate such as 5480/s, or the lower and the upper end of its interval, such as 5400/s..5560/s", text)
}

// run answers.
func (o *headroomOptions) run(ctx context.Context, s streams) error {
	a, err := o.check()
	specs := o.outputs
	if o.json {
		specs = append(specs, "json")
	}
	outputs, problem := parseOutputsOf(specs, headroomFormats(), o.reads()...)
	if err = errors.Join(err, problem); err != nil {
		return usage(err)
	}
	found, err := o.find(ctx, a)
	if err != nil {
		return err
	}
	return errors.Join(writeAll(s, withTable(outputs, headroomFormats()), found), found.verdict(o.onInvalid))
}

// reads is the files that an answer is found from.
func (o *headroomOptions) reads() []string {
	all := []string{o.trials, o.traffic, o.price}
	for _, text := range o.scale {
		_, file, numbered := strings.Cut(text, "=")
		if !numbered {
			file = text
		}
		all = append(all, file)
	}
	return all
}
