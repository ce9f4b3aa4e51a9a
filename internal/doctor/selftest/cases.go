package selftest

import (
	"time"

	"github.com/fcbench/fcbench/results"
)

// slowed are the beginnings of the reasons which say that the generator was late.
var slowed = [...]string{"generator late", "generator starved", "no core for the generator", "in-flight cap"}

// cases are all there are: those that provoke a rule, then those that provoke none.
func cases() []testCase {
	late := want{atLeast: results.Suspect, reasons: slowed[:]}
	starve := disturbance{nice: 19, oneCPU: true, neighbours: 4}
	unless := want{atLeast: results.Suspect, reasons: slowed[:], orTrue: tailTrue}
	beside := func(n int) disturbance { return disturbance{oneCPU: true, neighbours: n} }
	hasty := want{atLeast: results.Suspect, reasons: append(slowed[:len(slowed):len(slowed)], "CPU: this process"), orTrue: watched}
	all := []testCase{
		{name: "closed/64", about: "a closed loop of 64 on all cores, that of the service among them", args: closed("64"), want: hasty},
		{name: "nice/closed", about: "nice 19 beside 4 busy processes on its CPU, closed loop of 32", args: closed("32"), disturbance: starve, want: late},
		{name: "nice/open", about: "likewise, open loop of 1000/s", args: rate("1000/s"), disturbance: starve, want: late},
		{name: "neighbours/one", about: "1 busy process on its CPU, 100/s", args: rate("100/s"), disturbance: beside(1), want: unless},
		{name: "neighbours/100", about: "2 busy processes on its CPU, 100/s", args: rate("100/s"), disturbance: beside(2), want: late},
		{name: "neighbours/1000", about: "likewise, 1000/s", args: rate("1000/s"), disturbance: beside(2), want: late},
		{name: "neighbours/everywhere", about: "2 busy processes for each CPU, 1000/s", args: rate("1000/s"), disturbance: disturbance{neighbours: 2, everywhere: true}, want: late},
		{
			name: "quota", about: "a CPU quota of a tenth of a core, 2000/s", args: rate("2000/s"), disturbance: disturbance{cores: 0.1},
			want: want{atLeast: results.Invalid, reasons: []string{"CPU quota: throttled"}},
		},
		{
			name: "files", about: "20 file descriptors, 2000/s on a service of 50 ms", args: slow("2000/s", "50ms"), disturbance: disturbance{files: 20},
			want: want{atLeast: results.Invalid, reasons: []string{"the generator ran out of file descriptors (limit 20)"}},
		},
	}
	for _, r := range []string{"500", "1000", "2000"} {
		all = append(all, testCase{
			name: "one-cpu/" + r, about: "one CPU, " + r + "/s", args: rate(r + "/s"), disturbance: disturbance{oneCPU: true},
			want: want{atLeast: results.Invalid, reasons: slowed[:], orTrue: medianTrue, always: true},
		})
	}
	all = append(all, testCase{
		name: "in-flight/on-time", about: "8 in flight at most, 200/s on a service of 500 ms", args: append(slow("200/s", "500ms"), "--max-in-flight", "8"), calm: true,
		want: want{atLeast: results.Suspect, reasons: []string{"target overloaded: 8 requests waited"}, alone: true},
	}, testCase{
		name: "in-flight/late", about: "8 in flight at most, 1000/s on a service of 50 ms, nice 19 beside 4 busy processes", args: append(slow("1000/s", "50ms"), "--max-in-flight", "8"), disturbance: starve,
		want: want{atLeast: results.Invalid, reasons: []string{"in-flight cap 8 reached"}},
	}, testCase{
		name: "gc", about: "a collector that never rests, 1000/s", args: rate("1000/s"), disturbance: disturbance{garbage: true},
		want: want{atLeast: results.Suspect, reasons: append(slowed[:len(slowed):len(slowed)], "garbage collector", "CPU: this process"), orTrue: tailTrue},
	})
	return append(all, quiet()...)
}

// quiet are cases in which nothing is wrong.
func quiet() []testCase {
	skewed := []string{"--keys", "zipf:1.1:10000"}
	all := []testCase{
		{name: "quiet/noop", about: "the null target, 1000/s", args: []string{"--target", "noop", "-r", "1000/s"}},
		{name: "quiet/gcra", about: "a local limiter, 2000/s", args: append(skewed[:2:2], "--limiter", "gcra", "-r", "2k/s")},
		{name: "quiet/redis-steady", about: "a limiter on Redis, 2000/s", args: append(skewed[:2:2], "--limiter", "redis-gcra", "-r", "2k/s")},
		{name: "quiet/redis-burst", about: "likewise, the bursts of make run", args: []string{"compare-limiters", "--limiter", "redis-gcra"}, length: 1500 * time.Millisecond},
		{name: "quiet/http-100", about: "an HTTP service, 100/s", args: rate("100/s")},
		{name: "quiet/http-1000", about: "an HTTP service, 1000/s", args: rate("1000/s")},
	}
	for i := range all {
		all[i].calm = true
	}
	return all
}

func rate(r string) []string { return []string{"-r", r, "--http", "http://" + service + "/"} }

// slow is a service that takes its time.
func slow(r, takes string) []string {
	return []string{"-r", r, "--http", "http://" + service + "/after/" + takes}
}

func closed(clients string) []string {
	return []string{"-c", clients, "--http", "http://" + service + "/"}
}
