package report

import "slices"

// limitOf is the limit that a subject was set to, "" when it has none.
func (t trial) limitOf() (rate, burst, window string) {
	for _, s := range settings(t.repeats[0].Subject) {
		switch s.name {
		case "rate":
			rate = s.text()
		case "burst":
			burst = " burst " + s.text()
		case "window":
			window = " in windows of " + s.text()
		}
	}
	return rate, burst, window
}

// limit is that of all subjects that have one, where they agree. Algorithms
// without a burst or a window agree with any.
func (c comparison) limit() (limit string, same bool) {
	var rates, bursts, windows []string
	for _, t := range c.trials {
		rate, burst, window := t.limitOf()
		if rate == "" {
			continue
		}
		rates = append(rates, rate)
		if burst != "" {
			bursts = append(bursts, burst)
		}
		if window != "" {
			windows = append(windows, window)
		}
	}
	rates, bursts, windows = slices.Compact(rates), slices.Compact(bursts), slices.Compact(windows)
	if len(rates) != 1 || len(bursts) > 1 || len(windows) > 1 {
		return "", false
	}
	return rates[0] + append(bursts, "")[0] + append(windows, "")[0], true
}

// limits are those of the subjects, one by one, where they differ.
func (c comparison) limits() []string {
	if _, same := c.limit(); same {
		return nil
	}
	var lines []string
	for _, t := range c.trials {
		if rate, burst, window := t.limitOf(); rate != "" {
			lines = append(lines, Plain(t.name+": "+rate+burst+window))
		}
	}
	return lines
}
