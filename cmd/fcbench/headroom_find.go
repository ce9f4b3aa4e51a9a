package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/headroom"
)

// headroomFound is all that was found, as JSON has it.
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
