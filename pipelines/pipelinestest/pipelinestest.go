// Package pipelinestest has what the tests of both drivers of pipelines drive: they hold
// package live and package sim to the same.
package pipelinestest

import (
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/control"
)

// Pupil is a policy that notes what it is told of service, as "when took".
type Pupil struct {
	pipelines.Policy
	Told []string
}

// Served implements [pipelines.Learner].
func (p *Pupil) Served(now, took time.Duration) {
	p.Told = append(p.Told, fmt.Sprint(now, " ", took))
}

// Script is a controller that commands one thing at each of some steps, by their
// instants.
type Script map[time.Duration]control.Command

// Step implements [control.Controller].
func (s Script) Step(now time.Duration, _ *control.Signals) []control.Command {
	if c, ok := s[now]; ok {
		return []control.Command{c}
	}
	return nil
}

// Every makes the control of it, which has a step each period and may leave one worker.
func (s Script) Every(period time.Duration) func() (*control.Control, error) {
	settings := control.DefaultSettings()
	settings.Period, settings.LeastWorkers = units.Duration(period), 1
	return func() (*control.Control, error) { return &control.Control{Controller: s, Settings: settings}, nil }
}

// Limited makes a limiter before the first queue, of so many a second.
func Limited(rate int64) func() (limiters.Limiter, error) {
	return func() (limiters.Limiter, error) {
		return limiters.NewTokenBucket(limiters.Limit{Rate: rate, Period: time.Second, Burst: 1}.Config())
	}
}
