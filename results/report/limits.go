package report

import "slices"

// limitOf is the limit that a subject was set to, "" when it has none.
func (t trial) limitOf() (rate, burst string) {
	for _, s := range settings(t.repeats[0].Subject) {
		switch s.name {
		case "rate":
			rate = s.text()
		case "burst":
			burst = " burst " + s.text()
		}
	}
	return rate, burst
}

// limit is that of all subjects that have one, where they agree. Algorithms
// without a burst agree with any.
func (c comparison) limit() (limit string, same bool) {
	var rates, bursts []string
	for _, t := range c.trials {
		rate, burst := t.limitOf()
		if rate == "" {
			continue
		}
		rates = append(rates, rate)
		if burst != "" {
			bursts = append(bursts, burst)
		}
	}
	rates, bursts = slices.Compact(rates), slices.Compact(bursts)
	if len(rates) != 1 || len(bursts) > 1 {
		return "", false
	}
	return rates[0] + append(bursts, "")[0], true
}

// limits are those of the subjects, one by one, where they differ.
func (c comparison) limits() []string {
	if _, same := c.limit(); same {
		return nil
	}
	var lines []string
	for _, t := range c.trials {
		if rate, burst := t.limitOf(); rate != "" {
			lines = append(lines, Plain(t.name+": "+rate+burst))
		}
	}
	return lines
}
