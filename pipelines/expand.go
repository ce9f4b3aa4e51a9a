package pipelines

import "time"

// expand lets a consumer that is faster than its source have the last item again, as
// often as it asks: for screens, and for what goes on as it was until it hears of
// something else. Before a consumer that is slower it is block.
type expand struct {
	block
	last Item
	any  bool // there was one
}

// NewExpand returns a queue that hands out the last item again where it is empty.
func NewExpand(c Config) (Policy, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return &expand{block: block{newFIFO(c)}}, nil
}

// Take implements [Policy]: the oldest is next, and the last one where there is nobody.
func (e *expand) Take(_ time.Duration, it *Item) (ok bool, shed []Drop) {
	if e.pop(it) {
		e.last, e.any = *it, true
		e.last.Extrapolated = true
		return true, nil
	}
	if e.any {
		*it = e.last
	}
	return e.any, nil
}

// Extrapolates implements [Extrapolating].
func (e *expand) Extrapolates() {}
