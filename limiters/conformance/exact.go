package conformance

import "github.com/fcbench/fcbench/internal/oracle"

func playAdmits(s *subject, requests []request) *breach {
	return s.against(requests, true, func(r oracle.Report) int64 { return r.FalseAdmits })
}

func playDenials(s *subject, requests []request) *breach {
	return s.against(requests, false, func(r oracle.Report) int64 { return r.FalseDenials })
}

// against compares every decision with an exact model, which is charged with
// what the limiter really granted, and looks for wrong ones of one kind.
func (s *subject) against(requests []request, admits bool, wrong func(oracle.Report) int64) *breach {
	judge, err := s.judge()
	c := s.caller()
	if err != nil {
		return c.breach("%v", err)
	}
	for _, r := range requests {
		c.request(r)
		if c.err != nil {
			return c.broken()
		}
		judge.Observe(s.observation(c.steps[len(c.steps)-1]))
	}
	report := judge.Report()
	if wrong(report) == 0 {
		return nil
	}
	for _, v := range report.Violations {
		if v.Allowed == admits {
			return c.breach("%v", v)
		}
	}
	return c.breach("%d of %d decisions were wrong", wrong(report), len(requests)) // the first few otherwise
}

// playExactly compares every decision with an exact model of the grants before
// it, at the instant that the limiter says it took it for.
func playExactly(s *subject, requests []request) *breach {
	c, granted := s.caller(), []Step(nil)
	for _, r := range requests {
		d := c.request(r)
		if c.err != nil {
			return c.broken()
		}
		step := c.steps[len(c.steps)-1]
		ok, after := s.follows(granted, step)
		if !ok {
			b := c.breach("at %v a request of %d, decided as at %v, came back as %q, and the model has it otherwise", r.now, r.n, d.At, words(d))
			if b.severity = Medium; d.Allowed {
				b.severity = High
			}
			return b
		}
		granted = after.([]Step)
	}
	return nil
}
