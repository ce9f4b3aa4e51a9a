package scenario

import "testing"

// TestOneMistakeIsOneProblem: what could not be read is not judged as if it had
// been left out, or were nothing.
func TestOneMistakeIsOneProblem(t *testing.T) {
	duration := "; want a duration of at most 292 years, such as 250ms, 1.5s, 2m or 1d12h"
	for text, want := range map[string]string{
		"load: {retry: {attempts: 3, budget: x}}":              `s.yaml:10:37: budget is "x"; want a number`,
		"load: {retry: {attempts: 3, backoff: {base: x}}}":     `s.yaml:10:45: base: duration is "x"` + duration,
		"load: {retry: {attempts: x}}":                         `s.yaml:10:26: attempts is "x"; want a whole number`,
		"load: {max_in_flight: []}":                            `s.yaml:10:23: max_in_flight is a list; want a whole number`,
		"load: {model: closed, clients: x}":                    `s.yaml:10:32: clients is "x"; want a whole number`,
		"repeats: x":                                           `s.yaml:10:10: repeats is "x"; want a whole number`,
		"hooks: {ready: 'true'}":                               `s.yaml:10:16: ready is "true"; want a map with the keys command, url, within, every`,
		"hooks: {prepare: {run: 'true'}}":                      `s.yaml:10:18: prepare is a map; want text, in quotes`,
		"hooks:\n  ready:\n    url: [1]":                       `s.yaml:12:10: url is a list; want text, in quotes`,
		"observe: {pid: abc}":                                  `s.yaml:10:16: pid is "abc"; want a whole number`,
		"observe: {name: [a]}":                                 `s.yaml:10:17: name is a list; want text, in quotes`,
		"timeout: [1s]":                                        `s.yaml:10:10: timeout is a list; want a duration such as 5s, or a map of one for each class`,
		"timeout: {default: [1s]}":                             `s.yaml:10:20: timeout is a list; want a duration such as 5s`,
		"timeout:":                                             `s.yaml:10:9: timeout is empty; want a duration such as 5s, or a map of one for each class`,
		"steps: [{at: 1s, set: 5}]":                            `s.yaml:10:23: set is "5"; want a map of what changes, such as {subject: gcra, rate: 50/s}`,
		"steps: [{at: 1s, set: [5]}]":                          `s.yaml:10:23: set is a list; want a map of what changes, such as {subject: gcra, rate: 50/s}`,
		"steps: [{at: 1s, set: {subject: [gcra], rate: 1/s}}]": `s.yaml:10:33: subject of a step is a list; want one of gcra, own, redis-rate, noop`,
		"steps: [{at: 1s, set: {rate: 1/s}}]":                  `s.yaml:10:23: subject of a step is missing; want one of gcra, own, redis-rate, noop`,
		"steps: [{at: 1s, set: {subject: gcra}}]":              `s.yaml:10:23: set changes nothing; want a value beside the subject, such as rate: 50/s`,
		"subjects: 1":                                          `s.yaml:10:11: subjects is "1"; want a list, such as subjects: [{limiter: {kind: gcra, rate: 100/s}}]`,
		"subjects: {limiter: gcra}":                            `s.yaml:10:11: subjects is a map; want a list, such as subjects: [{limiter: {kind: gcra, rate: 100/s}}]`,
	} {
		file := stepping
		if text[:8] == "subjects" {
			file = "name: s\nworkload: {arrivals: 'constant:10/s'}\n\n\n\n\n\n\n\n"
		}
		if _, err := parse(t, file+text+"\n"); err == nil || err.Error() != want {
			t.Errorf("%s:\n%v\nwant\n%s", text, err, want)
		}
	}
}

// TestMistakesAreToldAtOnce: that one value could not be read hides no other problem,
// also where a map begins with it.
func TestMistakesAreToldAtOnce(t *testing.T) {
	_, err := parse(t, stepping+"load:\n  retry:\n    budgt: 3\n    backoff:\n      base: x\n      factor: 0.5\nrepeats: 0\n")
	want := `s.yaml:12:5: key "budgt" is unknown; want one of budget, on, attempts, wait, jitter, backoff
s.yaml:12:5: attempts is 0; want 2 to 1000, the first included, or no retry
s.yaml:14:13: base: duration is "x"; want a duration of at most 292 years, such as 250ms, 1.5s, 2m or 1d12h
s.yaml:15:15: factor is 0.5; want 1 to 100
s.yaml:16:10: repeats is 0; want 1 to 1000`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}
