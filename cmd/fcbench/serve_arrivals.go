package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/gateway"
	"github.com/fcbench/fcbench/internal/gateway/arrivals"
	"github.com/fcbench/fcbench/internal/units"
)

// arrivalStats serves nothing but answers, and says how punctually requests came.
func (o *serveOptions) arrivalStats(ctx context.Context, s streams, file string) error {
	perSecond, err := o.arrivalRate(file)
	if err != nil {
		return usage(err)
	}
	l, err := net.Listen("tcp", o.listen())
	if err != nil {
		return fmt.Errorf("--listen %s: %w", o.listen(), err)
	}
	ctx, stop := interruptible(ctx, s.err, func() {})
	defer stop()
	if _, err := fmt.Fprintf(s.out, "serving on http://%s\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	found, err := arrivals.Serve(ctx, l.(*net.TCPListener), perSecond)
	if err == nil || found.Arrivals > 0 {
		found.Print(s.out)
	}
	return err
}

// arrivalRate is the rate of the grid, of flags that go together.
func (o *serveOptions) arrivalRate(file string) (perSecond float64, err error) {
	o.flags.Visit(func(f *pflag.Flag) {
		if f.Name != "arrival-stats" && f.Name != "listen" {
			err = errors.Join(err, fmt.Errorf("--%s stands beside --arrival-stats, which serves bare answers; want it left out", f.Name))
		}
	})
	if file != "" {
		err = errors.Join(err, fmt.Errorf("%s stands beside --arrival-stats, which serves bare answers; want it left out", file))
	}
	rate, bad := units.ParseRate(o.arrivals)
	switch {
	case bad != nil:
		err = errors.Join(err, fmt.Errorf("--arrival-stats: %w", bad))
	case rate.Unlimited || rate.Count == 0:
		err = errors.Join(err, fmt.Errorf("--arrival-stats is %v; want the rate that requests are sent at, such as 10k/s", rate))
	}
	if o.flags.Changed("listen") {
		if bad := gateway.CheckListen(o.listen()); bad != nil {
			err = errors.Join(err, fmt.Errorf("--listen: %w", bad))
		}
	}
	return float64(rate.Count) / max(rate.Per, 1).Seconds(), err
}

// listen is the address to listen on.
func (o *serveOptions) listen() string {
	if text := o.flags.Lookup("listen").Value.String(); text != "" || o.flags.Changed("listen") {
		return text
	}
	return gateway.DefaultListen
}
