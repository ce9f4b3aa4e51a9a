package redislua

// Gathered is how many calls of a limiter with a pipeline wait to be sent.
func (l *Limiter) Gathered() (calls int) {
	p := l.sender.(*pipeline)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.queue {
		calls += b.waiting
	}
	return calls
}
