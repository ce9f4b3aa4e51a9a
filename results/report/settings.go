package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// workloadFacts say what the arrivals are like: when they come, for which
// keys, what they cost and weigh.
func workloadFacts(workload json.RawMessage) []string {
	var facts []string
	for _, s := range results.Settings(workload) {
		switch s.Name {
		case "arrivals":
			facts = append(facts, s.Text())
		case "keys", "cost", "size":
			facts = append(facts, s.Name+" "+s.Text())
		case "streams":
			facts = append(facts, streamFacts(s.Value)...)
		}
	}
	return facts
}

// streamFacts are those of each stream, under its name.
func streamFacts(list json.RawMessage) []string {
	var streams []json.RawMessage
	_ = json.Unmarshal(list, &streams) // a heading goes without what has another shape
	facts := []string{fmt.Sprintf("%d streams", len(streams))}
	for i, stream := range streams {
		name := fmt.Sprint(i + 1)
		for _, s := range results.Settings(stream) {
			if s.Name == "name" {
				name = s.Text()
			}
		}
		if about := workloadFacts(stream); len(about) > 0 {
			facts = append(facts, fmt.Sprintf("%s (%s)", name, strings.Join(about, ", ")))
		}
	}
	return facts
}

// usualInFlight is the cap on requests in flight that is not worth a word.
const usualInFlight = 4096

// loadFacts say how arrivals are released.
func loadFacts(l results.Load) (facts []string) {
	say := func(worth bool, format string, args ...any) {
		if worth {
			facts = append(facts, fmt.Sprintf(format, args...))
		}
	}
	say(l.Model != "", "%s loop", l.Model)
	say(l.MaxInFlight > 0 && l.MaxInFlight != usualInFlight, "max_in_flight %d", l.MaxInFlight)
	say(l.Clients > 0, "%d clients", l.Clients)
	say(l.Think > 0, "think %v", l.Think)
	say(l.Lanes > 1, "%d lanes", l.Lanes)
	if l.Retry != nil {
		facts = append(facts, retryFact(*l.Retry))
	}
	return facts
}

// retryFact says after what callers try again, how often, and how long they wait.
func retryFact(r results.Retry) string {
	fact := fmt.Sprintf("retry attempts %d", r.Attempts)
	say := func(worth bool, format string, args ...any) {
		if worth {
			fact += fmt.Sprintf(format, args...)
		}
	}
	say(len(r.On) > 0, " on %s", strings.Join(r.On, " "))
	say(r.Wait > 0, " wait %v", r.Wait)
	say(r.Jitter > 0, " jitter %v", r.Jitter)
	if b := r.Backoff; b != nil {
		say(true, " backoff %v factor %v", b.Base, b.Factor)
		say(b.Cap > 0, " cap %v", b.Cap)
	}
	say(r.Budget > 0, " budget %v", r.Budget)
	return fact
}

// protocolFacts are those by which answers are judged or left out.
func protocolFacts(p results.Protocol) (facts []string) {
	if p.Warmup > 0 {
		facts = append(facts, fmt.Sprintf("warmup %v", p.Warmup))
	}
	if p.SLO > 0 {
		facts = append(facts, fmt.Sprintf("slo %v", p.SLO))
	}
	return facts
}
