package main

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/gating"
)

// bisectOptions are the flags of bisect.
type bisectOptions struct {
	good, bad string
	claim     string
	redis     string
}

func newBisect(s streams) *cobra.Command {
	o := &bisectOptions{}
	c := &cobra.Command{
		Use:   "bisect POLICY --good REF --bad REF",
		Short: "Find the first commit that made a claim of a gate regress",
		Long: `Bisect judges commits between a good and a bad one, as gate does, each against the
good one: side b of the policy names what is built, its ref is not looked at.
First the bad one, which has to regress; then the one in the middle of what is left.

A commit that does not build, or of which a gate does not know, is stepped over and
stays a suspect. It ends with 0 where one commit is left, and with 11 where several
are. Each gate has a chance of error of its own.`,
		Example: `  fcbench bisect ci/latency.yaml --good v1.2.0 --bad main
  fcbench bisect ci/latency.yaml --good v1.2.0 --bad main --claim 'limiters/BenchmarkAllow/gcra/ns/op'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.good, "good", "", "revision that is known to be good")
	f.StringVar(&o.bad, "bad", "HEAD", "revision that is known to be bad, and came from the good one")
	f.StringVar(&o.claim, "claim", "", "claim to go by (default: of those that regressed the one that did most)")
	f.StringVar(&o.redis, "redis", "", "Redis to use, host:port, socket path or URL (default: one of fcbench's own)")
	return c
}

func (o *bisectOptions) run(ctx context.Context, s streams, file string) error {
	ctx, stop := signal.NotifyContext(ctx, ending[:]...)
	defer stop()
	if o.good == "" {
		return usage(errors.New("--good is missing; want the revision that is known to be good"))
	}
	p, err := ci.ReadPolicy(file)
	if err != nil {
		return usage(err)
	}
	if _, err := p.Between(o.good, o.bad); err != nil {
		return usage(err)
	}
	good, commits, err := gating.Commits(ctx, file, o.good, o.bad)
	if err != nil {
		return gateFailure(ctx, err)
	}
	fmt.Fprintf(s.out, "%d commits after %s\n", len(commits), good)
	return o.between(ctx, s, p, good, commits)
}

// between looks for the first of the commits that is worse than good.
func (o *bisectOptions) between(ctx context.Context, s streams, p *ci.Policy, good gating.Commit, commits []gating.Commit) error {
	v, err := o.judge(ctx, s, p, good, commits[len(commits)-1])
	if err != nil {
		return err
	}
	claim, err := o.worst(v)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "claim %s\n%s: %s\n", claim, commits[len(commits)-1], said(v, claim))
	b := newBisection(len(commits))
	from, to, err := b.run(ctx, func(i int) (found, error) {
		v, err := o.judge(ctx, s, p, good, commits[i])
		if err != nil && (ctx.Err() != nil || exitCode(err) == exitInterrupted) {
			return unknown, err
		}
		is, text := unknown, ""
		if err != nil {
			text, _, _ = strings.Cut(err.Error(), "\n")
		} else {
			is, text = isWorse(v, claim), said(v, claim)
		}
		fmt.Fprintf(s.out, "%s: %s\n", commits[i], text)
		return is, nil
	})
	if err == nil && ctx.Err() != nil {
		err = fail(exitInterrupted, "interrupted")
	}
	return errors.Join(err, o.conclude(s, p, commits[from:to+1], b.steps+1, err == nil))
}

// conclude says which commits are left.
func (o *bisectOptions) conclude(s streams, p *ci.Policy, left []gating.Commit, gates int, ended bool) error {
	chance := fmt.Sprintf("by %d gates, each with a chance of error of %g%%", gates, 100*p.Alpha)
	if len(left) == 1 {
		fmt.Fprintf(s.out, "first that regresses, %s:\n  %s\n", chance, left[0])
		return nil
	}
	fmt.Fprintf(s.out, "the first that regresses is one of these %d, %s:\n", len(left), chance)
	for _, c := range left {
		fmt.Fprintf(s.out, "  %s\n", c)
	}
	if !ended {
		return nil
	}
	return fail(exitInconclusive, "of %d commits it is not known; want more pairs, or --good and --bad closer to them", len(left))
}

// judge is the verdict of a commit against the good one.
func (o *bisectOptions) judge(ctx context.Context, s streams, p *ci.Policy, good, commit gating.Commit) (v *ci.Verdict, err error) {
	q, err := p.Between(good.Hash, commit.Hash)
	if err != nil {
		return nil, usage(err)
	}
	j := &judgement{Case: ci.Case{Policy: q, Attempt: 1, Now: time.Now()}, redis: o.redis, quiet: true}
	s.say("judging " + commit.String())
	if j.Lock, err = ci.ReadLockfile(p.LockPath()); err != nil {
		return nil, usage(err)
	}
	err = j.prepared(ctx, s, func(ctx context.Context, g *gating.Gate) (err error) {
		v, err = j.judge(ctx, g)
		return err
	})
	return v, err
}

// worst is the claim to go by.
func (o *bisectOptions) worst(v *ci.Verdict) (claim string, err error) {
	size := -1.0
	for _, f := range v.Claims {
		switch by := max(f.Change, -f.Change); {
		case o.claim != "" && f.ID == o.claim && f.Verdict != ci.Regressed:
			return "", fail(max(f.Verdict.Code(), exitInconclusive), "claim %s of the bad commit is %s, and not REGRESSED: there is nothing to look for", f.ID, f.Verdict)
		case o.claim != "" && f.ID == o.claim, o.claim == "" && f.Gated && f.Verdict == ci.Regressed && by > size:
			claim, size = f.ID, by
		}
	}
	switch {
	case claim != "" && v.Verdict != ci.Invalid:
		return claim, nil
	case o.claim != "" && claim == "":
		var known []string
		for _, f := range v.Claims {
			known = append(known, f.ID)
		}
		return "", usage(fmt.Errorf("--claim is %q; want one of %s", o.claim, strings.Join(known, ", ")))
	}
	why := strings.Join(append([]string{v.Headline()}, v.Reasons...), "; ")
	return "", fail(max(v.Verdict.Code(), exitInconclusive), "the bad commit is not proved worse than the good one, and there is nothing to look for: %s", why)
}

func isWorse(v *ci.Verdict, claim string) found {
	f := claimOf(v, claim)
	switch {
	case f == nil || v.Verdict == ci.Invalid:
		return unknown
	case f.Verdict == ci.Regressed:
		return worse
	case f.Verdict == ci.Pass || f.Verdict == ci.Improved:
		return fine
	}
	return unknown
}

func claimOf(v *ci.Verdict, claim string) *ci.Finding {
	i := slices.IndexFunc(v.Claims, func(f ci.Finding) bool { return f.ID == claim })
	if i < 0 {
		return nil
	}
	return &v.Claims[i]
}

// said is what a gate says of the claim.
func said(v *ci.Verdict, claim string) string {
	f := claimOf(v, claim)
	switch {
	case f == nil:
		return "it has no such claim"
	case v.Verdict == ci.Invalid:
		return strings.Join(append([]string{string(v.Verdict)}, v.Reasons...), "; ")
	case f.N == 0:
		return fmt.Sprintf("%s: %s", f.Verdict, f.Reason)
	}
	return fmt.Sprintf("%s %s %s", f.Verdict, f.Text(f.Change), f.Interval())
}
