package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/gating"
	"github.com/fcbench/fcbench/internal/seed"
)

// gatesOfAKind is how many gates of each kind a self-test has, unless told otherwise.
const gatesOfAKind = 20

// liveTest are the flags of selftest about gates on this machine: of side a of a policy
// against itself, and against itself slowed on purpose, in turn.
type liveTest struct {
	policy string
	gates  int // of each kind
	inject string
	record string
	redis  string
	json   bool

	slower float64
}

func (o *liveTest) asked() bool { return o.policy != "" }

func (o *liveTest) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.inject, "inject", "15%", "share by which every answer of side b takes longer on purpose in every second gate of a POLICY; 0% for none")
	f.StringVar(&o.record, "record", "selftest.jsonl", "file that each gate of a POLICY is appended to as it ends; the same command goes on with it")
	f.StringVar(&o.redis, "redis", "", "Redis of a POLICY, host:port, socket path or URL (default: one of fcbench's own)")
}

func (o *liveTest) check(f *pflag.FlagSet) (err error) {
	o.policy, o.gates = f.Arg(0), gatesOfAKind
	if f.NArg() > 0 && o.policy == "" {
		err = errors.New(`POLICY is ""; want a file such as ci/selftest-limiter.yaml`)
	}
	for _, name := range []string{"inject", "record", "redis"} {
		if f.Changed(name) && o.policy == "" {
			err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with a POLICY", name))
		}
	}
	if f.Changed("gates") {
		o.gates, _ = f.GetInt("gates")
	}
	o.json, _ = f.GetBool("json")
	share, bad := strconv.ParseFloat(strings.TrimSuffix(o.inject, "%"), 64)
	if bad != nil || !strings.HasSuffix(o.inject, "%") || !(share >= 0 && share <= 100) {
		err = errors.Join(err, fmt.Errorf("--inject is %q; want a share such as 15%%, up to 100%%", o.inject))
	}
	o.slower = share / 100
	if orStdout(o.record) == "-" || o.record == "" {
		err = errors.Join(err, fmt.Errorf("--record is %q; want a file", o.record))
	}
	return err
}

func (o *liveTest) run(ctx context.Context, s streams) error {
	ctx, stop := signal.NotifyContext(ctx, ending[:]...)
	defer stop()
	p, err := ci.ReadItself(o.policy)
	if err != nil {
		return usage(err)
	}
	if p.A == nil || p.Virtual {
		return usage(fmt.Errorf("%s has no side a in real time; want one, as in virtual time there is no noise to take for a change", o.policy))
	}
	plan, lock, err := o.plan(ctx, s, p)
	if err != nil {
		return err
	}
	kept, err := openSelfRecord(o.record, plan, s.say)
	if err != nil {
		return err
	}
	err = errors.Join(o.gatesOf(ctx, s, p, lock, kept), kept.close())
	c := newCertificate(plan, kept.gates)
	if len(kept.gates) > 0 {
		err = errors.Join(err, c.print(s.out, o.json))
	}
	if ctx.Err() != nil {
		return fail(exitInterrupted, "interrupted after %d of %d gates, which are in %s: the same command goes on", len(kept.gates), o.wanted(), o.record)
	}
	if err == nil {
		err = c.missed()
	}
	return err
}

// wanted is how many gates there are to be.
func (o *liveTest) wanted() int {
	if o.slower == 0 {
		return o.gates
	}
	return 2 * o.gates
}

// plan prepares the gate once, to know what exactly is tested, and which claims there are.
func (o *liveTest) plan(ctx context.Context, s streams, p *ci.Policy) (plan selfPlan, lock *ci.Lockfile, err error) {
	j := o.judgement(*p, o.slower)
	err = j.prepared(ctx, s, func(ctx context.Context, g *gating.Gate) (err error) {
		if plan, err = newSelfPlan(p, g, o.slower); err == nil {
			lock, err = j.lock(ctx, g)
		}
		return err
	})
	return plan, lock, err
}

// judgement is of side a against itself.
func (o *liveTest) judgement(p ci.Policy, slower float64) *judgement {
	return &judgement{
		Case: ci.Case{Policy: &p, Attempt: 1, Now: time.Now()}, redis: o.redis, writes: []string{o.record}, quiet: true,
		itself: true, slower: slower,
	}
}

// gatesOf makes the gates that are still to be made, one of each kind in turn.
func (o *liveTest) gatesOf(ctx context.Context, s streams, p *ci.Policy, lock *ci.Lockfile, kept *selfRecord) error {
	for {
		slower, more := o.next(kept.gates)
		if !more || ctx.Err() != nil {
			return nil
		}
		n := len(kept.gates)
		one := *p
		one.Seed = seed.New(p.Seed).Sub("selftest").Uint64(uint64(n))
		j := o.judgement(one, slower)
		j.Lock = lock
		var v *ci.Verdict
		err := j.prepared(ctx, s, func(ctx context.Context, g *gating.Gate) (err error) {
			v, err = j.judge(ctx, g)
			return err
		})
		if err != nil || ctx.Err() != nil {
			return err
		}
		tested := newTestedGate(v, slower, time.Since(j.Now))
		if err := kept.append(tested); err != nil {
			return err
		}
		s.say(fmt.Sprintf("gate %d of %d, %s: %s", n+1, o.wanted(), tested.kind(), tested.text()))
	}
}

// next is the kind of the next gate: that of which there are fewer.
func (o *liveTest) next(done []testedGate) (slower float64, more bool) {
	same, injected := countKinds(done)
	switch {
	case o.slower > 0 && injected < same && injected < o.gates:
		return o.slower, true
	case same < o.gates:
		return 0, true
	}
	return o.slower, o.slower > 0 && injected < o.gates
}
