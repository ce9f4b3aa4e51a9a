package limiters

// ask asks for n when used are taken. Of the two waits it only knows that of
// what is never granted; of what has to wait it tells by how much it is over.
func (l Limit) ask(used, n int64) (a answer, over int64) {
	a.remaining = l.Rate - used
	switch {
	case n > l.Rate:
		a.wait = Never
	case n > a.remaining:
		over = n - a.remaining
	default:
		a.remaining -= n
	}
	return a, over
}

// most is the largest cost that is ever granted: what one instant can bring.
func (l Limit) most() int64 {
	if l.Burst > 0 {
		return l.Burst
	}
	return l.Rate
}
