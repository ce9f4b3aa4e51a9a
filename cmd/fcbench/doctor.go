package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/doctor"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

func newDoctor(s streams) *cobra.Command {
	var length string
	self := &selfTest{}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say whether this machine is fit to measure on",
		Long: `Doctor measures what this machine can be used to measure. With --self-test it
measures the verdict that fcbench gives on its own runs: each rule is provoked, in
so many short runs, and it is counted how often the verdict says so; and in how
many runs it says so where nothing was wrong. It takes a quarter of an hour, and counts
for something on a machine that does nothing else.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d, err := units.ParseDuration(length)
			if err != nil || d.Std() < doctor.Shortest {
				return usage(fmt.Errorf("--duration is %q; want at least %v, such as 1s: in less there is too little to say anything of", length, doctor.Shortest))
			}
			if err := self.check(c.Flags()); err != nil {
				return usage(err)
			}
			if self.asked {
				return self.run(c.Context(), s, d.Std())
			}
			return examine(c.Context(), s.out, d.Std())
		},
	}
	c.Flags().StringVarP(&length, "duration", "d", "1s", "length of each measurement")
	self.addFlags(c.Flags())
	return c
}

func examine(ctx context.Context, w io.Writer, length time.Duration) error {
	f, err := doctor.Examine(ctx, length)
	if err != nil {
		return err
	}
	h := f.Host
	fmt.Fprintf(w, "machine       %s, %d cores (%.3g usable), %s %s, clock source %s\n", h.CPU, h.Cores, h.UsableCores(), h.OS, h.Kernel, h.Clock)
	fmt.Fprintf(w, "cpu quota     %s, throttled %v during the examination\n", quotaWords(h), f.Throttled)
	fmt.Fprintf(w, "clock         %.1f ns a reading\n", h.ClockRead)
	fmt.Fprintf(w, "time.Sleep    wakes %v late (median)\n", f.Oversleep.Round(time.Microsecond))
	fmt.Fprintf(w, "null target   %v a request, %.1f clock readings, %.4f allocations\n", f.Null.PerRequest,
		float64(f.Null.PerRequest)/h.ClockRead, f.Null.AllocsPerRequest)
	fmt.Fprintf(w, "pacing        send delay on the null target\n")
	for _, p := range f.Pacing {
		name := "fcbench"
		if p.Plain {
			name = "time.Sleep"
		}
		fmt.Fprintf(w, "  %8s  %-10s  p50 %9v  p99 %9v  %5.1f %% of a core  %d of %d sent\n", p.Rate, name,
			p.P50.Round(10*time.Nanosecond), p.P99.Round(10*time.Nanosecond), 100*p.CPUShare, p.Offered, p.Due)
	}
	printReceive(w, f.Receive)
	return verdict(w, f)
}

func printReceive(w io.Writer, r doctor.Receive) {
	if !r.Known {
		fmt.Fprintln(w, "answers       how late they are taken is not known: this system does not tell when they arrive")
		return
	}
	fmt.Fprintln(w, "answers       of a service on loopback, taken after they had arrived")
	fmt.Fprintf(w, "  %8s  %-10s  p50 %9v  p99 %9v  max %9v  %d taken\n", r.Rate, "fcbench",
		r.P50.Round(10*time.Nanosecond), r.P99.Round(10*time.Nanosecond), r.Max.Round(10*time.Nanosecond), r.Answers)
	fmt.Fprintf(w, "  %8s  %-10s  p50 %9v  p99 %9v\n", "", "a thread",
		r.ThreadP50.Round(10*time.Nanosecond), r.ThreadP99.Round(10*time.Nanosecond))
}

func quotaWords(h results.Environment) string {
	switch {
	case h.QuotaCores > 0:
		return fmt.Sprintf("%.3g cores", h.QuotaCores)
	case h.QuotaWhy != "":
		return "unknown: " + h.QuotaWhy
	}
	return "none"
}

// verdict names what makes the machine unfit, if anything does.
func verdict(w io.Writer, f doctor.Findings) error {
	bad := f.Unfit()
	for _, b := range bad {
		fmt.Fprintf(w, "unfit         %s\n", b)
	}
	if len(bad) > 0 {
		return fail(exitInvalid, "this machine is not fit to measure on right now")
	}
	_, err := fmt.Fprintln(w, "fit           to measure on")
	return err
}
