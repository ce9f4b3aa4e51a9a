package verify

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// expressible are limits as far as config has a place for them.
func expressible(limits []limiters.Limit, config any) []limiters.Limit {
	limits = slices.Clone(limits)
	for i := range limits {
		if !hasAny(config, "burst", "limit", "limits", "first") {
			limits[i].Burst = 0
		}
	}
	return limits
}

func hasAny(config any, names ...string) bool {
	return slices.ContainsFunc(strictyaml.Fields(config), func(f strictyaml.Field) bool {
		return slices.Contains(names, f.Name)
	})
}

// limits reports whether arguments of a kind with such a config say anything of
// its limit.
func limits(config any, args []string) bool {
	names := strings.Split(strings.ToLower(strictyaml.Usage("", config)), ":")[1:]
	for i, name := range names[:min(len(args), len(names))] {
		if args[i] != "" && slices.Contains([]string{"rate", "burst", "window", "limit"}, name) {
			return true
		}
	}
	return false
}

// stated is the limit that a config states. Of one that makes no sense, which its
// kind refuses, it has what there is.
func stated(config any) (limit limiters.Limit) {
	for _, f := range strictyaml.Fields(config) {
		switch f.Name {
		case "rate":
			rate, _ := units.ParseRate(f.Default)
			limit.Rate, limit.Period = rate.Count, rate.Per
		case "burst", "limit":
			n, _ := units.ParseCount(f.Default)
			limit.Burst = int64(n)
		}
	}
	return limit
}

// enough is how long an answer may take at least: how soon it comes is not what is
// examined, and the machine may be busy.
const enough = units.Duration(10 * time.Second)

// callers is for how many at once there are connections at least, so that they get
// into one another's way and not into a queue.
const callers = 32

// lease is how long leases are in real time, so that they end while one looks.
const lease = time.Second

// examined has what suits an examination: a longer timeout for a config that has a
// short one, as many connections as callers and, where time is not injected, a lease
// whose end can be awaited.
func examined(config any, inject bool) *strictyaml.Node {
	n := strictyaml.NewMap("limit")
	for _, f := range strictyaml.Fields(config) {
		switch given, err := units.ParseDuration(f.Default); {
		case f.Name == "timeout" && err == nil && given > 0 && given < enough:
			n.Put(f.Name, scalar(enough.String()))
		case f.Name == "lease" && err == nil && given > 0 && !inject:
			n.Put(f.Name, scalar(lease.String()))
		case f.Name == "connections":
			n.Put(f.Name, scalar(strconv.Itoa(callers)))
		}
	}
	return n
}

// document has the values of limit for which config has a place. What is made of
// other limiters is made of buckets.
func document(config any, limit limiters.Limit) *strictyaml.Node {
	all := map[string]*strictyaml.Node{
		"rate": rateOf(limit), "first": bucket(limit, "gcra"), "then": takeovers(limit),
		"window": scalar("0s"), // as long as the rate has it
	}
	if limit.Burst > 0 {
		all["burst"] = scalar(strconv.FormatInt(limit.Burst, 10))
		all["limit"] = all["burst"] // of what may be held
	}
	n := strictyaml.NewMap("limit")
	for _, f := range strictyaml.Fields(config) {
		all["limits"] = beside(limit, f.Type == "list of any")
		if value := all[f.Name]; value != nil {
			n.Put(f.Name, value)
		}
	}
	return n
}

// also is what a composite is made to enforce beside limit: less, of which more
// can be had at once.
func also(limit limiters.Limit) []limiters.Limit {
	return []limiters.Limit{{Rate: limit.Rate, Period: 2 * limit.Period, Burst: 4 * limit.Burst}}
}

// beside lists limit and what is enforced beside it.
func beside(limit limiters.Limit, kinds bool) *strictyaml.Node {
	list := strictyaml.NewList("limit")
	for _, l := range append(also(limit), limit) {
		kind := ""
		if kinds {
			kind = "gcra"
		}
		list.Append(bucket(l, kind))
	}
	return list
}

// takeovers has other algorithms take over while schedules are under way: the same
// limit, half of it, and all of it again, so that whoever forgets a debt at any of
// them grants more than the limit.
func takeovers(limit limiters.Limit) *strictyaml.Node {
	list, refill := strictyaml.NewList("limit"), limit.Period
	if limit.Rate > 0 {
		refill = max(1, time.Duration(float64(limit.Period)/float64(limit.Rate)*float64(limit.Burst)))
	}
	half := limiters.Limit{Rate: limit.Rate, Period: 2 * limit.Period, Burst: max(1, limit.Burst/2)}
	for i, next := range []*strictyaml.Node{
		bucket(limit, "token-bucket"), bucket(half, "leaky-bucket-meter"), bucket(limit, "gcra"),
	} {
		n := strictyaml.NewMap("limit")
		n.Put("at", scalar(units.Duration(refill*time.Duration(3*i+1)).String()))
		n.Put("limiter", next)
		list.Append(n)
	}
	return list
}

// bucket describes one, with its kind where it could be another.
func bucket(limit limiters.Limit, kind string) *strictyaml.Node {
	n := strictyaml.NewMap("limit")
	if kind != "" {
		n.Put("kind", scalar(kind))
	}
	n.Put("rate", rateOf(limit))
	n.Put("burst", scalar(strconv.FormatInt(limit.Burst, 10)))
	return n
}

func rateOf(limit limiters.Limit) *strictyaml.Node {
	rate, _ := units.NewRate(limit.Rate, limit.Period) // a limit without one is refused as such
	return scalar(rate.String())
}

func scalar(text string) *strictyaml.Node { return strictyaml.NewScalar("limit", text) }
