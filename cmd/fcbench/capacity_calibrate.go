package main

import (
	"fmt"
	"io"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
)

// announceCalibration says that a search begins with one.
func announceCalibration(w io.Writer, p capacity.Plan) {
	if p.Calibration > 0 {
		fmt.Fprintf(w, "calibrate the generator first, for about %v, with a target that does nothing\n", p.Calibration)
	}
}

// tellCalibration prints what one found, and what of the plan is beyond it.
func tellCalibration(w io.Writer, p capacity.Plan, o capacity.Observation) {
	c := o.Calibration
	if c == nil {
		fmt.Fprintf(w, "calibrated not: %s\n", o.Invalid)
		return
	}
	fmt.Fprintf(w, "calibrated %s, lag p99 %v", calibratedMax(*c), lag(c.Lag))
	if c.Missed > 0 {
		fmt.Fprintf(w, ", and not %.0f (%s)", c.Missed, c.Why)
	}
	fmt.Fprintf(w, ", %s\n", c.Words())
	if usable := capacity.Usable * c.Most; c.Missed > 0 && p.Most > usable {
		fmt.Fprintf(w, "calibrated for less than the highest value, %.6g: a target that takes %.0f, %.3g %% of that, is GENERATOR-LIMITED\n", p.Most, usable, 100*capacity.Usable)
	}
}

// calibratedMax is the highest rate that the generator kept up with, as far as it was found.
func calibratedMax(c capacity.Calibration) string {
	switch {
	case c.Most == 0:
		return fmt.Sprintf("below %.0f", c.Missed)
	case c.Missed == 0:
		return fmt.Sprintf("at least %.0f", c.Most)
	}
	return fmt.Sprintf("%.0f", c.Most)
}

// writeGenerator prints how much of what the generator can a search used.
func writeGenerator(w io.Writer, g *capacity.Generator) {
	if g == nil {
		return
	}
	share := ""
	switch {
	case g.Share > 0 && g.Missed == 0:
		share = fmt.Sprintf("at most %.3g %% of ", 100*g.Share)
	case g.Share > 0:
		share = fmt.Sprintf("%.3g %% of ", 100*g.Share)
	}
	fmt.Fprintf(w, "  generator  %scalibrated max (%s, %s)", share, calibratedMax(g.Calibration), g.Words())
	if g.TrialLag != nil {
		fmt.Fprintf(w, ", lag p99 %v", lag(time.Duration(*g.TrialLag)))
	}
	fmt.Fprintln(w)
}

// lag is a send delay to the microsecond.
func lag(d time.Duration) time.Duration { return d.Round(time.Microsecond) }
