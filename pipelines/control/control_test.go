package control

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

const ms = time.Millisecond

// signals are those of a step of 250 ms in which 10 workers did what they could, 1,000
// a second.
func signals(change func(*Signals)) *Signals {
	s := &Signals{Period: 250 * ms, Busy: One, Done: 250, Given: 500_000}
	s.Bounds = [Actuators]Bounds{
		Batch: {1, 64, 64}, Limit: {10_000, 0, 1_000_000_000}, Workers: {10, 10, 20}, Signal: {10_000, 0, 1_000_000_000}, Alarm: {0, 0, 1},
	}
	for a := range Actuators {
		s.Now[a] = s.Bounds[a].Start
	}
	if change != nil {
		change(s)
	}
	return s
}

// play lets a controller see the same signals for some steps, doing what it commands,
// and returns what an actuator was after each.
func play(c Controller, s *Signals, what Actuator, steps int) (all []int64) {
	for i := range steps {
		for _, command := range c.Step(time.Duration(i+1)*s.Period, s) {
			s.Now[command.What] = command.To
		}
		all = append(all, s.Now[what])
	}
	return all
}

func same(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("%s is %v; want %v", what, got, want)
			return
		}
	}
}

func literalWith(t *testing.T, rules ...string) Controller {
	t.Helper()
	c := DefaultLiteralConfig()
	c.Rules = rules
	made, err := NewLiteral(c)
	if err != nil {
		t.Fatal(err)
	}
	return made.Controller
}

func calibratedWith(t *testing.T, rules ...string) Controller {
	t.Helper()
	c := DefaultCalibratedConfig()
	c.Rules = rules
	made, err := NewCalibrated(c)
	if err != nil {
		t.Fatal(err)
	}
	return made.Controller
}

// TestLiteral: each rule does what it says as long as its threshold is exceeded, from
// the next step on, and no longer.
func TestLiteral(t *testing.T) {
	cpu := literalWith(t, "cpu")
	at := signals(func(s *Signals) { s.CPU = 800_000 })
	same(t, "the batch at 80 % CPU", play(cpu, at, Batch, 2), 64, 64)
	at.CPU++
	same(t, "the batch above it", play(cpu, at, Batch, 3), 32, 16, 8)
	at.CPU = 0
	same(t, "the batch when that is over", play(cpu, at, Batch, 1), 64)

	delay := literalWith(t, "delay")
	at = signals(func(s *Signals) { s.Head = time.Second })
	same(t, "the limiter at a delay of 1 s", play(delay, at, Limit, 1), 0)
	at.Head++
	same(t, "the limiter above it", play(delay, at, Limit, 2), 500_000, 500_000)
	same(t, "the alarm", play(delay, at, Alarm, 1), 1)
	at.Head = 0
	same(t, "the limiter when that is over", play(delay, at, Limit, 1), 0)
	same(t, "the alarm then", play(delay, at, Alarm, 1), 0)

	gc := literalWith(t, "gc")
	at = signals(func(s *Signals) { s.GCs = 5 })
	same(t, "workers at 5 collections a minute", play(gc, at, Workers, 2), 10, 10)
	at.GCs = 6
	same(t, "workers above it", play(gc, at, Workers, 3), 11, 12, 13)
	at.GCs = 5
	same(t, "workers when that is over", play(gc, at, Workers, 1), 10)
}

// TestRulesAlone: a rule that is not in force commands nothing.
func TestRulesAlone(t *testing.T) {
	all := func(s *Signals) { s.CPU, s.Head, s.GCs, s.GC = One, time.Minute, 100, One }
	for rule, actuators := range map[string][]Actuator{"cpu": {Batch}, "delay": {Alarm, Limit}, "gc": {Workers}} {
		for name, c := range map[string]Controller{"doc-literal": literalWith(t, rule), "calibrated": calibratedWith(t, rule)} {
			got := c.Step(0, signals(all))
			if len(got) != len(actuators) {
				t.Errorf("%s with the rule %s alone commands %v; want %v", name, rule, got, actuators)
				continue
			}
			for i, command := range got {
				if command.Rule != rule || command.What != actuators[i] {
					t.Errorf("%s with the rule %s alone commands %v; want %v", name, rule, got, actuators)
				}
			}
		}
	}
}

// TestCalibrated: thresholds are entered after two steps and left after eight below a
// lower one.
func TestCalibrated(t *testing.T) {
	cpu := calibratedWith(t, "cpu")
	at := signals(func(s *Signals) { s.CPU = One })
	// smoothed: 20, 36, 48, 59, 67, 73, 79, 83, 86 %
	same(t, "the batch under full CPU", play(cpu, at, Batch, 10), 64, 64, 64, 64, 64, 64, 64, 64, 32, 16)
	at.CPU = 700_000
	same(t, "the batch between the thresholds", play(cpu, at, Batch, 5), 8, 4, 2, 1, 0)
	at.CPU, at.Now[Batch] = 0, 8
	// smoothed below 64 % from the first step on: eight of these, and it grows again
	same(t, "the batch when that is over", play(cpu, at, Batch, 11), 4, 2, 1, 0, 0, 0, 0, 3, 6, 9, 12)

	delay := calibratedWith(t, "delay")
	at = signals(func(s *Signals) { s.Head = 51 * ms })
	same(t, "the limiter above 50 ms", play(delay, at, Limit, 3), 0, 900_000, 900_000)
	same(t, "the alarm", play(delay, at, Alarm, 1), 1)
	at.Head = 45 * ms
	same(t, "the limiter between the thresholds", play(delay, at, Limit, 2), 900_000, 900_000)
	at.Head, at.Refused = 39*ms, 1
	same(t, "the limiter when that is over", play(delay, at, Limit, 3), 945_000, 992_250, 1_041_862)
	same(t, "the alarm after three steps", play(delay, at, Alarm, 1), 1)
	same(t, "the alarm after eight", play(delay, at, Alarm, 4), 1, 1, 1, 0)
	at.Refused = 0
	got := play(delay, at, Limit, 8)
	if got[6] == 0 || got[7] != 0 {
		t.Errorf("without refusals the limiter is %v; want it off in the eighth step", got)
	}

	gc := calibratedWith(t, "gc")
	at = signals(func(s *Signals) { s.GC, s.GCs = 100_000, 1000 })
	same(t, "workers at 10 % for the collector", play(gc, at, Workers, 3), 10, 10, 10)
}

// TestWorkersThatDoNotHelp: after the cool-down one that did not raise what gets done by 5 %
// is let go again, and no other is taken on until the need was over.
func TestWorkersThatDoNotHelp(t *testing.T) {
	gc := calibratedWith(t, "gc")
	at := signals(func(s *Signals) { s.GC, s.Done = 200_000, 0 })
	play(gc, at, Workers, 1)
	at.Done = 250
	got := play(calibratedWith(t, "gc"), at, Workers, 200)
	if got[1] != 11 || got[12] != 11 {
		t.Errorf("workers are %v; want one more after two steps, and none else within 3 s", got)
	}
	most := int64(0)
	for _, n := range got {
		most = max(most, n)
	}
	if last := got[len(got)-1]; last >= most || last < 10 {
		t.Errorf("workers end at %d after %d; want that which did not help to have gone", last, most)
	}
}

func dynamic(t *testing.T) Controller {
	t.Helper()
	c := DefaultRateConfig()
	c.Period = units.Duration(250 * ms)
	made, err := NewDynamicRate(c)
	if err != nil {
		t.Fatal(err)
	}
	return made.Controller
}

// TestDynamicRate: above the target the rate is below what gets done, by as much as
// there is to drain; then it rises; and it is off when nothing was refused for a while.
func TestDynamicRate(t *testing.T) {
	for delay, want := range map[time.Duration]int64{30 * ms: 0, 31 * ms: 950_000, 130 * ms: 500_000, 10 * time.Second: 100_000} {
		same(t, "the rate at "+delay.String(), play(dynamic(t), signals(func(s *Signals) { s.Head = delay }), Limit, 1), want)
	}
	c, at := dynamic(t), signals(func(s *Signals) { s.Head = time.Second })
	play(c, at, Limit, 1)
	at.Head, at.Refused = 10*ms, 5
	same(t, "the rate when items go through", play(c, at, Limit, 3), 950_000, 959_500, 969_095)
	at.Done /= 2
	at.Head = 31 * ms
	if got := play(c, at, Limit, 40)[39]; got < 475_000 || got > 480_000 {
		t.Errorf("the rate is %d when half as much gets done; want 0.95 times that", got)
	}
	at.Head, at.Refused = 10*ms, 0
	if got := play(c, at, Limit, 8); got[6] == 0 || got[7] != 0 {
		t.Errorf("without refusals the rate is %v; want it off in the eighth step", got)
	}
}

// TestSlowDown: the signal comes at the high mark, follows what gets done, and goes at the low
// one once the source holds nothing back.
func TestSlowDown(t *testing.T) {
	made, err := NewSlowDown(DefaultSlowDownConfig())
	if err != nil {
		t.Fatal(err)
	}
	at := signals(func(s *Signals) { s.Queued = 79 })
	same(t, "the signal below the high mark", play(made, at, Signal, 2), 0, 0)
	at.Queued = 80
	same(t, "the signal at it", play(made, at, Signal, 2), 900_000, 900_000)
	at.Queued, at.Held = 60, 1
	same(t, "the signal between the marks", play(made, at, Signal, 2), 900_000, 900_000)
	at.Queued = 40
	same(t, "the signal at the low mark", play(made, at, Signal, 2), 1_100_000, 1_100_000)
	at.Held = 0
	same(t, "the signal when nothing is held", play(made, at, Signal, 1), 0)
}

// TestSensorsOfDelay: the law of Little tells from those inside, and when nothing leaves
// the oldest tells; the scheduler tells of itself alone.
func TestSensorsOfDelay(t *testing.T) {
	s := signals(func(s *Signals) { s.Head, s.Sched, s.InPipe = 7*ms, 3*ms, 500 })
	for sensor, want := range map[Sensor]time.Duration{HeadOfLine: 7 * ms, Scheduler: 3 * ms, Little: 500 * ms} {
		if got := sensor.delay(s); got != want {
			t.Errorf("%s says %v; want %v", sensor, got, want)
		}
	}
	s.Done = 0
	if got := Little.delay(s); got != 7*ms {
		t.Errorf("when nothing leaves, %s says %v; want the age of the oldest", Little, got)
	}
}

// TestBadConfigs: all that is wrong is said at once.
func TestBadConfigs(t *testing.T) {
	bad := Settings{Period: 0, LeastRate: units.Rate{Count: 5, Per: time.Second}, MostRate: units.Rate{Count: 4, Per: time.Second}, LeastWorkers: 5, MostWorkers: 4}
	const shared = "period is 0s; want 1ms to 1h|least_rate is 5/s and most_rate 4/s; want the least first|least_workers is 5 and most_workers 4; want the least first"
	for _, tt := range []struct {
		name, want string
		build      func() (*Control, error)
	}{
		{"doc-literal", "cpu is 0; want more than 0 and at most 1|delay is 0s; want a positive duration|gcs is -1; want 0 or more", func() (*Control, error) { return NewLiteral(LiteralConfig{Settings: bad, GCs: -1}) }},
		{"calibrated", "cpu is 2; want|delay is -1s; want|gc_share is 0; want|cool_down is 0s; want", func() (*Control, error) {
			return NewCalibrated(CalibratedConfig{Settings: bad, CPU: 2, Delay: units.Duration(-time.Second)})
		}},
		{"slow-down", "low is 7 and high 7; want 0 or more, and low below high", func() (*Control, error) { return NewSlowDown(SlowDownConfig{bad, 7, 7}) }},
		{"dynamic-rate", "target is 0s; want|share is 0; want|drain is 0s; want|ramp is 0; want|calm is 0; want at least 1", func() (*Control, error) { return NewDynamicRate(RateConfig{Settings: bad}) }},
	} {
		_, err := tt.build()
		for want := range strings.SplitSeq(shared+"|"+tt.want, "|") {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error is %v; want it to say %s", tt.name, err, want)
			}
		}
	}
	for workers, want := range map[int]string{5: "most_workers is 4, and the first stage has 5; want at least", 2: "least_workers is 3, and the first stage has 2; want at most"} {
		if _, err := (Settings{LeastWorkers: 3, MostWorkers: 4}).CrewOf(workers); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to say %s", err, want)
		}
	}
	for text, want := range map[string]string{"cpu,heat": `rule is "heat"; want one of cpu, delay, gc`, "gc, gc": "rule gc is given twice", "": `rule is ""`} {
		if err := new(Rules).UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error of rules %q is %v; want %s", text, err, want)
		}
	}
	if err := new(Sensor).UnmarshalText([]byte("nose")); err == nil || !strings.Contains(err.Error(), "want one of head-of-line, little, scheduler") {
		t.Errorf("error is %v; want the names of sensors", err)
	}
}
