package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// verdicts are what every status there can be means.
type verdicts [1000]verdict

// verdict is an outcome and, of those but ok, the cause.
type verdict struct {
	outcome results.Outcome
	cause   string
}

// judge says what a status means.
func (v *verdicts) judge(code int, r *targets.Response) {
	r.Status, r.Outcome, r.Cause = uint16(code), v[code].outcome, v[code].cause
}

// said is where a status was put: by nobody, by default, by a hundred or by itself.
type said uint8

const (
	unsaid said = iota
	byDefault
	byHundred
	bySelf
)

// newVerdicts reads which statuses are ok and which are refusals; all others are
// failures. A status by itself goes before one of a hundred, such as 4xx, and that
// before what holds without either: 2xx and 3xx are ok, 429 and 503 refusals, which
// no hundred takes from them.
func newVerdicts(ok, rejected strictyaml.Texts) (*verdicts, error) {
	all, how := new(verdicts), new([1000]said)
	for code := range all {
		all[code] = verdict{results.Failed, "status " + strconv.Itoa(code)}
	}
	put := func(code int, o results.Outcome, by said) (taken bool) {
		if how[code] >= by {
			return how[code] == by && all[code].outcome != o
		}
		cause := ""
		if o == results.Rejected {
			cause = strconv.Itoa(code)
		}
		all[code], how[code] = verdict{o, cause}, by
		return false
	}
	err := errors.Join(putStatuses("ok", ok, results.OK, put), putStatuses("rejected", rejected, results.Rejected, put))
	if ok == nil {
		for code := http.StatusOK; code < http.StatusBadRequest; code++ {
			put(code, results.OK, byDefault)
		}
	}
	if rejected == nil {
		for _, code := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			if how[code] != bySelf {
				how[code] = unsaid
			}
			put(code, results.Rejected, byDefault)
		}
	}
	if ok != nil && len(ok) == 0 {
		err = errors.Join(err, errors.New("ok is empty; want a status at least, such as 2xx, or the default, [2xx, 3xx]"))
	}
	return all, err
}

// putStatuses puts every status of a list.
func putStatuses(what string, list strictyaml.Texts, o results.Outcome, put func(int, results.Outcome, said) bool) error {
	var errs []error
	seen := map[string]bool{}
	for _, text := range list {
		first, last, ok := statuses(text)
		by := bySelf
		if first != last {
			by = byHundred
		}
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s has %q; want a status from 200 to 999, such as 404, or a hundred of them, such as 2xx", what, text))
			continue
		case seen[text]:
			errs = append(errs, fmt.Errorf("%s has %s twice; want it once", what, text))
			continue
		}
		seen[text] = true
		for code := first; code <= last; code++ {
			if put(code, o, by) {
				errs = append(errs, fmt.Errorf("rejected has %s, and so has ok; want it in one of them", text))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// statuses reads "404" or "4xx": the first and the last there are of it.
func statuses(text string) (first, last int, ok bool) {
	if len(text) != 3 || text[0] < '2' || text[0] > '9' {
		return 0, 0, false
	}
	if text[1:] == "xx" {
		first = 100 * int(text[0]-'0')
		return first, first + 99, true
	}
	code, err := strconv.ParseUint(text, 10, 16)
	return int(code), int(code), err == nil
}
