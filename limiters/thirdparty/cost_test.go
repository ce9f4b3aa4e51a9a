package thirdparty_test

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

// TestAllocations guards what a decision on a known key allocates, all of which
// is the library's: of throttled what goes into its LRU and out of it, of ulule
// the key with its prefix, of httprate its headers.
func TestAllocations(t *testing.T) {
	want := map[string]struct{ granted, denied float64 }{"throttled": {2, 1}, "ulule": {2, 2}, "httprate": {10, 9}}
	each(t, any, func(t *testing.T, k kind) {
		for _, bare := range []bool{false, true} {
			l := k.make(t, bucket(1_000_000, time.Second, 1_000_000), bare)
			tight := k.make(t, bucket(1, time.Hour, 1), bare)
			now := time.Duration(0)
			must(t, l, now, "key", 1)
			must(t, tight, now, "key", 1)
			granted := testing.AllocsPerRun(200, func() {
				now += time.Millisecond
				must(t, l, now, "key", 1)
			})
			denied := testing.AllocsPerRun(200, func() { must(t, tight, 0, "key", 1) })
			if w := want[k.name]; granted > w.granted || denied > w.denied {
				t.Errorf("bare %v: a grant allocates %v times and a denial %v times; want at most %v and %v", bare, granted, denied, w.granted, w.denied)
			}
		}
	})
}

// TestCloseEndsTheGoroutine of the two libraries that start one.
func TestCloseEndsTheGoroutine(t *testing.T) {
	before, running := goleak.IgnoreCurrent(), goroutines("sethvargo/go-limiter", "ulule/limiter")
	sethvargo, err := thirdparty.NewSethvargo(bucket(1, time.Second, 1))
	if err != nil {
		t.Fatal(err)
	}
	ulule, err := thirdparty.NewUlule(thirdparty.UluleConfig{
		WindowConfig: limiters.WindowConfig{Rate: bucket(1, time.Second, 1).Rate}, CleanUp: units.Duration(time.Millisecond),
	})
	if err != nil {
		t.Fatal(err)
	}
	for library, now := range goroutines("sethvargo/go-limiter", "ulule/limiter") {
		maps.DeleteFunc(now, func(header string, _ bool) bool { return running[library][header] })
		if len(now) != 1 {
			t.Errorf("%s started %d goroutines; want one", library, len(now))
		}
	}
	for _, l := range []interface {
		limiters.Limiter
		limiters.Closer
	}{sethvargo, ulule} {
		must(t, l, 0, "key", 1)
		if err := l.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if d, err := l.Allow(t.Context(), 0, "key", 1); err == nil || d != (limiters.Decision{}) {
			t.Errorf("%T after Close: %+v, %v; want an error", l, d, err)
		}
	}
	goleak.VerifyNone(t, before)
}

// goroutines are the numbers of those that each library started. All others begin and
// end as they like, those of tests before this one among them.
func goroutines(libraries ...string) map[string]map[string]bool {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	found := map[string]map[string]bool{}
	for _, library := range libraries {
		found[library] = map[string]bool{}
		for stack := range strings.SplitSeq(string(stacks), "\n\n") {
			header, _, _ := strings.Cut(stack, " [")
			if _, creator, _ := strings.Cut(stack, "\ncreated by "); strings.HasPrefix(creator, "github.com/"+library) {
				found[library][header] = true
			}
		}
	}
	return found
}

// TestKeysOfAllLengths: no key is too short, too long or too strange.
func TestKeysOfAllLengths(t *testing.T) {
	each(t, any, func(t *testing.T, k kind) {
		l := k.make(t, bucket(1, time.Hour, 1), false)
		for _, key := range []string{"", "{}", "a\nb", fmt.Sprintf("%01048576d", 0)} {
			if d := must(t, l, 0, key, 1); !d.Allowed {
				t.Errorf("key of %d bytes: %+v; want its first request granted", len(key), d)
			}
		}
	})
}
