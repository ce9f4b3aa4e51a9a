package results

// class counts the arrivals of one stream. A run without streams has one class.
// Totals are sums over classes, so nothing is counted twice.
type class struct {
	offered  uint64
	outcomes [len(outcomeNames)]uint64
	response recorder // of ok
}

// ended is the number of arrivals that have an outcome.
func (c *class) ended() uint64 {
	var n uint64
	for _, o := range Outcomes {
		n += c.outcomes[o]
	}
	return n
}

func (c *class) add(other *class, highest int64) {
	c.offered += other.offered
	for o, n := range other.outcomes {
		c.outcomes[o] += n
	}
	c.response.add(&other.response, highest)
}

// note counts an arrival that has ended.
func (c *class) note(m *Sample, response, highest int64) {
	c.offered++
	c.outcomes[m.Outcome]++
	if m.Outcome == OK {
		c.response.record(response, highest)
	}
}

func ended(all []class) (n uint64) {
	for i := range all {
		n += all[i].ended()
	}
	return n
}

// outcomesByName lists every outcome, also those that never happened.
func (c *class) outcomesByName() map[string]uint64 {
	named := make(map[string]uint64, len(Outcomes))
	for _, o := range Outcomes {
		named[o.String()] = c.outcomes[o]
	}
	return named
}

func (c *class) info(highest int64) (ClassInfo, error) {
	response, err := c.response.latency(highest)
	return ClassInfo{Offered: c.offered, Outcomes: c.outcomesByName(), Response: response}, err
}
