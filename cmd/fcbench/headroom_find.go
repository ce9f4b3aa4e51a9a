package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/headroom"
)

// headroomFound is all that was found, as --json prints it.
type headroomFound struct {
	Schema   string             `json:"schema"`
	Traffic  *observedTraffic   `json:"traffic,omitempty"`
	Capacity *headroomCapacity  `json:"capacity,omitempty"`
	Ratio    *headroom.Interval `json:"ratio,omitempty"` // over the peak
	Growth   float64            `json:"growth_per_week,omitempty"`
	Weeks    *headroom.Interval `json:"weeks,omitempty"`
	Use      float64            `json:"utilisation"`
	Needed   *headroom.Needed   `json:"instances_needed,omitempty"`
	NotTold  string             `json:"instances_not_told,omitempty"` // why
	Cost     *headroomCost      `json:"cost,omitempty"`
	Scale    *headroomScale     `json:"scale,omitempty"`

	never bool // no number of instances suffices
}

// observedTraffic is the traffic, and where that is from.
type observedTraffic struct {
	Source string `json:"source"`
	headroom.Traffic
	Warnings []string `json:"warnings,omitempty"` // why there may have been more
	Infos    []string `json:"infos,omitempty"`
}

// headroomCapacity is what all instances take together.
type headroomCapacity struct {
	Source     string            `json:"source"`
	Confidence float64           `json:"confidence,omitempty"`
	Instances  int               `json:"instances"`
	PerSecond  headroom.Interval `json:"per_s"`
	Strategy   capacity.Strategy `json:"strategy,omitempty"` // of the search
}

// headroomCost is what requests cost.
type headroomCost struct {
	Currency   string            `json:"currency"`
	PerHour    float64           `json:"per_instance_hour"`
	Instances  int               `json:"instances"`
	PerMillion headroom.Interval `json:"per_million"`
}

// find answers what was asked for. All that is wrong with the files is said at once.
func (o *headroomOptions) find(ctx context.Context, a askedHeadroom) (f headroomFound, err error) {
	f = headroomFound{Schema: "fcbench.headroom/v1", Growth: a.growth, Use: a.use}
	one, err := o.one(ctx, a)
	curve, problem := o.curve(ctx, a)
	err = errors.Join(err, problem)
	f.Traffic, problem = o.observed(ctx)
	err = errors.Join(err, problem)
	price, problem := o.priceOf()
	if err = errors.Join(err, problem); err != nil {
		return f, err
	}
	var supply headroom.Supply
	if one != nil {
		supply = headroom.Linear(one.PerSecond)
	}
	if curve != nil {
		scaled := headroom.Scaled{Curve: curve}
		if one != nil {
			scaled.One = &one.PerSecond
		}
		supply, f.Scale = scaled, scaleOf(curve)
	}
	if f.Capacity, err = o.together(one, supply); err != nil {
		return f, err
	}
	f.compare(supply)
	return f, f.spend(price, supply)
}

// together is what the instances take that there are; nil where nobody asked.
func (o *headroomOptions) together(one *headroomCapacity, supply headroom.Supply) (*headroomCapacity, error) {
	if one == nil && !o.flags.Changed("instances") {
		return nil, nil
	}
	takes, err := supply.At(o.instances)
	if err != nil {
		return nil, usage(fmt.Errorf("--instances: %w", err))
	}
	c := headroomCapacity{Source: strings.Join(o.scale, ", ")}
	if one != nil {
		c = *one
	}
	c.Instances, c.PerSecond = o.instances, takes
	return &c, nil
}

// compare answers what needs traffic.
func (f *headroomFound) compare(supply headroom.Supply) {
	if f.Traffic == nil {
		return
	}
	if f.Capacity != nil {
		ratio := headroom.Ratio(f.Capacity.PerSecond, f.Traffic.Peak)
		f.Ratio = &ratio
		if f.Growth > 0 {
			weeks := headroom.Weeks(ratio, f.Growth)
			f.Weeks = &weeks
		}
	}
	needed, err := supply.Needed(f.Traffic.Peak, f.Use)
	if err != nil {
		f.NotTold, f.never = err.Error(), errors.Is(err, headroom.ErrNever)
		return
	}
	f.Needed = &needed
}

// spend prices the instances that there are, or else those that are needed.
func (f *headroomFound) spend(price *headroom.Price, supply headroom.Supply) error {
	if price == nil {
		return nil
	}
	c := headroomCost{Currency: price.Currency, PerHour: price.Sum()}
	var takes headroom.Interval
	switch {
	case f.Capacity != nil:
		c.Instances, takes = f.Capacity.Instances, f.Capacity.PerSecond
	case f.Needed != nil:
		c.Instances = f.Needed.High
		var err error
		if takes, err = supply.At(c.Instances); err != nil {
			return err
		}
	default:
		return nil // f.NotTold says why
	}
	c.PerMillion = headroom.PerMillion(takes, float64(c.Instances)*c.PerHour, f.Use)
	f.Cost = &c
	return nil
}

// one is what one instance takes: by a search, or as it was given; nil by neither.
func (o *headroomOptions) one(ctx context.Context, a askedHeadroom) (*headroomCapacity, error) {
	if o.trials == "" {
		if a.capacity.Low == 0 {
			return nil, nil
		}
		return &headroomCapacity{Source: "--capacity", PerSecond: a.capacity}, nil
	}
	p, answer, err := searchedCapacity(ctx, o.trials)
	if err != nil {
		return nil, err
	}
	c := &headroomCapacity{Source: o.trials, Confidence: p.Confidence, PerSecond: headroom.Interval{Low: answer.Low, High: answer.High}, Strategy: answer.Strategy}
	if answer.Strategy == capacity.MLRsearch { // whose bounds have none
		c.Confidence = 0
	}
	if answer.Verdict == capacity.AtLeast {
		c.Confidence, c.PerSecond.High = 0, math.Inf(1)
	}
	return c, nil
}

// searchedCapacity is what a search found, of which there is an interval.
func searchedCapacity(ctx context.Context, path string) (capacity.Plan, capacity.Answer, error) {
	j, a, err := replayed(ctx, path)
	switch {
	case err != nil:
		return capacity.Plan{}, a, err
	case j.Plan.Over != "rate":
		return j.Plan, a, usage(fmt.Errorf("%s is of a search over %s; want one over the rate", path, j.Plan.Over))
	case a.Verdict != capacity.Capacity && a.Verdict != capacity.AtLeast:
		return j.Plan, a, fail(verdictCodes[a.Verdict], "%s ended with %s, which says no capacity; want a search that ended with CAPACITY, or --capacity%s", path, a.Verdict, allTheSame(a))
	}
	return j.Plan, a, nil
}

// allTheSame is how to go by an interval that was not narrow enough.
func allTheSame(a capacity.Answer) string {
	if a.Low <= 0 || a.High <= a.Low {
		return ""
	}
	return fmt.Sprintf(" %.6g/s..%.6g/s to go by what it found all the same", a.Low, a.High)
}

// curve is what several numbers of instances take; nil where nobody asked.
func (o *headroomOptions) curve(ctx context.Context, a askedHeadroom) (*headroom.Curve, error) {
	if !o.flags.Changed("scale") {
		return nil, nil
	}
	all, err := o.measured(ctx, a)
	if err != nil {
		return nil, err
	}
	curve, err := headroom.NewCurve(all, a.confidence, o.seed)
	return curve, usage(err)
}

// measured reads a CSV, or a file of trials for every number of instances.
func (o *headroomOptions) measured(ctx context.Context, a askedHeadroom) (all []headroom.Measured, err error) {
	for _, text := range o.scale {
		count, file, ok := strings.Cut(text, "=")
		n, bad := strconv.Atoi(count)
		switch {
		case !ok && len(o.scale) == 1:
			all, err = readNamed(text, headroom.ReadScale)
			return all, usage(err)
		case !ok || bad != nil || n < 1:
			err = errors.Join(err, usage(fmt.Errorf("--scale is %q; want one CSV, or N=TRIALS for every number of instances N", text)))
			continue
		}
		p, found, problem := searchedCapacity(ctx, file)
		switch {
		case problem != nil:
			err = errors.Join(err, problem)
		case found.Verdict != capacity.Capacity:
			err = errors.Join(err, usage(fmt.Errorf("%s ended with %s, which has no upper end; want CAPACITY for --scale", file, found.Verdict)))
		case found.Strategy == capacity.MLRsearch:
			err = errors.Join(err, usage(fmt.Errorf("%s has the bounds of mlrsearch, which are no confidence interval; want a search by --strategy guarded for --scale", file)))
		case p.Confidence != a.confidence:
			err = errors.Join(err, usage(fmt.Errorf("%s is of intervals of %.4g %%; want --confidence %.4g%%", file, 100*p.Confidence, 100*p.Confidence)))
		}
		all = append(all, headroom.Measured{Instances: n, Capacity: found.Value, Low: found.Low, High: found.High})
	}
	return all, err
}

// observed is the traffic; nil where nobody asked.
func (o *headroomOptions) observed(ctx context.Context) (*observedTraffic, error) {
	if o.flags.Changed("prometheus") {
		return o.prometheus.observed(ctx)
	}
	if !o.flags.Changed("traffic") {
		return nil, nil
	}
	t, err := readNamed(o.traffic, func(r io.Reader) (headroom.Traffic, error) { return headroom.ReadTraffic(r, o.columns) })
	return &observedTraffic{Source: o.traffic, Traffic: t}, trafficFailure(err)
}

// trafficFailure is an error of the command line, or, where there is no traffic, of no data.
func trafficFailure(err error) error {
	if errors.Is(err, headroom.ErrNoTraffic) {
		return failure{exitNoData, err}
	}
	return usage(err)
}

// priceOf reads the prices; nil where nobody asked.
func (o *headroomOptions) priceOf() (*headroom.Price, error) {
	if !o.flags.Changed("price") {
		return nil, nil
	}
	src, err := os.ReadFile(o.price)
	if err != nil {
		return nil, usage(err)
	}
	p, err := headroom.ReadPrice(o.price, src)
	return &p, usage(err)
}

// readNamed opens a file, and names it where it is wrong, in front of every line.
func readNamed[T any](path string, parse func(io.Reader) (T, error)) (v T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return v, err
	}
	defer func() { _ = f.Close() }()
	v, err = parse(f)
	return v, nameEach(path, err)
}

// nameEach puts a name in front of every error of several.
func nameEach(name string, err error) error {
	var all []error
	for _, leaf := range leaves(err) {
		all = append(all, fmt.Errorf("%s: %w", name, leaf))
	}
	return errors.Join(all...)
}

// verdict is the error that has the exit code of what was found.
func (f headroomFound) verdict(onInvalid string) (err error) {
	if f.Traffic != nil && len(f.Traffic.Warnings) > 0 && onInvalid != "warn" {
		err = fail(exitInvalid, "traffic is not all there is: %s (--on-invalid=warn to go on)", strings.Join(f.Traffic.Warnings, "; "))
	}
	if f.Scale != nil && f.Scale.superlinear {
		err = errors.Join(err, fail(exitInvalid, "--scale: %s", f.Scale.Why))
	}
	if f.Ratio != nil && f.Ratio.Low < 1 {
		err = errors.Join(err, fail(exitMissed, "headroom is %.3g times the peak by the lower end of the capacity; want at least 1", f.Ratio.Low))
	}
	code := exitInconclusive
	if f.never {
		code = exitMissed
	}
	if f.NotTold != "" && (f.Scale == nil || !f.Scale.superlinear) {
		err = errors.Join(err, fail(code, "instances needed: %s", f.NotTold))
	}
	return err
}
