package generators

// before orders lines by time, and by place in the file where times are equal.
func (l line) before(other line) bool {
	return l.at < other.at || l.at == other.at && l.number < other.number
}

// push adds a line to the heap.
func (p *replay) push(l line) {
	p.pending = append(p.pending, l)
	i := len(p.pending) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !l.before(p.pending[parent]) {
			break
		}
		p.pending[i] = p.pending[parent]
		i = parent
	}
	p.pending[i] = l
}

// pop removes the earliest line from the heap, which is not empty.
func (p *replay) pop() line {
	first, n := p.pending[0], len(p.pending)-1
	last := p.pending[n]
	p.pending[n] = line{}
	if p.pending = p.pending[:n]; n == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= n {
			break
		}
		if child+1 < n && p.pending[child+1].before(p.pending[child]) {
			child++
		}
		if !p.pending[child].before(last) {
			break
		}
		p.pending[i] = p.pending[child]
		i = child
	}
	p.pending[i] = last
	return first
}
