package main

import (
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/ci"
)

// checkLeniency checks the flags that turn exit codes into 0.
func checkLeniency(onInconclusive, onInvalid string) (err error) {
	for _, flag := range []struct{ name, value string }{{"on-inconclusive", onInconclusive}, {"on-invalid", onInvalid}} {
		if flag.value != "fail" && flag.value != "warn" {
			err = errors.Join(err, fmt.Errorf("--%s is %q; want fail or warn", flag.name, flag.value))
		}
	}
	return err
}

// verdictFailure is nil for what passes, or may by the flags. To let pass what is
// invalid is to go by the claims that could be judged all the same: one that is proved
// worse still fails, and so does a gate that judged nothing or did not finish.
func verdictFailure(v *ci.Verdict, onInconclusive, onInvalid string) error {
	outcome, code := v.Verdict, v.ExitCode
	if code == exitInvalid && v.Finished && onInvalid == "warn" {
		outcome = v.WithoutInvalid()
		code = outcome.Code()
	}
	if code == exitPass || code == exitInconclusive && v.Finished && onInconclusive == "warn" {
		return nil
	}
	return fail(code, "verdict is %s", outcome)
}
