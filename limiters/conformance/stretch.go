package conformance

import (
	"fmt"
	"time"
)

// Stretch is a part of a history in which the same was asked again and again: at one
// instant, at several that are Every apart, or, where Every is 0, at any.
type Stretch struct {
	First   int           `json:"first_step"` // counted from 1, as is Last
	Last    int           `json:"last_step"`
	Call    string        `json:"call"` // or, as of Key, that there are several
	Key     string        `json:"key"`
	From    time.Duration `json:"from_ns"`
	To      time.Duration `json:"to_ns"`
	Every   time.Duration `json:"every_ns,omitempty"`
	Least   int64         `json:"least_n"`
	Most    int64         `json:"most_n"`
	Granted int           `json:"granted"` // requests
	Denied  int           `json:"denied"`
	Tokens  int64         `json:"granted_n"`
}

// mixed stands for calls or keys that are not all the same.
const mixed = "(mixed)"

// regular is how many instants at one distance are no coincidence.
const regular = 3

// stretches says in a few what steps are: in at most as many as steps are shown.
func stretches(steps []Step) (all []Stretch) {
	instants := perInstant(steps)
	for len(instants) > 0 {
		n := progression(instants)
		stretch := instants[0]
		for _, next := range instants[1:n] {
			stretch = stretch.join(next)
		}
		if n > 1 {
			stretch.From, stretch.To = instants[0].From, instants[n-1].To
			stretch.Every = instants[1].From - instants[0].From
		}
		all, instants = append(all, stretch), instants[n:]
	}
	for len(all) > shown {
		all[1] = all[0].join(all[1])
		all = all[1:]
	}
	return all
}

// perInstant has a stretch for all that was asked alike at one instant.
func perInstant(steps []Step) (all []Stretch) {
	for i, s := range steps {
		stretch := stretchOf(i+1, s)
		if last := len(all) - 1; last >= 0 && all[last].From == s.Now && all[last].Call == s.Call && all[last].Key == s.Key {
			all[last] = all[last].join(stretch)
		} else {
			all = append(all, stretch)
		}
	}
	return all
}

func stretchOf(number int, s Step) Stretch {
	r := Stretch{First: number, Last: number, Call: s.Call, Key: s.Key, From: s.Now, To: s.Now, Least: s.N, Most: s.N}
	switch {
	case s.Call != "allow" && s.Call != "peek" && s.Call != "reserve" || s.Error != "":
	case s.Allowed:
		r.Granted, r.Tokens = 1, s.N
	default:
		r.Denied = 1
	}
	return r
}

// progression is how many from the first on ask alike at one distance; 1 if
// they are too few for that to mean anything.
func progression(all []Stretch) int {
	n := 1
	for n < len(all) && all[n].Call == all[0].Call && all[n].Key == all[0].Key && all[n].Most == all[0].Most &&
		all[n].From-all[n-1].From == all[1].From-all[0].From {
		n++
	}
	if n < regular {
		return 1
	}
	return n
}

// join is r and then next.
func (r Stretch) join(next Stretch) Stretch {
	if r.Call != next.Call {
		r.Call = mixed
	}
	if r.Key != next.Key {
		r.Key = mixed
	}
	r.Last, r.Every = next.Last, 0
	r.From, r.To = min(r.From, next.From), max(r.To, next.To)
	r.Least, r.Most = min(r.Least, next.Least), max(r.Most, next.Most)
	r.Granted, r.Denied, r.Tokens = r.Granted+next.Granted, r.Denied+next.Denied, r.Tokens+next.Tokens
	return r
}

// row has the cells of r in the table of a history.
func (r Stretch) row() []string {
	key := brief(r.Key)
	if r.Key == mixed {
		key = mixed
	}
	return []string{
		span(r.First, r.Last), r.Call, r.when(), key, span(r.Least, r.Most),
		fmt.Sprintf("%d granted, %d tokens in all; %d denied", r.Granted, r.Tokens, r.Denied),
	}
}

func (r Stretch) when() string {
	switch {
	case r.From == r.To:
		return r.From.String()
	case r.Every == 0:
		return fmt.Sprintf("%v to %v", r.From, r.To)
	}
	return fmt.Sprintf("%v to %v, every %v", r.From, r.To, r.Every)
}

func span[T int | int64](from, to T) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d–%d", from, to)
}
