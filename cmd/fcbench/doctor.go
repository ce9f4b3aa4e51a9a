package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/fcbench/fcbench/internal/doctor"
	"github.com/fcbench/fcbench/internal/units"
)

func newDoctor(s streams) *cobra.Command {
	var length string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say whether this machine is fit to measure on",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d, err := units.ParseDuration(length)
			if err != nil || d <= 0 {
				return usage(fmt.Errorf("--duration is %q; want a positive duration such as 1s", length))
			}
			return examine(c.Context(), s.out, d.Std())
		},
	}
	c.Flags().StringVarP(&length, "duration", "d", "1s", "length of each measurement")
	return c
}

func examine(ctx context.Context, w io.Writer, length time.Duration) error {
	f, err := doctor.Examine(ctx, length)
	if err != nil {
		return err
	}
	h := f.Host
	fmt.Fprintf(w, "machine       %s, %d cores (%.3g usable), %s %s, clock source %s\n", h.CPU, h.Cores, h.UsableCores(), h.OS, h.Kernel, h.Clock)
	fmt.Fprintf(w, "cpu quota     %s, throttled %v during the examination\n", quotaWords(h.QuotaCores), f.Throttled)
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
	return verdict(w, f)
}

func quotaWords(cores float64) string {
	if cores == 0 {
		return "none"
	}
	return fmt.Sprintf("%.3g cores", cores)
}

// verdict names what makes the machine unfit, if anything does.
func verdict(w io.Writer, f doctor.Findings) error {
	var bad []string
	if f.Host.ClockRead > 200 {
		bad = append(bad, fmt.Sprintf("a clock reading costs %.0f ns, which hides what nanosecond-scale limiters cost", f.Host.ClockRead))
	}
	if f.Throttled > 0 {
		bad = append(bad, fmt.Sprintf("the CPU quota throttled the generator for %v", f.Throttled))
	}
	for _, p := range f.Pacing {
		if !p.Plain && p.P99 > time.Millisecond {
			bad = append(bad, fmt.Sprintf("at %v the send delay's p99 is %v: other load keeps the generator from its core", p.Rate, p.P99.Round(time.Microsecond)))
		}
	}
	for _, b := range bad {
		fmt.Fprintf(w, "unfit         %s\n", b)
	}
	if len(bad) > 0 {
		return fail(exitInvalid, "this machine is not fit to measure on right now")
	}
	_, err := fmt.Fprintln(w, "fit           to measure on")
	return err
}
