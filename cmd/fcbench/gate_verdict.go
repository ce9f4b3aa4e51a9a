package main

import (
	"fmt"
	"os"
	"time"

	"github.com/fcbench/fcbench/ci"
)

// none is the verdict of a gate that came to none.
func (o *gateOptions) none(file string, began time.Time, code int, why string) *ci.Verdict {
	v := &ci.Verdict{Policy: file, Gate: file, Verdict: ci.NoData, ExitCode: code, Finished: true, Started: began.UTC(), Attempt: o.attempt, Reasons: []string{why}}
	if code == exitInvalid {
		v.Verdict = ci.Invalid
	}
	return v
}

// broke notes in a verdict that the gate itself did not end well: the file has the code
// that the program ends with, and passes nothing. all is everything that went wrong.
func broke(v *ci.Verdict, all, what error) {
	if v.ExitCode = exitCode(all); v.Verdict.Code() == exitPass {
		v.Verdict = ci.NoData
	}
	v.Reasons = append(v.Reasons, what.Error())
}

// disown replaces the verdict of an earlier gate where this one cannot begin. The error
// is that it could not be replaced.
func (o *gateOptions) disown(file string, began time.Time, why error) error {
	if o.plan || o.lock || o.ownVerdict(file) != nil {
		return nil
	}
	return o.none(file, began, exitCode(why), why.Error()).Save(o.verdict)
}

// forget does the same where the command line itself cannot be read, of which what came
// after the mistake is not known: only what is a verdict is replaced.
func (o *gateOptions) forget(why error) error {
	if _, err := ci.ReadVerdict(o.verdict); err != nil {
		return nil
	}
	return o.disown("", time.Now(), usage(why))
}

// ownVerdict is an error where the verdict would be written to stdout or over the policy, or
// take the place of what is no file.
func (o *gateOptions) ownVerdict(file string) error {
	info, err := os.Stat(o.verdict)
	if err == nil && !info.Mode().IsRegular() || sameFile(o.verdict, file) || o.verdict == "" || orStdout(o.verdict) == "-" {
		return fmt.Errorf("--verdict is %q; want a file of its own", o.verdict)
	}
	return nil
}

// verdictError is the error by which a verdict becomes the exit code.
func (o *gateOptions) verdictError(v *ci.Verdict, err error) error {
	if err != nil {
		return nil // which says enough
	}
	return verdictFailure(v, o.onInconclusive, o.onInvalid)
}
