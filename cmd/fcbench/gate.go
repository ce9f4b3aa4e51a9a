package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/gating"
)

// gateOptions are the flags of gate.
type gateOptions struct {
	plan, lock     bool
	seed           uint64
	attempt        int
	verdict        string
	redis          string
	profile        string
	outputs        []string
	onInconclusive string
	onInvalid      string
	quiet          bool

	seedGiven bool
	before    *ci.Verdict // what stood in the file of the verdict; nil for none
}

func newGate(s streams) *cobra.Command {
	o := &gateOptions{}
	c := &cobra.Command{
		Use:   "gate POLICY",
		Short: "Judge whether a change made something slower or less right",
		Long: `Gate runs both sides of a policy in pairs, in random order, and decides every claim
by exact statistics; or, of a policy without sides, holds runs in virtual time
against the values of its lockfile. See docs/gating.md.

The verdict is always written to --verdict, also when something fails, and
` + "`fcbench verdict`" + ` raises its code again: 0 pass or improved, 10 regressed,
11 inconclusive, 12 invalid (the machine or the comparison is at fault), 13 nothing
to judge.`,
		Example: `  fcbench gate ci/gate.yaml --plan
  fcbench gate ci/gate.yaml
  fcbench gate ci/gate.yaml --lock
  fcbench gate ci/gate.yaml -o markdown=comment.md -o junit=gate.xml`,
		Args: func(c *cobra.Command, args []string) error {
			err := cobra.ExactArgs(1)(c, args)
			if err != nil {
				err = errors.Join(err, o.forget(err))
			}
			return err
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.seedGiven = c.Flags().Changed("seed")
			return o.run(c.Context(), s, args[0])
		},
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		err = badFlag(c, err)
		return errors.Join(err, o.forget(err))
	})
	f := c.Flags()
	f.BoolVar(&o.plan, "plan", false, "print what would be run and what it can find, and run nothing")
	f.BoolVar(&o.lock, "lock", false, "write the lockfile: which claims there have to be, and their exact values")
	f.Uint64Var(&o.seed, "seed", 0, "seed of the order within pairs (default: the policy's)")
	f.IntVar(&o.attempt, "attempt", 1, "how often these sides were compared, this time included; each time has half the chance of error of the one before")
	f.StringVar(&o.verdict, "verdict", "verdict.json", "file that the verdict is written to")
	f.StringVar(&o.redis, "redis", "", "Redis to use, host:port, socket path or URL (default: one of fcbench's own)")
	f.StringVar(&o.profile, "profile", "", "directory for CPU profiles of both sides, where something regressed, and name the functions that grew")
	addOutputsOf(f, &o.outputs, ci.Formats(), "format")
	f.StringVar(&o.onInconclusive, "on-inconclusive", "fail", "what an inconclusive verdict does to the exit code: fail (11) or warn")
	f.StringVar(&o.onInvalid, "on-invalid", "fail", "what an invalid verdict does to the exit code: fail (12) or warn")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "nothing on stderr but what is wrong")
	return c
}

// run leaves a verdict behind whatever happens: from the start on one that says that
// there is none yet, so that the file of an earlier gate is never taken for this one's.
func (o *gateOptions) run(ctx context.Context, s streams, file string) error {
	began := time.Now()
	if err := o.check(file); err != nil {
		return errors.Join(err, o.disown(file, began, err))
	}
	o.before, _ = ci.ReadVerdict(o.verdict) // without one the plan says what is not known
	if !o.plan && !o.lock {
		v := o.none(file, began, exitNoData, "the gate was not finished: it runs still, or was killed")
		v.Finished = false
		if err := v.Save(o.verdict); err != nil {
			return fmt.Errorf("the verdict cannot be written: %w", err)
		}
	}
	v, err := o.judge(ctx, s, file, began)
	if o.plan || o.lock {
		return err
	}
	switch {
	case v == nil:
		v = o.none(file, began, exitCode(err), err.Error())
	case err != nil:
		broke(v, err, err)
	}
	v.TookNS = int64(time.Since(began))
	wrong := o.write(s, v, err)
	if err = errors.Join(err, wrong); wrong != nil {
		broke(v, err, wrong)
	}
	return errors.Join(err, v.Save(o.verdict), o.verdictError(v, err))
}

func (o *gateOptions) check(file string) error {
	err := checkLeniency(o.onInconclusive, o.onInvalid)
	if o.attempt < 1 {
		err = errors.Join(err, fmt.Errorf("--attempt is %d; want 1 or more", o.attempt))
	}
	err = errors.Join(err, o.ownVerdict(file))
	if o.plan && o.lock {
		err = errors.Join(err, errors.New("--plan stands beside --lock; want one of the two"))
	}
	_, outputErr := parseOutputsOf(o.outputs, ci.Formats(), file, o.verdict)
	return usage(errors.Join(err, outputErr))
}

// judge carries the policy out. The verdict is nil where there is only an error.
func (o *gateOptions) judge(ctx context.Context, s streams, file string, began time.Time) (v *ci.Verdict, err error) {
	j, err := o.read(file, began)
	if err != nil {
		return nil, err
	}
	return v, j.prepared(ctx, s, func(ctx context.Context, g *gating.Gate) (err error) {
		switch {
		case o.plan:
			return g.Plan(j.Case, o.before).Write(s.out)
		case o.lock:
			return j.writeLock(ctx, s, g)
		}
		if !j.Policy.Single() && !o.quiet { // which takes its time
			if err := g.Plan(j.Case, o.before).Write(s.err); err != nil {
				return err
			}
		}
		if v, err = j.judge(ctx, g); err == nil && o.profile != "" {
			j.profile(ctx, g, v, o.profile)
		}
		return err
	})
}

// read reads the policy and what it names.
func (o *gateOptions) read(file string, began time.Time) (*judgement, error) {
	p, err := ci.ReadPolicy(file)
	if err != nil {
		return nil, usage(err)
	}
	if o.seedGiven {
		p.Seed = o.seed
	}
	switch {
	case o.profile == "":
	case p.Capacity != nil:
		return nil, usage(errors.New("--profile stands beside capacity, of which many short trials are made; want it left out"))
	case p.Single():
		return nil, usage(errors.New("--profile stands beside virtual time, in which nothing is slower; want it left out"))
	}
	j := &judgement{Case: ci.Case{Policy: p, Attempt: o.attempt, Now: began}, redis: o.redis, writes: o.writes(file), quiet: o.quiet}
	if p.Capacity != nil {
		j.trials = strings.TrimSuffix(o.verdict, filepath.Ext(o.verdict)) + ".trials"
		j.writes = append(j.writes, j.trials)
	}
	if j.Lock, err = o.readLock(p); err != nil {
		return nil, err
	}
	if p.Accepted != "" {
		if j.Accepted, err = ci.ReadAcceptances(p.Path(p.Accepted)); err != nil {
			return nil, usage(err)
		}
	}
	return j, nil
}

// readLock reads the lockfile, which only --lock and --plan can do without.
func (o *gateOptions) readLock(p *ci.Policy) (*ci.Lockfile, error) {
	lock, err := ci.ReadLockfile(p.LockPath())
	switch {
	case err == nil:
		return lock, nil
	case errors.Is(err, fs.ErrNotExist) && (o.lock || o.plan):
		return &ci.Lockfile{}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, failure{exitNoData, err}
	case o.lock:
		return &ci.Lockfile{}, nil
	}
	return nil, usage(err)
}

func (o *gateOptions) write(s streams, v *ci.Verdict, err error) error {
	outputs, _ := parseOutputsOf(o.outputs, ci.Formats(), v.Policy, o.verdict) // which were checked before
	if err == nil {
		outputs = withTable(outputs, ci.Formats())
	}
	return writeAll(s, outputs, v)
}

// writes is the files that the gate writes.
func (o *gateOptions) writes(policy string) []string {
	all := []string{o.verdict}
	if o.profile != "" {
		all = append(all, o.profile)
	}
	outputs, _ := parseOutputsOf(o.outputs, ci.Formats(), policy, o.verdict) // which were checked before
	for _, out := range outputs {
		if out.path != "-" {
			all = append(all, out.path)
		}
	}
	return all
}
