package redislua_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// TestCompositeEqualsModels grants what all models grant together.
func TestCompositeEqualsModels(t *testing.T) {
	compositeEqualsModels(t, redisproctest.Connect(t, redisproctest.Start(t), 1), 3_000)
}

func compositeEqualsModels(t *testing.T, client redis.UniversalClient, steps int) {
	var prefix prefixes
	for i, of := range [][]limiters.Config{
		{bucket(10, time.Second, 5), bucket(1000, time.Hour, 20)},
		{bucket(1000, time.Hour, 20), bucket(10, time.Second, 5)}, // what is soonest full stands last
		{bucket(7, 3*time.Second, 10), bucket(100, time.Minute, 30), bucket(1, time.Second, 4)},
		{bucket(3_000_000, time.Second, 50), bucket(999_983, time.Second, 60)},
		{bucket(1, time.Second, 3)},
	} {
		l, err := redislua.NewComposite(client, redislua.CompositeConfig{
			Config: redislua.CompositeLimit{Limits: of}, Prefix: prefix.next(), InjectTime: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		all := make([]*model, len(of))
		for i, b := range of {
			all[i] = newModel(b)
		}
		w := &walk{rng: rand.New(rand.NewPCG(uint64(i), 4))}
		allowed := 0
		for step := range steps {
			now, n := w.next(l.Info().Limit.Burst)
			w.last = allow(t, l, now, "key", n)
			if want := together(all, now, n); w.last != want {
				t.Fatalf("%v, step %d, %d tokens at %v: %+v; want %+v", of, step, n, now, w.last, want)
			}
			if w.last.Allowed {
				allowed++
			}
		}
		if allowed < steps/20 || allowed > steps*19/20 {
			t.Errorf("%v: %d of %d steps allowed; want a mixture", of, allowed, steps)
		}
	}
}

// together lets all models grant or none.
func together(all []*model, now time.Duration, n int64) limiters.Decision {
	d := limiters.Decision{Allowed: true, Remaining: 1<<63 - 1}
	before := make([]model, len(all))
	for i, m := range all {
		before[i] = *m
		one := m.step(now, n)
		d.At = one.At
		d.Allowed = d.Allowed && one.Allowed
		d.RetryAfter = max(d.RetryAfter, one.RetryAfter)
	}
	for i, m := range all {
		if *m = before[i]; d.Allowed {
			m.step(now, n)
		}
		look := *m
		one := look.step(now, m.burst+1) // a denial, which changes nothing
		d.Remaining, d.ResetAfter = min(d.Remaining, one.Remaining), max(d.ResetAfter, one.ResetAfter)
	}
	return d
}

func TestCompositeDescription(t *testing.T) {
	l, err := redislua.NewComposite(nil, redislua.CompositeConfig{Prefix: "run:", Config: redislua.CompositeLimit{
		Limits: []limiters.Config{bucket(10, time.Second, 5), bucket(1000, time.Hour, 20)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	slowest := limiters.Limit{Rate: 1000, Period: time.Hour, Burst: 20}
	rest := []limiters.Limit{{Rate: 10, Period: time.Second, Burst: 5}}
	if info := l.Info(); info.Limit != slowest || !slices.Equal(info.Also, rest) {
		t.Errorf("limit is %+v, and also %+v; want the slowest, %+v, and also %+v", info.Limit, info.Also, slowest, rest)
	}
	for w, want := range map[time.Duration]int64{0: 5, time.Second: 15, time.Hour: 1020} {
		if got := l.Bound(w); got != want {
			t.Errorf("Bound(%v) is %d; want %d", w, got, want)
		}
	}
}

// TestCompositeIsWhatItSays holds it to its own description, at a rate between
// those of its buckets.
func TestCompositeIsWhatItSays(t *testing.T) {
	l, err := redislua.NewComposite(redisproctest.Connect(t, redisproctest.Start(t), 1), redislua.CompositeConfig{
		Config: redislua.CompositeLimit{Limits: []limiters.Config{bucket(20, time.Second, 20), bucket(300, time.Minute, 100)}},
		Prefix: "run:", InjectTime: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	info := l.Info()
	o := oracle.Options{Algorithm: info.Algorithm, Limit: oracle.Limit(info.Limit), Resolution: info.Resolution}
	for _, also := range info.Also {
		o.Also = append(o.Also, oracle.Limit(also))
	}
	judge, err := oracle.NewJudge(o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		now := time.Duration(i) * 25 * time.Millisecond
		d := allow(t, l, now, "key", 1)
		judge.Observe(oracle.Observation{Key: "key", N: 1, Called: now, Returned: now, At: d.At, Allowed: d.Allowed})
	}
	r := judge.Report()
	if r.FalseAdmits+r.FalseDenials > 0 || r.Judged != 1000 {
		t.Errorf("%d false admits and %d false denials in %d decisions; want none in 1000", r.FalseAdmits, r.FalseDenials, r.Judged)
	}
}

func TestCompositeProblems(t *testing.T) {
	for want, of := range map[string][]limiters.Config{
		"number of limits is 0":     nil,
		"number of limits is 17":    make([]limiters.Config, 17),
		"limit 2: rate is not give": {bucket(1, time.Second, 1), {}},
	} {
		_, err := redislua.NewComposite(nil, redislua.CompositeConfig{Config: redislua.CompositeLimit{Limits: of}})
		for _, want := range []string{want, "key prefix"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v; want %q", of, err, want)
			}
		}
	}
}
