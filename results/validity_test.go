package results

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// clean is a run without blemish: 10,000 arrivals in 10 s over a network.
func clean() (*Run, Evidence) {
	run := &Run{
		MeasuredNS: int64(10 * time.Second), Offered: 10_000, Outcomes: map[string]uint64{"ok": 10_000},
		Latency: Latencies{
			Response:  map[string]*Latency{"ok": {Count: 10_000, P99NS: int64(2 * time.Millisecond)}},
			SendDelay: map[string]*Latency{"ok": {Count: 10_000, P99NS: int64(50 * time.Microsecond)}},
		},
	}
	return run, Evidence{Model: "open", Scheduled: 10_000, Released: 10_000, MaxInFlight: 64, Cores: 2}
}

// TestUnsentBesideALateGenerator is the generator's own, and grave in number.
func TestUnsentBesideALateGenerator(t *testing.T) {
	for n, want := range map[uint64]Verdict{1: Suspect, 100: Suspect, 101: Invalid} {
		run, e := clean()
		run.Outcomes["ok"], run.Outcomes["unsent"] = 10_000-n, n
		run.Latency.SendDelay["ok"].P99NS = int64(2 * time.Millisecond)
		v := Assess(run, e)
		if text := strings.Join(v.Reasons, "; "); v.Verdict != want || !strings.Contains(text, fmt.Sprintf("in-flight cap 64 reached: %d of 10000 arrivals unsent", n)) {
			t.Errorf("%d unsent: %s because of %s; want %s because of the cap", n, v.Verdict, text, want)
		}
	}
}

func TestJudge(t *testing.T) {
	ms, us := int64(time.Millisecond), int64(time.Microsecond)
	unsent := func(n uint64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) { r.Outcomes["ok"], r.Outcomes["unsent"] = 10_000-n, n }
	}
	receive := func(p50, p99, responseP50, responseP99 int64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) {
			r.Generator = &Generator{ReceiveCount: 1000, ReceiveP50NS: p50, ReceiveP99NS: p99}
			r.Latency.Response["ok"].P50NS, r.Latency.Response["ok"].P99NS = responseP50, responseP99
		}
	}
	own := func(p50, undelayed50, p99, undelayed99 int64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) {
			r.Generator = &Generator{UndelayedCount: 10_000, UndelayedP50NS: undelayed50, UndelayedP99NS: undelayed99}
			r.Latency.Response["ok"].P50NS, r.Latency.Response["ok"].P99NS = p50, p99
		}
	}
	queued := func(share float64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) { r.Generator = &Generator{RunQueueShare: share} }
	}
	delay := func(p99, response int64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) {
			r.Latency.SendDelay["ok"].P99NS, r.Latency.Response["ok"].P99NS = p99, response
		}
	}
	inProcess := func(p99 int64) func(*Run, *Evidence) {
		return func(r *Run, e *Evidence) { r.Latency.SendDelay["ok"].P99NS, e.InProcess = p99, true }
	}
	offered := func(n uint64) func(*Run, *Evidence) {
		return func(r *Run, e *Evidence) {
			e.Released, r.Offered, r.Outcomes["ok"] = n, n, n
		}
	}
	clipped := func(n int64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) { r.Latency.Response["ok"].Clipped = n }
	}
	throttled := func(ns int64) func(*Run, *Evidence) {
		return func(r *Run, e *Evidence) { e.ThrottledNS, e.ThrottledShare = ns, float64(ns)/float64(r.MeasuredNS) }
	}
	cpu := func(share float64) func(*Run, *Evidence) {
		return func(r *Run, _ *Evidence) { r.Cost.CPUShare = share }
	}
	ownFault := func(cause string, n uint64) func(*Run, *Evidence) {
		return func(r *Run, e *Evidence) {
			e.FileLimit, r.Causes = 20, map[string]uint64{cause: n}
			r.Outcomes["ok"], r.Outcomes["failed"] = 10_000-n, n
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*Run, *Evidence)
		want   Verdict
		reason string
	}{
		{"clean", func(*Run, *Evidence) {}, Valid, ""},

		{"nothing offered", func(r *Run, e *Evidence) { offered(0)(r, e); e.Scheduled = 0 }, Invalid, "nothing offered: the window of 10s"},
		{"does not add up", func(r *Run, _ *Evidence) { r.Offered++ }, Invalid, "10001 arrivals offered, 10000 with an outcome"},
		{"out of order", func(_ *Run, e *Evidence) { e.Negative = 1 }, Invalid, "1 samples with instants out of order"},
		{"loop broke", func(_ *Run, e *Evidence) { e.LoopErr = "trace.csv:3: no time" }, Invalid, "loop: trace.csv:3: no time"},
		{"no descriptors", ownFault("failed: generator: too many open files", 1760), Invalid, "the generator ran out of file descriptors (limit 20): 1760 of 10000 arrivals failed of it; raise ulimit -n"},
		{"one without a port", ownFault("failed: generator: cannot assign requested address", 1), Invalid, "the generator had no local address and port to connect from: 1 of 10000 arrivals"},
		{"the service is out of descriptors", ownFault("failed: too many open files", 1760), Valid, ""},
		{"target broke", func(_ *Run, e *Evidence) { e.TargetErr = "close: EOF" }, Suspect, "target: close: EOF"},
		{"partial", func(r *Run, e *Evidence) { offered(400)(r, e); r.Partial = true }, Suspect, "partial: ended after 10s with 400 of 10000 arrivals offered"},
		{"not ended", func(r *Run, e *Evidence) { offered(400)(r, e); r.Partial, e.Unended, e.Pending = true, true, 7 }, Suspect, "partial: the run was not ended; this is what was known after 10s: 400 of 10000 arrivals, without 7 that were in flight"},
		{"partial, closed", func(r *Run, e *Evidence) { r.Partial, e.Scheduled, e.Model = true, 0, "closed" }, Suspect, "with 10000 arrivals offered"},

		{"the target overloaded", unsent(5000), Suspect, "target overloaded: 64 requests waited for it, and 5000 of 10000 arrivals found no room"},

		{"one clipped", clipped(1), Suspect, "1 of 10000 values of response.ok beyond its range"},
		{"0.1 % clipped", clipped(10), Suspect, "10 of 10000"},
		{"over 0.1 % clipped", clipped(11), Invalid, "11 of 10000 values of response.ok beyond its range (limit 0.1 %)"},

		{"99 % offered", offered(9_900), Valid, ""},
		{"under 99 % offered", offered(9_899), Invalid, "generator starved: 9899 of 10000 scheduled arrivals sent by the end of the window (limit 99 %)"},
		{"under 99 % offered, virtual", func(r *Run, e *Evidence) { offered(9_899)(r, e); e.Virtual = true }, Invalid, "starved"},
		{"closed loop has no schedule", func(r *Run, e *Evidence) { offered(9_899)(r, e); e.Model = "closed" }, Valid, ""},

		{"1 ms late", delay(ms, 2*ms), Valid, ""},
		{"over 1 ms late", delay(ms+us, 2*ms), Suspect, "generator late: send delay p99 1.001ms (limit 1ms; response.ok.p99 2ms)"},
		{"late by an odd time", delay(2*ms+367*us+487, 2*ms), Suspect, "send delay p99 2.367ms (limit 1ms; response.ok.p99 2ms)"},
		{"10 % late", delay(5*ms, 50*ms), Valid, ""},
		{"over 10 % late", delay(5*ms+us, 50*ms), Suspect, "limit 5ms"},
		{"10 ms late", delay(10*ms, 11*ms), Suspect, "limit 1.1ms"},
		{"over 10 ms late", delay(10*ms+us, 11*ms), Invalid, "send delay p99 10ms (limit 10ms; response.ok.p99 11ms)"},
		{"50 % late", delay(50*ms, 100*ms), Suspect, "limit 10ms"},
		{"over 50 % late", delay(50*ms+us, 100*ms), Invalid, "limit 50ms"},
		{"late without an ok", func(r *Run, e *Evidence) { delay(2*ms, 0)(r, e); r.Latency.Response = nil }, Suspect, "generator late: send delay p99 2ms (limit 1ms; nothing was ok)"},
		{"late, closed", func(r *Run, e *Evidence) { delay(500*ms, ms)(r, e); e.Model = "closed" }, Valid, ""},
		{"late, virtual", func(r *Run, e *Evidence) { delay(500*ms, ms)(r, e); e.Virtual = true }, Valid, ""},
		{"late in process", inProcess(100 * ms), Valid, ""},
		{"starved in process", inProcess(100*ms + us), Suspect, "generator starved: send delay p99 100ms (limit 100ms)"},

		{"throttled", throttled(1000), Suspect, "CPU quota: throttled for 1µs, 1e-05 % of the window"},
		{"throttled 1 %", throttled(100 * ms), Suspect, "throttled for 100ms, 1 % of the window"},
		{"throttled over 1 %", throttled(101 * ms), Invalid, "throttled for 101ms, 1.01 % of the window (limit 1 %)"},
		{"5 % stolen", func(_ *Run, e *Evidence) { e.StealShare = 0.05 }, Valid, ""},
		{"over 5 % stolen", func(_ *Run, e *Evidence) { e.StealShare = 0.051 }, Suspect, "CPU steal 5.1 % (limit 5 %)"},
		{"1 % pause", func(r *Run, _ *Evidence) { r.Cost.GCPauseNS = 100 * ms }, Valid, ""},
		{"over 1 % pause", func(r *Run, _ *Evidence) { r.Cost.GCPauseNS = 101 * ms }, Suspect, "paused 1.01 % of the window (limit 1 %)"},
		{"90 % of the cores", cpu(1.8), Valid, ""},
		{"over 90 % of the cores", cpu(1.82), Suspect, "used 91 % of its 2 cores (limit 90 %)"},
		{"over 100 % of the cores", cpu(4.88), Suspect, "used 100 % of its 2 cores (limit 90 %)"},
		{"busy for half a second", func(r *Run, e *Evidence) { cpu(4.88)(r, e); r.MeasuredNS = 500 * ms }, Valid, ""},
		{"busy with nothing", func(r *Run, e *Evidence) { cpu(4.88)(r, e); offered(0)(r, e); e.Scheduled = 0 }, Invalid, "nothing offered"},
		{"throttled longer than the window", func(_ *Run, e *Evidence) { e.ThrottledNS, e.ThrottledShare = 300*ms, 2 }, Invalid, "throttled for 300ms, 100 % of the window"},
		{"paused longer than the window", func(r *Run, _ *Evidence) { r.MeasuredNS, r.Cost.GCPauseNS = 1, ms }, Suspect, "paused 100 % of the window"},
		{"cores not known", func(r *Run, e *Evidence) { cpu(8)(r, e); e.Cores = 0 }, Valid, ""},
		{"busy closed loop", func(r *Run, e *Evidence) { cpu(2)(r, e); e.Model, e.InProcess = "closed", true }, Valid, ""},
		{"busy closed loop on a service", func(r *Run, e *Evidence) { cpu(2)(r, e); e.Model = "closed" }, Suspect, "CPU: this process used 100 %"},
		{"a server that evicts", func(_ *Run, e *Evidence) { e.Spoiled = []string{"redis evicted 5 keys"} }, Suspect, "redis evicted 5 keys"},
		{"answers taken in time", receive(200*us, 2*ms, 100*us, ms), Valid, ""},
		{"answers taken late", receive(201*us, 2*ms, ms, 2*ms), Suspect, "generator late to take answers: receive delay p50 201µs (limit 200µs; response.ok.p50 1ms)"},
		{"answers of a slow service taken late", receive(900*us, 2*ms, 10*ms, 20*ms), Valid, ""},
		{"answers taken very late", receive(6*ms, 6*ms, 6*ms, 60*ms), Invalid, "receive delay p50 6ms (limit 1.2ms; response.ok.p50 6ms)"},
		{"some answers taken late", receive(us, 5*ms, ms, 6*ms), Suspect, "receive delay p99 5ms (limit 2ms; response.ok.p99 6ms)"},
		{"some answers taken very late", receive(us, 11*ms, ms, 12*ms), Invalid, "receive delay p99 11ms (limit 10ms"},
		{"answers nobody takes", func(r *Run, e *Evidence) { receive(6*ms, 6*ms, 6*ms, 60*ms)(r, e); e.InProcess = true }, Valid, ""},
		{"hardly anything of its own", own(400*us, 200*us, 3*ms, ms), Valid, ""},
		{"a median of its own", own(401*us, 200*us, 2*ms, 2*ms), Suspect, "generator late: 201µs of response.ok.p50, which is 401µs, are its own (limit 200µs)"},
		{"a median mostly of its own", own(3*ms, 600*us, 4*ms, 4*ms), Invalid, "2.4ms of response.ok.p50, which is 3ms, are its own (limit 1.5ms)"},
		{"a slow service", own(10*ms, 8*ms, 20*ms, 16*ms), Valid, ""},
		{"a fast one, of which the tail is its own", own(300*us, 200*us, 3*ms, 999*us), Suspect, "generator late: 2.001ms of response.ok.p99, which is 3ms, are its own (limit 2ms)"},
		{"a tail wholly of its own", own(300*us, 200*us, 11*ms, 999*us), Invalid, "10ms of response.ok.p99, which is 11ms, are its own (limit 10ms)"},
		{"its own in a closed loop", func(r *Run, e *Evidence) { own(4*ms, ms, 5*ms, 4*ms)(r, e); e.Model = "closed" }, Invalid, "3ms of response.ok.p50"},
		{"answers that were taken in time, and looks that were late", func(r *Run, e *Evidence) {
			receive(6*ms, 60*ms, 400*us, 2*ms)(r, e)
			r.Generator.UndelayedCount, r.Generator.UndelayedP50NS, r.Generator.UndelayedP99NS = 9_900, 300*us, ms
		}, Valid, ""},
		{"likewise, of too few answers", func(r *Run, e *Evidence) {
			receive(us, 5*ms, 400*us, 6*ms)(r, e)
			r.Generator.UndelayedCount, r.Generator.UndelayedP50NS, r.Generator.UndelayedP99NS = 9_899, 300*us, 6*ms
		}, Suspect, "receive delay p99 5ms"},
		{"its own, and nobody looked", func(r *Run, e *Evidence) { own(4*ms, 0, 5*ms, 0)(r, e); r.Generator.UndelayedCount = 0 }, Valid, ""},
		{"a thread that waits", queued(0.11), Suspect, "no core for the generator: a thread of it waited 11 % of the window"},
		{"a thread that waits long, in a closed loop", func(r *Run, e *Evidence) { queued(0.41)(r, e); e.Model = "closed" }, Invalid, "waited 41 % of the window"},
		{"machine in virtual time", func(r *Run, e *Evidence) {
			throttled(500*ms)(r, e)
			e.StealShare, r.Cost.GCPauseNS, r.Cost.CPUShare, e.Virtual = 0.5, 5000*ms, 2, true
		}, Valid, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run, e := clean()
			tt.change(run, &e)
			checkVerdict(t, Assess(run, e), tt.want, tt.reason)
		})
	}
}

func checkVerdict(t *testing.T, got Validity, want Verdict, reason string) {
	t.Helper()
	all := strings.Join(got.Reasons, "\n")
	if got.Verdict != want || !strings.Contains(all, reason) {
		t.Errorf("verdict %s because of %q; want %s because of %q", got.Verdict, all, want, reason)
	}
	if got.Reasons == nil || len(got.Reasons) > 1 || (want == Valid) != (all == "") {
		t.Errorf("%d reasons for %s: %q; want one, or none when valid", len(got.Reasons), want, all)
	}
}

func TestJudgeGivesTheGravestReasonFirst(t *testing.T) {
	run, e := clean()
	run.Partial, e.Negative = true, 3
	got := Assess(run, e)
	if got.Verdict != Invalid || len(got.Reasons) != 2 || !strings.Contains(got.Reasons[0], "out of order") {
		t.Errorf("got %+v; want invalid, for instants out of order first", got)
	}
}

// A handful of slow failures may not pass for the delay of all.
func TestSendDelayIsJudgedOverAllOutcomes(t *testing.T) {
	var samples []Sample
	for i := range 10_000 {
		m := Sample{Intended: time.Duration(i) * time.Millisecond, Outcome: OK}
		m.Released = m.Intended + 10*time.Microsecond
		if i%1000 == 0 {
			m.Outcome, m.Released = Failed, m.Intended+time.Second
		}
		m.Started, m.Done = m.Released, m.Released+time.Millisecond
		samples = append(samples, m)
	}
	run := fill(t, Options{Window: 10 * time.Second}, 10*time.Second, samples)
	if got := Assess(run, Evidence{Model: "open"}); got.Verdict != Valid {
		t.Errorf("10 of 10000 late: %+v; want valid", got)
	}
	run.Latency.SendDelay["ok"].HDR = "unreadable"
	if got := Assess(run, Evidence{Model: "open"}); got.Verdict != Invalid {
		t.Errorf("unreadable histogram: %+v; want the worst outcome's delay to count", got)
	}
	for i := range samples {
		samples[i].Outcome = Outcomes[i%2]
		samples[i].Released = samples[i].Intended + time.Duration(i%100/98)*20*time.Millisecond
		samples[i].Started, samples[i].Done = samples[i].Released, samples[i].Released+time.Millisecond
	}
	run = fill(t, Options{Window: 10 * time.Second}, 10*time.Second, samples)
	if got := Assess(run, Evidence{Model: "open"}); got.Verdict == Valid {
		t.Error("2 of 100 are 20 ms late over ok and rejected; want a verdict that says so")
	}
}
