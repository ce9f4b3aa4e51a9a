package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fcbench/fcbench/internal/capacity"
	"github.com/fcbench/fcbench/internal/formats"
	"github.com/fcbench/fcbench/results/report"
)

// estimatesFound is what a gate found of one side, as --json prints it.
type estimatesFound struct {
	Side      string            `json:"side"`
	Found     capacity.Answer   `json:"found"`
	Estimates []capacity.Answer `json:"estimates"`
}

// replayEstimates prints what a gate found of a side, computed again.
func replayEstimates(ctx context.Context, s streams, path string, j *capacity.Journal, asJSON bool) error {
	found, all, err := j.Estimates(ctx)
	over := errors.Is(err, capacity.ErrOver)
	if err != nil && !over {
		return usage(fmt.Errorf("%s: %w", path, err))
	}
	f := estimatesFound{j.Side, found, append([]capacity.Answer{}, all...)}
	if asJSON {
		_ = formats.JSON(s.out, f) // stdout remembers
	} else {
		f.print(s.out)
	}
	switch code := verdictCodes[found.Verdict]; {
	case over:
		return fail(exitNoData, "%s: %v, after %d of them", path, err, j.Trials())
	case code != exitPass:
		return fail(code, "%s", found.Verdict)
	}
	return nil
}

func (f estimatesFound) print(w io.Writer) {
	fmt.Fprintln(w, report.Plain(f.Side))
	if f.Found.Verdict == capacity.Capacity {
		fmt.Fprintf(w, "  found      near %.6g, between %.6g and %.6g, by %d trials\n", f.Found.Value, f.Found.Low, f.Found.High, f.Found.Trials)
	} else if f.Found.Verdict != "" {
		fmt.Fprintf(w, "  found      %s: %s\n", f.Found.Verdict, strings.Join(f.Found.Reasons, "; "))
	}
	for i, a := range f.Estimates {
		if a.Verdict == capacity.Capacity {
			fmt.Fprintf(w, "  estimate   %d: %.6g\n", i+1, a.Value)
		} else {
			fmt.Fprintf(w, "  estimate   %d: %s: %s\n", i+1, a.Verdict, strings.Join(a.Reasons, "; "))
		}
	}
}
