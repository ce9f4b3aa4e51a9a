package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// setting is a name and a value that the user wrote, or a default.
type setting struct {
	name  string
	value json.RawMessage
}

// settings reads a JSON object in its order; nil when there is none.
func settings(object json.RawMessage) []setting {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var list []setting
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return list
		}
		list = append(list, setting{fmt.Sprint(name), value})
	}
	return list
}

// text is the value as the user wrote it.
func (s setting) text() string {
	var text string
	if json.Unmarshal(s.value, &text) == nil {
		return text
	}
	if bytes.HasPrefix(s.value, []byte("{")) {
		return kindText(s.value)
	}
	return string(s.value)
}

// kindText writes {"kind": "burst", "rate": "2k/s"} as "burst rate 2k/s", and
// a setting that is called as its kind by its value alone.
func kindText(object json.RawMessage) string {
	var words []string
	for _, s := range settings(object) {
		if s.name != "kind" && !slices.Equal(words, []string{s.name}) {
			words = append(words, s.name)
		}
		words = append(words, s.text())
	}
	return strings.Join(words, " ")
}

// workloadFacts say what the arrivals are like: when they come, for which
// keys, what they cost and weigh.
func workloadFacts(workload json.RawMessage) []string {
	var facts []string
	for _, s := range settings(workload) {
		switch s.name {
		case "arrivals":
			facts = append(facts, kindText(s.value))
		case "keys", "cost", "size":
			facts = append(facts, s.name+" "+kindText(s.value))
		case "streams":
			facts = append(facts, streamFacts(s.value)...)
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
		for _, s := range settings(stream) {
			if s.name == "name" {
				name = s.text()
			}
		}
		if about := workloadFacts(stream); len(about) > 0 {
			facts = append(facts, fmt.Sprintf("%s (%s)", name, strings.Join(about, ", ")))
		}
	}
	return facts
}

// usualInFlight is the cap on requests in flight that is not worth a word.
const usualInFlight = "4096"

// loadFacts say how arrivals are released.
func loadFacts(load json.RawMessage) []string {
	var facts []string
	for _, s := range settings(load) {
		switch {
		case s.name == "model":
			facts = append(facts, s.text()+" loop")
		case s.name == "clients":
			facts = append(facts, s.text()+" clients")
		case s.name == "max_in_flight" && s.text() == usualInFlight:
		default:
			facts = append(facts, s.name+" "+s.text())
		}
	}
	return facts
}

// protocolFacts are those by which answers are judged or left out.
func protocolFacts(protocol json.RawMessage) []string {
	var facts []string
	for _, s := range settings(protocol) {
		if (s.name == "warmup" || s.name == "slo") && s.text() != "0s" {
			facts = append(facts, s.name+" "+s.text())
		}
	}
	return facts
}
