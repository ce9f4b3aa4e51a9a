package events

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

type entry struct {
	at   time.Duration
	rank uint8
	what int
}

// list is what an Agenda is: a list that is sorted anew each time.
type list []entry

func (l *list) push(e entry) {
	*l = append(*l, e)
	slices.SortStableFunc(*l, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank))
	})
}

func (l *list) due(now time.Duration) (e entry, ok bool) {
	if len(*l) == 0 || (*l)[0].at > now {
		return e, false
	}
	e, *l = (*l)[0], (*l)[1:]
	return e, true
}

// FuzzAgenda compares with a sorted list.
func FuzzAgenda(f *testing.F) {
	f.Add(uint64(1), 100)
	f.Add(uint64(2), 3)
	f.Add(uint64(3), 1)
	f.Fuzz(func(t *testing.T, seed uint64, spread int) {
		rng := rand.New(rand.NewPCG(seed, 0))
		instant := func() time.Duration { return time.Duration(rng.IntN(max(1, spread))) }
		var a Agenda[int]
		var l list
		for what := range 300 {
			switch rng.IntN(8) {
			default:
				e := entry{instant(), uint8(rng.IntN(3)), what}
				a.PushRanked(e.at, e.rank, what)
				l.push(e)
			case 0, 1:
				now := instant()
				got, at, ok := a.Due(now)
				if want, due := l.due(now); ok != due || got != want.what || at != want.at {
					t.Fatalf("%d at %v is due: %v; want %v, %v", got, at, ok, want, due)
				}
			case 2:
				odd := func(what int) bool { return what%8 != 1 }
				a.Keep(func(_ time.Duration, what *int) bool { return odd(*what) })
				l = slices.DeleteFunc(l, func(e entry) bool { return !odd(e.what) })
			}
			match(t, &a, l)
		}
		a.Settle(Forever, func(at time.Duration, what int) {
			if want, _ := l.due(Forever); at != want.at || what != want.what {
				t.Fatalf("%d at %v is settled; want %v", what, at, want)
			}
		})
		match(t, &a, l)
	})
}

// match fails unless what is still to come is what the list says.
func match(t *testing.T, a *Agenda[int], l list) {
	next, ok := a.Next()
	if ok != (len(l) > 0) || ok && (next != l[0].at || *a.First() != l[0].what) || a.Len() != len(l) {
		t.Fatalf("the next of %d is at %v; want the first of %v", a.Len(), next, l)
	}
	var all list
	for at, what := range a.All {
		all = append(all, entry{at: at, what: *what})
	}
	sum := func(l list) (s int) {
		for _, e := range l {
			s += e.what*1000 + int(e.at)
		}
		return s
	}
	if len(all) != len(l) || sum(all) != sum(l) {
		t.Fatalf("all that is to come is %v; want %v", all, l)
	}
}

func TestSettleTakesWhatIsPushedMeanwhile(t *testing.T) {
	var a Agenda[int]
	a.Push(1, 1)
	a.Push(5, 5)
	var got []int
	a.Settle(4, func(at time.Duration, what int) {
		got = append(got, what)
		if what < 4 {
			a.Push(at+1, what+1)
		}
	})
	if want := []int{1, 2, 3, 4}; !slices.Equal(got, want) || a.Len() != 1 {
		t.Errorf("settled %v, and %d are left; want %v and 1", got, a.Len(), want)
	}
}

func TestAgendaAllocatesNothing(t *testing.T) {
	var a Agenda[int]
	settled := 0
	cycle := func() {
		a.Push(1, 1)
		a.Push(2, 2)
		a.Due(1)
		a.Settle(2, func(time.Duration, int) { settled++ })
	}
	cycle()
	if n := testing.AllocsPerRun(1000, cycle); n != 0 {
		t.Errorf("two events allocate %v times; want 0", n)
	}
}

func TestAgendaLetsGo(t *testing.T) {
	var a Agenda[*int]
	for i := range 8 {
		a.Push(time.Duration(i), new(int))
	}
	a.Due(0)
	a.Keep(func(at time.Duration, _ **int) bool { return at > 3 })
	for i, e := range a.heap[:cap(a.heap)] {
		if i >= a.Len() && e.what != nil {
			t.Errorf("place %d holds what is no longer to come", i)
		}
	}
}
