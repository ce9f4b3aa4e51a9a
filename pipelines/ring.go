package pipelines

// ring is a line of things, which is entered at its back and left at either end.
// It grows by doubling; the zero ring is empty.
type ring[T any] struct {
	all  []T // a power of two
	head int
	n    int
}

// least is how many a ring has room for as soon as it has any.
const least = 16

func (r *ring[T]) len() int { return r.n }

// at is the i-th from the front.
func (r *ring[T]) at(i int) *T { return &r.all[(r.head+i)&(len(r.all)-1)] }

// push returns the new place at the back.
func (r *ring[T]) push() *T {
	if r.n == len(r.all) {
		r.grow()
	}
	r.n++
	return r.at(r.n - 1)
}

func (r *ring[T]) grow() {
	all := make([]T, max(least, 2*len(r.all)))
	k := copy(all, r.all[r.head:])
	copy(all[k:], r.all[:r.head])
	r.all, r.head = all, 0
}

// popFront takes out the front. What it points to is valid until the next push.
func (r *ring[T]) popFront() *T {
	p := r.at(0)
	r.head = (r.head + 1) & (len(r.all) - 1)
	r.n--
	return p
}

// popBack takes out the back. What it points to is valid until the next push.
func (r *ring[T]) popBack() *T {
	r.n--
	return r.at(r.n)
}
