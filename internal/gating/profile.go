package gating

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/ci"
)

// Grown is a function that takes longer on side B.
type Grown struct {
	Function string
	A, B     float64 // ns of an operation that are spent in it, callees left out
}

// Profiled is where both sides of a unit spent their time.
type Profiled struct {
	Unit  string // scenario/subject
	Files [2]string
	Grown []Grown // those that grew most, the most first
}

// mostGrown are named, and none that grew by less than leastGrown of what side A took.
const (
	mostGrown  = 5
	leastGrown = 0.01
)

// profiling is a side of which the CPU can be profiled.
type profiling interface {
	// profile makes one more run of the i-th subject, or of a benchmark, and writes its
	// profile to a file by its whole path.
	profile(ctx context.Context, i int, s subject, t turn, file string) (spent, error)
}

// spent is what an operation of a profiled run took: one of so many, or by the
// benchmark's own word.
type spent struct{ operations, ns float64 }

// Profile makes one more run of each side of the i-th unit under a profiler, and keeps
// both profiles in dir. Where one could not be made, what is there stays.
func (g *Gate) Profile(ctx context.Context, i int, dir string) (out Profiled, err error) {
	u, at := g.units[i], g.indexOnA(i)
	b := subject{u.Scenario, u.Subject, u.Digest}
	a := b
	if len(g.asB) > 0 {
		a = g.asA[at]
	}
	out.Unit = named([]subject{b})
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return out, err
	}
	scratch, err := os.MkdirTemp("", "fcbench-profile-")
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	var costs [2]profileCosts
	var made [2]string
	for k, one := range []struct {
		name string
		side side
		at   int
		of   subject
	}{{"a", g.a, at, a}, {"b", g.b, i, b}} {
		p := profiler(one.side)
		if p == nil {
			return out, fmt.Errorf("side %s is %s, which is a program of its own that nobody here can profile; want its own means", one.name, one.side.words())
		}
		made[k] = filepath.Join(scratch, one.name)
		took, err := p.profile(ctx, one.at, one.of, turn{1, k + 1, 2, g.number()}, made[k])
		if err == nil {
			costs[k], err = costOf(made[k], took)
		}
		if err != nil {
			return out, fmt.Errorf("profile of side %s: %w", one.name, err)
		}
		out.Files[k] = filepath.Join(dir, fileName(out.Unit)+"-"+one.name+".pprof")
	}
	for k, file := range out.Files {
		err = errors.Join(err, g.keepFile(made[k], file))
	}
	out.Grown = grown(costs[0], costs[1])
	return out, err
}

// profiler is a side as one that can be profiled; nil where it cannot.
func profiler(s side) profiling {
	if _, service := s.(*started); service {
		return nil
	}
	p, _ := s.(profiling)
	return p
}

// fileName is a name without what no file may have in its own.
func fileName(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, text)
}

// profileCosts is how many ns of an operation are spent in each function, and how many
// one sample stands for.
type profileCosts struct {
	ns     map[string]float64
	sample float64
}

// sampledEvery is how many ns of CPU there are to a sample of runtime/pprof.
const sampledEvery = 1e7

func costOf(file string, took spent) (c profileCosts, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	all, err := flat(text)
	if err != nil {
		return c, err
	}
	total := 0.0
	for _, ns := range all {
		total += ns
	}
	if total == 0 {
		return c, errors.New("nothing was sampled; want longer runs")
	}
	scale := took.ns / total
	if took.ns == 0 {
		scale = 1 / took.operations
	}
	for name := range all {
		all[name] *= scale
	}
	return profileCosts{all, scale * sampledEvery}, nil
}

// grown are the functions that take longer in b, by more than how samples fall by chance:
// their number varies by its root.
func grown(a, b profileCosts) (all []Grown) {
	total := 0.0
	for _, ns := range a.ns {
		total += ns
	}
	for name, after := range b.ns {
		before := a.ns[name]
		chance := 2 * math.Sqrt(before*a.sample+after*b.sample)
		if after-before >= max(leastGrown*total, chance) {
			all = append(all, Grown{name, before, after})
		}
	}
	slices.SortFunc(all, func(x, y Grown) int {
		return cmp.Or(cmp.Compare(y.B-y.A, x.B-x.A), cmp.Compare(x.Function, y.Function))
	})
	return all[:min(len(all), mostGrown)]
}

// Text says what grew, and where the profiles are.
func (p *Profiled) Text() string {
	var parts []string
	for _, f := range p.Grown {
		parts = append(parts, fmt.Sprintf("%s %+.3g ns (%.3g to %.3g)", f.Function, f.B-f.A, f.A, f.B))
	}
	if len(parts) == 0 {
		parts = []string{"no function alone"}
	}
	return fmt.Sprintf("of an operation of %s grew: %s; the profiles are %s and %s", p.Unit, strings.Join(parts, ", "), p.Files[0], p.Files[1])
}

// profile profiles this process while it makes the run.
func (w *inWorld) profile(ctx context.Context, i int, _ subject, t turn, file string) (spent, error) {
	f, err := os.Create(file)
	if err != nil {
		return spent{}, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return spent{}, errors.Join(err, f.Close())
	}
	all, err := w.measure(ctx, i, t)
	pprof.StopCPUProfile()
	return operations(all), errors.Join(err, f.Close())
}

// operations are those of a run, the saturated ones included.
func operations(all map[subject]ci.Measured) (s spent) {
	for _, m := range all {
		if m.Run == nil {
			continue
		}
		s.operations += float64(m.Run.Offered)
		if sat := m.Run.Cost.Saturated; sat != nil {
			s.operations += float64(sat.Ops)
		}
	}
	s.operations = math.Max(1, s.operations)
	return s
}

// profile has the other build profile itself.
func (o *otherself) profile(ctx context.Context, i int, _ subject, t turn, file string) (spent, error) {
	all, err := o.child(ctx, i, t, "--cpuprofile", file)
	return operations(all), err
}

// profiledFor is how long a benchmark is profiled.
const profiledFor = "2s"

// profile profiles one benchmark.
func (b *benchmarks) profile(ctx context.Context, _ int, s subject, _ turn, file string) (spent, error) {
	all, err := b.run(ctx, exactly(s.name), profiledFor, "-test.cpuprofile="+file)
	if err != nil {
		return spent{}, err
	}
	for one, m := range all {
		if one.name == s.name {
			return spent{ns: m.Bench["ns/op"]}, nil
		}
	}
	return spent{}, fmt.Errorf("%s has no benchmark %s", b.words(), s.name)
}

// exactly is the expression that a benchmark alone matches.
func exactly(name string) string {
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	return strings.Join(parts, "/")
}
