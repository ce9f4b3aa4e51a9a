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
