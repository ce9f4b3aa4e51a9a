package capacity

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Calibrating is about how long a calibration takes.
const Calibrating = 2 * time.Second

// Usable is the share of what the generator keeps up with that a search uses. Nearer to its
// limit it has a part in response times long before it falls behind.
const Usable = 0.7

// Calibration is how fast the generator goes with the same work and a target that does
// nothing, as far as that was measured.
type Calibration struct {
	Against string        `json:"against"`          // what did nothing
	Most    float64       `json:"most"`             // the highest rate that the generator kept up with; 0 for none
	Missed  float64       `json:"missed,omitempty"` // the lowest that it did not; 0 where it did with all that were tried
	Why     string        `json:"why,omitempty"`    // it did not
	Lag     time.Duration `json:"lag_p99_ns"`       // send delay at Most
	Shared  bool          `json:"shared,omitempty"` // the target is on the same machine, and slows the generator down
	Differs []string      `json:"differs,omitempty"`
}

// Words are what it was measured with, and what that says.
func (c Calibration) Words() string {
	text := "with " + strings.Join(append([]string{c.Against}, c.Differs...), ", ")
	if c.Shared {
		text += "; an upper bound, as the target is on this machine too"
	}
	return text
}

// Generator is a calibration, and how far the search went with it.
type Generator struct {
	Calibration
	Share float64 `json:"share,omitempty"` // of Most, that the answer is, or else the highest value that passed
	// TrialLag is the send delay's p99 of trials near that, the median of them.
	TrialLag *int64 `json:"trial_lag_p99_ns,omitempty"`
}

// calibrated finds how fast the generator goes, before anything is sent to the target, and
// ends a search that begins beyond that.
func (s *search) calibrated() error {
	if s.Calibration == 0 {
		return nil
	}
	if err := s.calibrate(); err != nil {
		return err
	}
	over, err := s.beyond(s.From)
	if err != nil || !over {
		return err
	}
	return end(GeneratorLimited, "the lowest value, %.6g, is beyond the generator, and nothing was sent to the target: %s; want --from of %.6g at most, or a generator that is faster", s.From, s.calibratedWords(), Usable*s.answer.Generator.Most)
}

// calibrate asks for a calibration. Of two the better one holds: what disturbs the generator
// makes it slower.
func (s *search) calibrate() error {
	n := s.answer.Trials
	o, err := s.measure(s.ctx, Trial{
		Number: n, Phase: Calibrate, Value: s.Most / Usable, Length: s.Calibration, Seed: s.seeds.Sub("calibration").Uint64(uint64(n)),
	})
	if err != nil {
		return err
	}
	s.answer.Took += o.Took
	switch c, known := o.Calibration, s.answer.Generator; {
	case c == nil:
		s.answer.Reasons = append(s.answer.Reasons, "the generator was not calibrated: "+o.Invalid)
	case known == nil || c.Most > known.Most:
		s.answer.Generator = &Generator{Calibration: *c}
	}
	return nil
}

// limit is the highest rate that the generator is good for. It has none where it kept up
// with more than may be searched, nor where it kept up with nothing that was tried, which the
// trials themselves have to tell.
func (s *search) limit() float64 {
	g := s.answer.Generator
	if g == nil || g.Most == 0 || g.Missed == 0 && s.Most > 0 {
		return math.Inf(1)
	}
	return Usable * g.Most
}

// beyond reports whether a rate is more than the generator is good for. One calibration is not
// believed where a search would end for it: something may have disturbed it.
func (s *search) beyond(rate float64) (bool, error) {
	if rate <= s.limit() {
		return false, nil
	}
	if !s.recalibrated && s.answer.Took+s.Calibration <= s.Budget {
		s.recalibrated = true
		if err := s.calibrate(); err != nil {
			return false, err
		}
	}
	return rate > s.limit(), nil
}

// reach is the next value of a ramp, as far as the generator is good for it; low where that is
// hardly more.
func (s *search) reach(low, next float64) (float64, error) {
	over, err := s.beyond(next)
	if err != nil || !over {
		return next, err
	}
	if next = s.value(s.limit()); next <= localBracket*low {
		return low, nil
	}
	return next, nil
}

// outrun is the end of a search whose target takes what the generator is good for.
func (s *search) outrun(passed float64) error {
	return end(GeneratorLimited, "the target takes %.6g, and more is beyond the generator: %s", passed, s.calibratedWords())
}

// calibratedWords say what the generator keeps up with, and what of that is used.
func (s *search) calibratedWords() string {
	g := s.answer.Generator
	return fmt.Sprintf("%.3g %% of the %.0f that it keeps up with are used, %s", 100*Usable, g.Most, g.Words())
}

// nearTheAnswer is how far from the answer trials are of which the send delay is told.
const nearTheAnswer = 0.15

// used says how much of what the generator can the search used.
func (s *search) used() {
	g, at := s.answer.Generator, s.answer.Value
	if at == 0 {
		at = s.answer.Passed
	}
	if g == nil || g.Most == 0 || at == 0 {
		return
	}
	g.Share = at / g.Most
	var lags []int64
	for _, m := range s.made {
		if m.Lag != nil && math.Abs(m.Value/at-1) <= nearTheAnswer {
			lags = append(lags, *m.Lag)
		}
	}
	if slices.Sort(lags); len(lags) > 0 {
		g.TrialLag = &lags[len(lags)/2]
	}
}
