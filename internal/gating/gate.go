package gating

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/ci"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/results"
)

// Gate is a policy that is carried out. Close must be called, whatever happened.
type Gate struct {
	policy *ci.Policy
	world  *experiment.World
	say    func(message string)
	hooks  experiment.Observer // is told of runs

	a, b     side // both the same where there are no sides
	shared   *shared
	units    []ci.Unit
	asA      []subject // what each side has to be measured
	asB      []subject
	matchedA []int  // for each of B the place of its other on A
	made     uint64 // runs so far
	meter    *hostinfo.Meter
	itself   bool // both sides are one thing, as is meant

	trials  []*trialsFile
	closing sync.Mutex

	Writes   []string                                  // files that are written by who runs the gate: no changes of the tree
	Create   func(path string) (io.WriteCloser, error) // opens a file that is kept; nil for [os.Create]
	Trials   string                                    // directory for the trials of searches for capacities; "" for nowhere
	Replaced int
	Warnings []string
}

// New returns the gate of a policy. say takes what users should know meanwhile.
func New(p *ci.Policy, w *experiment.World, o experiment.Observer, say func(string)) (*Gate, error) {
	g := &Gate{policy: p, world: w, say: say, hooks: o, meter: hostinfo.NewMeter(time.Now)}
	g.shared = &shared{gate: g}
	g.b = g.side(p.B)
	if g.a = g.b; p.A != nil {
		g.a = g.side(p.A)
	}
	return g, nil
}

// AgainstItself makes a gate of a policy whose sides are one thing, to see whether it
// says so, and slows every answer of side B by a share of its time, 0 for none, to see
// whether that is found. The answers are slowed on their way to who asked, in this process.
func (g *Gate) AgainstItself(slower float64) error {
	g.itself = true
	switch {
	case slower == 0:
		return nil
	case g.policy.Capacity != nil:
		return &experiment.Unfit{Err: errors.New("what is judged is a capacity, which is no share of what answers take; want nothing injected")}
	}
	var here *inWorld
	switch b := g.b.(type) {
	case *inWorld:
		here = b
	case *started:
		here = &b.inWorld
	default:
		return &experiment.Unfit{Err: fmt.Errorf("side a is %s, which is measured in a process of its own, where nothing can be slowed; want a subject or a service, or nothing injected", g.policy.A.Text())}
	}
	here.slower = slower
	return nil
}

// Identity is all that the runs of side A depend on, once it is prepared.
func (g *Gate) Identity() string { return g.a.identity() }

// Begin implements [experiment.Observer].
func (g *Gate) Begin(s experiment.Step) { g.hooks.Begin(s) }

// End implements [experiment.Observer].
func (g *Gate) End(run *results.Run) { g.hooks.End(run) }

// boundsOfPolicy is side A in words where there is none.
const boundsOfPolicy = "what the claims say"

// Sides says in words what is compared.
func (g *Gate) Sides() (a, b string) {
	switch {
	case g.policy.Exact():
		return "lockfile", "worktree"
	case g.policy.Bounded() && g.policy.B == nil:
		return boundsOfPolicy, "the scenario"
	case g.policy.Bounded():
		return boundsOfPolicy, g.b.words()
	}
	a, b = g.a.words(), g.b.words()
	if w, ok := g.b.(interface{ slowed() float64 }); ok && w.slowed() > 0 {
		b = fmt.Sprintf("%s, slowed by %g %% on purpose", b, 100*w.slowed())
	}
	return a, b
}

// Prepare builds what is to be built, and says what will be measured. Benchmarks are
// known only when they have run once.
func (g *Gate) Prepare(ctx context.Context) (err error) {
	if !g.policy.Exact() {
		if err := g.shared.lock(ctx); err != nil {
			return err
		}
	}
	g.asB, err = g.b.prepare(ctx)
	if g.a == g.b {
		if g.asA = g.asB; err == nil {
			err = g.match()
		}
		return err
	}
	if err == nil {
		g.asA, err = g.a.prepare(ctx)
	}
	if err != nil {
		return err
	}
	if !g.itself && g.a.identity() == g.b.identity() {
		return &Unlike{fmt.Errorf("both sides are %s; want two that differ: a comparison of a thing with itself says nothing", g.b.words())}
	}
	return g.match()
}

// Units are what will be measured, or has been.
func (g *Gate) Units() []ci.Unit { return g.units }

// match finds for each subject of side B that of side A.
func (g *Gate) match() error {
	a, b := g.asA, g.asB
	if len(a) != len(b) {
		return &Unlike{fmt.Errorf("side a has %d subjects and side b %d; want the same: %s; %s", len(a), len(b), named(a), named(b))}
	}
	for i, s := range b {
		at, ok := partner(a, b, s)
		if !ok {
			return &Unlike{fmt.Errorf("%s of side b has no partner on side a, which has %s; want subjects of the same names, or one on each side", named(b[i:i+1]), named(a))}
		}
		g.matchedA = append(g.matchedA, at)
		if !g.differentScenarios() && a[at].digest != s.digest {
			return &Unlike{fmt.Errorf("%s and %s have the schedules %s and %s; want the same work on both sides", named(a[at:at+1]), named(b[i:i+1]), a[at].digest, s.digest)}
		}
		g.units = append(g.units, ci.Unit{Scenario: s.scenario, Subject: s.name, Digest: s.digest})
	}
	return nil
}

func (g *Gate) differentScenarios() bool {
	p := g.policy
	return p.A != nil && (p.A.Scenario != "" || p.B.Scenario != "")
}

func named(all []subject) string {
	text := ""
	for i, s := range all {
		if i > 0 {
			text += ", "
		}
		text += s.scenario + "/" + s.name
	}
	return text
}

// warn notes once what should be known beside the verdict.
func (g *Gate) warn(text string) {
	if !slices.Contains(g.Warnings, text) {
		g.Warnings = append(g.Warnings, text)
	}
}

// Unlike is the error of sides that cannot be compared.
type Unlike struct{ Err error }

func (e *Unlike) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *Unlike) Unwrap() error { return e.Err }

// health is what the box did since Measure began.
func (g *Gate) health(begun time.Time) (h ci.Health) {
	u := g.meter.Usage()
	if wall := time.Since(begun); wall > 0 {
		h.Throttled = float64(u.Throttled) / float64(wall)
		h.StealShare = float64(u.Steal) / (float64(wall) * float64(max(1, g.world.Host.Cores)))
		h.PSI = float64(u.Pressure.Waited) / float64(wall)
	}
	return h
}

// Close ends all that the gate started, and removes what it made.
// It may be called again, and from another goroutine.
func (g *Gate) Close() error {
	g.closing.Lock()
	defer g.closing.Unlock()
	err := g.b.close()
	if g.a != g.b {
		err = errors.Join(g.a.close(), err)
	}
	return errors.Join(err, g.shared.close())
}
