package selftest

import (
	"cmp"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// testCase is one way to run, and what the verdict on it has to be.
type testCase struct {
	name   string // "group/variant"
	about  string // what is provoked, or that nothing is
	args   []string
	length time.Duration // of the window, where it is part of the case
	disturbance
	want want // nothing for a run in which nothing is wrong
	// calm says that the runs mean something only if nothing else disturbed them:
	// those that were disturbed are repeated.
	calm bool
}

// service stands in arguments for the address of the HTTP service.
const service = "SERVICE"

// disturbance is what a run has to bear.
type disturbance struct {
	nice    int
	oneCPU  bool // not the one of the service, if there are several
	files   uint64
	cores   float64 // quota
	garbage bool

	neighbours int  // busy processes on the only CPU of the run, or for each
	everywhere bool // on all CPUs
}

// want is a conviction.
type want struct {
	atLeast results.Verdict
	reasons []string // one of which is the beginning of a reason
	alone   bool     // it is the verdict's only one, and no graver verdict will do
	// orTrue is satisfied too if what the run says is true.
	orTrue truth
	// always says that no run at all may come out otherwise.
	always bool
}

// truth is how a run compares with those beside it that nothing disturbed.
type truth int

const (
	noTruth    truth = iota
	medianTrue       // p50 within 20 % of theirs
	tailTrue         // and p99 at most twice theirs and 1 ms
	watched          // p50 within 20 % of the same run's without the generator's own delay
)

// beside reports whether there have to be runs that nothing disturbed.
func (t truth) beside() bool { return t == medianTrue || t == tailTrue }

// is reports whether name is the case's, or its group's.
func (c testCase) is(name string) bool {
	return c.name == name || strings.HasPrefix(c.name, name+"/")
}

// quiet reports whether nothing is provoked.
func (c testCase) quiet() bool { return c.want.atLeast == "" }

// undisturbed is the same load with nothing to bear.
func (c testCase) undisturbed() testCase {
	c.disturbance, c.calm = disturbance{}, true
	return c
}

// window is how long the case is measured where others are for usual.
func (c testCase) window(usual time.Duration) time.Duration { return cmp.Or(c.length, usual) }

// warmup is for connections, and for neighbours to be there in the whole window. A
// quiet run is made as a user would.
func (c testCase) warmup() time.Duration {
	if c.quiet() {
		return 0
	}
	return warmup
}

// asked is the command line of one run.
func (c testCase) asked(address string, usual time.Duration) []string {
	args := []string{
		"run", "--name", c.name, "--progress", "json", "--on-invalid", "warn", "-o", "-",
		"--repeats", "1", "-d", c.window(usual).String(), "--warmup", c.warmup().String(), "--drain", "2s",
	}
	for _, a := range c.args {
		args = append(args, strings.ReplaceAll(a, service, address))
	}
	return args
}

// confined reports whether the case takes what only some systems can do.
func (c testCase) confined() bool {
	return c.nice > 0 || c.oneCPU || c.files > 0 || c.cores > 0 || c.neighbours > 0
}
