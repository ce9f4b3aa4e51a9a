package simulated

import "math"

// late is the share of requests whose response takes longer than x, by queueing
// theory, at a rate.
//
// The waiting time of M/G/1 has, by Pollaczek and Khinchine, the tail Σ c·exp(−η·x)
// over the roots η of λ(M(η)−1) = η, where M(η) is E[exp(η·S)] and c is
// (1−ρ)/(λM′(η)−1); a service on top makes c to c·M(η). For services that are
// mixtures of exponential ones that is all of it; for fixed ones the roots that are
// complex are left out, which at ten services and more changes nothing in the sixth digit.
func (s *server) late(rate, x float64) (share float64) {
	load := rate * s.mean() / float64(s.width())
	switch {
	case load >= 1:
		return 1
	case s.servers > 1:
		return s.lateOfSeveral(rate, x)
	}
	for _, eta := range s.roots(rate) {
		m, slope := s.moments(eta)
		share += (1 - load) / (rate*slope - 1) * m * math.Exp(-eta*x)
	}
	return share
}

// lateOfSeveral is that share where several servers take what the only kind of
// exponential services is (M/M/c): who has to wait, by Erlang's formula C, waits
// exponentially long.
func (s *server) lateOfSeveral(rate, x float64) float64 {
	offered, mu := rate*s.mean(), 1/s.mean()
	blocked := 1.0 // Erlang's B, by its recursion
	for k := 1; k <= s.servers; k++ {
		blocked = offered * blocked / (float64(k) + offered*blocked)
	}
	c := float64(s.servers)
	waits := c * blocked / (c - offered*(1-blocked))
	spare, held := c-1-offered, mu*x
	if spare != 0 {
		held = -math.Expm1(-spare*mu*x) / spare
	}
	return math.Exp(-mu*x) * (1 + waits*held)
}

// moments is E[exp(η·S)] and its derivative.
func (s *server) moments(eta float64) (m, slope float64) {
	for _, p := range s.parts {
		if p.fixed {
			e := math.Exp(eta * p.mean)
			m, slope = m+p.share*e, slope+p.share*p.mean*e
			continue
		}
		mu := 1 / p.mean
		m, slope = m+p.share*mu/(mu-eta), slope+p.share*mu/((mu-eta)*(mu-eta))
	}
	return m, slope
}

// roots are the real ones: one below every pole.
func (s *server) roots(rate float64) (all []float64) {
	poles := []float64{}
	for _, p := range s.parts {
		if !p.fixed {
			poles = append(poles, 1/p.mean)
		}
	}
	if len(poles) == 2 && poles[0] > poles[1] {
		poles[0], poles[1] = poles[1], poles[0]
	}
	if len(poles) == 0 { // e to the 20th and more would overflow nothing, and no root is there
		poles = append(poles, 20/s.parts[len(s.parts)-1].mean)
	}
	from := 0.0
	for _, to := range poles {
		all = append(all, s.root(rate, from, to))
		from = to
	}
	return all
}

// root is the one between two poles, below which the function is negative.
func (s *server) root(rate, from, to float64) float64 {
	low, high := from+(to-from)*1e-12, to-(to-from)*1e-12
	for range 200 {
		mid := (low + high) / 2
		if m, _ := s.moments(mid); rate*(m-1)-mid < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// truth is the rate at which so many responses are late.
func (s *server) truth() float64 {
	low, high := 0.0, float64(s.width())/s.mean()
	for range 100 {
		if mid := (low + high) / 2; s.late(mid, s.bound) < s.allow {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}
