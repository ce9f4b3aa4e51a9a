package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// CheckConfig is what an answer whose status is ok must be besides.
type CheckConfig struct {
	Status strictyaml.Texts `yaml:"status,omitempty"` // has one of these statuses, such as 200 or 2xx
	Body   *string          `yaml:"body"`             // contains this, byte by byte
	Size   *strictyaml.Node `yaml:"size"`             // has a body of so many bytes, or of {min, max}
}

// check is a CheckConfig that can be asked.
type check struct {
	statuses *[1000]bool // nil: any
	min, max uint64      // bytes of the body
	body     []byte
	borders  []int // of each beginning of body: the longest proper beginning that is its end too
}

// The causes of answers that are not what was wanted, in the order of being asked.
const (
	wrongStatus = "check status"
	wrongSize   = "check size"
	wrongBody   = "check body"
)

// newCheck reads a config for requests with a method; nil where there is none.
func newCheck(c *CheckConfig, method string, v *verdicts) (*check, error) {
	if c == nil {
		return nil, nil
	}
	out := &check{max: math.MaxUint64}
	errs := []error{out.wantStatus(c.Status, v), out.wantSize(c.Size), out.wantBody(c.Body)}
	if c.Status == nil && c.Body == nil && c.Size == nil {
		errs = append(errs, errors.New("check is empty; want status, body or size in it"))
	}
	if method == http.MethodHead && (out.body != nil || out.min > 0) {
		errs = append(errs, errors.New("check has body or size beside method HEAD, whose answers have no body; want status alone"))
	}
	return out, errors.Join(errs...)
}

// wantStatus refuses statuses that are no outcome ok: what is lost is not looked at.
func (k *check) wantStatus(list strictyaml.Texts, v *verdicts) error {
	if list == nil {
		return nil
	}
	k.statuses = new([1000]bool)
	errs := []error{putStatuses("check: status", list, results.OK, func(code int, _ results.Outcome, _ said) bool {
		k.statuses[code] = true
		return false
	})}
	if len(list) == 0 {
		errs = append(errs, errors.New("check: status is empty; want one at least, such as 200"))
	}
	for _, text := range list {
		first, last, valid := statuses(text)
		lost := 0
		for code := first; valid && code <= last && v[code].outcome != results.OK; code++ {
			lost++
		}
		if valid && lost == last-first+1 {
			errs = append(errs, fmt.Errorf("check: status has %s, which is %v before any check; want a status that is ok, or %s in the target's ok too", text, v[first].outcome, text))
		}
	}
	return errors.Join(errs...)
}

// wantSize reads a size, or the bounds of one.
func (k *check) wantSize(n *strictyaml.Node) error {
	if n == nil {
		return nil
	}
	var bounds struct {
		Min *units.Size `yaml:"min"`
		Max *units.Size `yaml:"max"`
	}
	if n.Kind() != strictyaml.Map {
		var size units.Size
		if err := strictyaml.Decode(n, &size).Err(); err != nil {
			return fmt.Errorf("check: size is %s; want bytes, such as 612 or 64KiB, or {min: 1, max: 64KiB}", n)
		}
		k.min, k.max = uint64(size), uint64(size)
		return nil
	}
	if err := strictyaml.Decode(n, &bounds).Err(); err != nil {
		return fmt.Errorf("check: size: %w", err)
	}
	if bounds.Min == nil && bounds.Max == nil {
		return errors.New("check: size has no bounds; want min, max or both")
	}
	if bounds.Min != nil {
		k.min = uint64(*bounds.Min)
	}
	if bounds.Max != nil {
		k.max = uint64(*bounds.Max)
	}
	if k.min > k.max {
		return fmt.Errorf("check: size has min %v above max %v; want it the other way round", *bounds.Min, *bounds.Max)
	}
	return nil
}

// longestPattern bounds what is searched for.
const longestPattern = 64 << 10

func (k *check) wantBody(text *string) error {
	switch {
	case text == nil:
		return nil
	case *text == "":
		return errors.New("check: body is empty, which every answer contains; want some text")
	case len(*text) > longestPattern:
		return fmt.Errorf("check: body has %d bytes; want at most %d", len(*text), longestPattern)
	case strings.Contains(*text, keyPlace):
		return errors.New("check: body holds {key}, which differs from request to request; want text that is in every answer")
	}
	k.body, k.borders = []byte(*text), borders(*text)
	return nil
}

// borders is the failure function of Knuth, Morris and Pratt.
func borders(text string) []int {
	all := make([]int, len(text))
	for i, n := 1, 0; i < len(text); i++ {
		for n > 0 && text[i] != text[n] {
			n = all[n-1]
		}
		if text[i] == text[n] {
			n++
		}
		all[i] = n
	}
	return all
}

// checking is what is known of an answer so far.
type checking struct {
	of       *check // nil: nothing is asked
	bodiless bool   // the answer has no body by the method of its request: only its status is asked
	size     uint64
	matched  int // so much of the text ends what was seen
	found    bool
}

// see takes the next part of the body.
func (c *checking) see(part []byte) {
	c.size += uint64(len(part))
	text := c.of.body
	if len(text) == 0 || c.found {
		return
	}
	i := 0
	for ; i < len(part) && c.matched > 0; i++ { // what began in the part before
		c.step(part[i])
		if c.found {
			return
		}
	}
	rest := part[i:]
	if c.matched > 0 {
		return
	}
	if len(rest) >= len(text) && bytes.Contains(rest, text) {
		c.found = true
		return
	}
	for _, b := range rest[max(0, len(rest)-len(text)+1):] {
		c.step(b)
	}
}

func (c *checking) step(b byte) {
	text := c.of.body
	for c.matched > 0 && text[c.matched] != b {
		c.matched = c.of.borders[c.matched-1]
	}
	if text[c.matched] == b {
		c.matched++
	}
	c.found = c.matched == len(text)
	if c.found {
		c.matched = 0
	}
}

// judge fails an answer that is not what was wanted.
func (c *checking) judge(status int, r *targets.Response) {
	if c.of == nil || r.Outcome != results.OK {
		return
	}
	k := c.of
	switch {
	case k.statuses != nil && !k.statuses[status]:
		r.Outcome, r.Cause = results.Failed, wrongStatus
	case c.bodiless:
	case c.size < k.min || c.size > k.max:
		r.Outcome, r.Cause = results.Failed, wrongSize
	case k.body != nil && !c.found:
		r.Outcome, r.Cause = results.Failed, wrongBody
	}
}
