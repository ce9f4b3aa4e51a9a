package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// selfTested is one of the things that selftest can put to the test.
type selfTested interface {
	addFlags(f *pflag.FlagSet)
	asked() bool
	check(f *pflag.FlagSet) error
	run(ctx context.Context, s streams) error
}

func newSelftest(s streams) *cobra.Command {
	parts := []selfTested{&capacityTest{}, &simulation{}, &liveTest{}}
	c := &cobra.Command{
		Use:   "selftest [POLICY]",
		Short: "Put fcbench's own judgement to the test, where the truth is known",
		Long: `Selftest judges what the truth is known of, and counts how often it is right.

Of a POLICY it makes gates as gate does, on this machine: side a against itself, where
any regression is a false alarm, and in turn side a against itself with every answer
slowed on purpose, which has to be found. Each gate is appended to --record as it
ends, and the same command goes on with that. It ends with 10 after a false alarm, or
where fewer than 19 of 20 are found.`,
		Example: `  fcbench selftest ci/selftest-limiter.yaml --record limiter.jsonl
  fcbench selftest --simulate
  fcbench selftest --capacity`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			asked := false
			for _, p := range parts {
				err, asked = errors.Join(err, p.check(c.Flags())), asked || p.asked()
			}
			if err == nil && !asked {
				err = errors.New("selftest tests nothing; want a POLICY, --capacity or --simulate")
			}
			if err != nil {
				return usage(err)
			}
			for _, p := range parts {
				if p.asked() {
					err = errors.Join(err, p.run(c.Context(), s))
				}
			}
			return err
		},
	}
	for _, p := range parts {
		p.addFlags(c.Flags())
	}
	return c
}
