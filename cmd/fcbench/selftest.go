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
	parts := []selfTested{&capacityTest{}, &simulation{}}
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Put fcbench's own judgement to the test, where the truth is known",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			asked := false
			for _, p := range parts {
				err, asked = errors.Join(err, p.check(c.Flags())), asked || p.asked()
			}
			if err == nil && !asked {
				err = errors.New("selftest tests nothing; want --capacity or --simulate")
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
