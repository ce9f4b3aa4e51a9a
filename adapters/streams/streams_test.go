package streams

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/reactivex/rxgo/v2"
	"github.com/samber/ro"

	"github.com/fcbench/fcbench/pipelines/reactive"
	"github.com/fcbench/fcbench/pipelines/reactive/tck"
)

const pushed = "its observables push what they have; nothing can be requested"

func others() []tck.Subject {
	full := errors.New("full")
	return []tck.Subject{
		{
			Name:      "samber/ro",
			NoDemand:  pushed,
			Publisher: func(n int64) reactive.Publisher[int64] { return Ro(ro.Range(0, n)) },
			Rejecting: func() reactive.Publisher[int64] { return Ro(ro.Throw[int64](full)) },
		},
		{
			Name:      "reactivex/rxgo",
			NoDemand:  pushed,
			Publisher: func(n int64) reactive.Publisher[int64] { return Rx(rxgo.Range(0, int(n))) },
			Rejecting: func() reactive.Publisher[int64] { return Rx(rxgo.Thrown(full)) },
		},
	}
}

func TestOthersKeepTheRulesThatNeedNoDemand(t *testing.T) {
	for _, s := range others() {
		t.Run(s.Name, func(t *testing.T) { tck.Run(t, s) })
	}
}

func TestTheMatrixIsTrue(t *testing.T) {
	var columns []tck.Column
	for _, s := range others() {
		columns = append(columns, tck.Column{Name: s.Name, Verdicts: tck.Check(t, s)})
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := tck.Matrix(columns...); !strings.Contains(string(page), want) {
		t.Errorf("README.md does not contain what the suite finds:\n%s", want)
	}
}
