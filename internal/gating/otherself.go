package gating

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/results"
)

// otherself measures in another build of fcbench: each run is a child of its own.
type otherself struct {
	inWorld // which says what there is to be measured
	built   built
	files   []string // of the scenario of each job
	scratch string
}

func (o *otherself) words() string { return "fcbench of " + o.built.words }

func (o *otherself) identity() string {
	return o.built.identity(o.side.FCBench.Pkg) + o.inWorld.identity()
}

func (o *otherself) prepare(ctx context.Context) (all []subject, err error) {
	if o.built, err = o.gate.build(ctx, o.side.FCBench); err != nil {
		return nil, err
	}
	if all, err = o.inWorld.prepare(ctx); err != nil {
		return nil, err
	}
	if o.scratch, err = o.gate.shared.scratch(); err != nil {
		return nil, err
	}
	return all, o.writeScenarios()
}

// writeScenarios writes one for each job, with its subject alone.
func (o *otherself) writeScenarios() error {
	for i, j := range o.jobs {
		file := filepath.Join(o.scratch, fmt.Sprintf("scenario-%d.yaml", i)) // JSON is YAML
		if err := os.WriteFile(file, j.plan.Scenario.Alone(j.place), 0o600); err != nil {
			return err
		}
		o.files = append(o.files, file)
	}
	return nil
}

func (o *otherself) measure(ctx context.Context, i int, t turn) (map[subject]ci.Measured, error) {
	return o.child(ctx, i, t)
}

// child has the other build make one run, and reads its line back.
func (o *otherself) child(ctx context.Context, i int, t turn, more ...string) (map[subject]ci.Measured, error) {
	var run *results.Run
	err := o.jobs[i].within(ctx, own(o.side), func(ctx context.Context) (err error) {
		run, err = o.run(ctx, o.files[i], t.number, more...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return map[subject]ci.Measured{{run.Scenario, run.Trial, run.Schedule.Digest}: {Run: run}}, nil
}

// run is that of a file with one subject.
func (o *otherself) run(ctx context.Context, file string, number uint64, more ...string) (*results.Run, error) {
	if err := o.built.anew(ctx); err != nil {
		return nil, err
	}
	lines := filepath.Join(o.scratch, fmt.Sprintf("run-%d.jsonl", number))
	args := append([]string{"run", file, "--on-invalid", "warn", "-q", "-o", lines}, more...)
	if o.gate.policy.Virtual {
		args = append(args, "--virtual")
	}
	if redis := o.gate.world.GivenRedis(); redis != "" {
		args = append(args, "--redis", redis)
	}
	if _, err := command(ctx, "", nil, o.built.binary, args...); err != nil {
		return nil, fmt.Errorf("%s: %w", o.words(), err)
	}
	f, err := os.Open(lines)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.words(), err)
	}
	defer f.Close()
	runs, err := results.ReadRuns(f, lines)
	if err != nil || len(runs) != 1 {
		return nil, fmt.Errorf("%s wrote %d runs (%v); want one", o.words(), len(runs), err)
	}
	return &runs[0], os.Remove(lines)
}
