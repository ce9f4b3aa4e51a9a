package external

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// An answer is a decision, or why there is none.
type answer struct {
	limiters.Decision
	refusal string
	decided bool // allowed was said, one way or the other
}

// readAnswer reads the line that answers a request. What it does not say is unknown.
func readAnswer(line []byte) (answer, error) {
	a := answer{Decision: limiters.Decision{
		At: limiters.Unknown, RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1,
	}}
	err := members(line, a.member)
	if err == nil {
		err = a.complete()
	}
	if err != nil {
		return answer{}, fmt.Errorf("answer is %s: %v", brief(line), err)
	}
	return a, nil
}

func (a *answer) member(name, value []byte) (err error) {
	switch string(name) {
	case "allowed":
		a.decided = true
		return readBool(value, &a.Allowed)
	case "retry_after_ns":
		return readWhole(value, &a.RetryAfter)
	case "remaining":
		return readWhole(value, &a.Remaining)
	case "reset_after_ns":
		return readWhole(value, &a.ResetAfter)
	case "delay_ns":
		return readWhole(value, &a.Delay)
	case "at_ns":
		return readWhole(value, &a.At)
	case "error":
		return readRefusal(value, &a.refusal)
	}
	return errUnknown
}

// complete checks what no member alone can be wrong about.
func (a *answer) complete() error {
	switch {
	case a.decided && a.refusal != "":
		return errors.New("allowed stands beside error; want one of them")
	case !a.decided && a.refusal == "":
		return errors.New("allowed is missing; want true or false")
	case a.Allowed && a.RetryAfter > 0:
		return errors.New("retry_after_ns stands beside allowed: true; want 0 or none")
	case !a.Allowed && a.Delay > 0:
		return errors.New("delay_ns stands beside allowed: false; want 0 or none")
	}
	if a.Allowed {
		a.RetryAfter = 0
	}
	return nil
}

// readRefusal reads why there is no answer, which must not be empty: an error
// without a word would look like none.
func readRefusal(value []byte, into *string) (err error) {
	*into, err = readText(value)
	if err == nil && *into == "" {
		err = errors.New("a reason")
	}
	return err
}

// refusal is what a program says that it cannot do, and why.
type refusal struct{ what, why string }

func (r refusal) Error() string { return r.what + ": " + brief(r.why) }

// Is makes it an [errors.ErrUnsupported].
func (r refusal) Is(target error) bool { return target == errors.ErrUnsupported }

// hello is what a program says of itself.
type hello struct {
	limiters.Info
	protocol string
	refusal  string
}

// readHello reads the program's first line and returns info with what it says.
func readHello(line []byte, info limiters.Info) (limiters.Info, error) {
	h := hello{Info: info}
	err := members(line, h.member)
	switch {
	case err != nil:
	case h.refusal != "":
		return info, refusal{"it cannot do that", h.refusal}
	case h.protocol == "":
		err = fmt.Errorf("hello is missing; want %q", protocol)
	case h.Windows != "" && info.Limit.Burst > 0:
		return info, fmt.Errorf("its windows begin at its %s; want none of %s, which has none", h.Windows, info.Algorithm)
	case h.Algorithm != info.Algorithm:
		return info, fmt.Errorf("its algorithm is %s; want %s, or the other in the configuration", brief(h.Algorithm), info.Algorithm)
	}
	if err != nil {
		return info, fmt.Errorf("hello is %s: %v", brief(line), err)
	}
	return h.Info, nil
}

func (h *hello) member(name, value []byte) (err error) {
	switch string(name) {
	case "hello":
		h.protocol, err = readText(value)
		if err == nil && h.protocol != protocol {
			err = fmt.Errorf("%q", protocol)
		}
		return err
	case "algorithm":
		h.Algorithm, err = readText(value)
		return err
	case "version":
		h.Version, err = readText(value)
		return err
	case "time":
		h.TimeSource, err = readTime(value)
		return err
	case "unkeyed":
		return readBool(value, &h.Unkeyed)
	case "unweighted":
		return readBool(value, &h.Unweighted)
	case "windows":
		h.Windows, err = readWindows(value)
		return err
	case "resolution_ns":
		return readWhole(value, &h.Resolution)
	case "lacks":
		h.Lacks, err = readTexts(value)
		return err
	case "error":
		return readRefusal(value, &h.refusal)
	}
	return errUnknown
}

// readTime reads by which time a program decides. A clock of its own is one that
// nothing here can move.
func readTime(value []byte) (string, error) {
	switch string(value) {
	case `"argument"`:
		return limiters.TimeArgument, nil
	case `"clock"`:
		return limiters.TimeWallClock, nil
	}
	return "", errors.New(`"argument" or "clock"`)
}

// readWindows reads where windows begin.
func readWindows(value []byte) (string, error) {
	text, err := readText(value)
	if err != nil || !slices.Contains([]string{limiters.FromStart, limiters.FromEpoch, limiters.FromFirst}, text) {
		return "", errors.New(`"start", "epoch" or "first"`)
	}
	return text, nil
}

// helloWithin is how long a program may take to start and say hello. A virtual
// machine takes seconds.
const helloWithin = 10 * time.Second
