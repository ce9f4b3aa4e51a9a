package oracle

// heap is a binary heap of values, the one that comes before all others first;
// container/heap would allocate a box for each.
type heap[T any, P interface {
	*T
	before(*T) bool
}] []T

func (h *heap[T, P]) push(x T) {
	*h = append(*h, x)
	all := *h
	for i := len(all) - 1; i > 0; {
		parent := (i - 1) / 2
		if !P(&all[i]).before(&all[parent]) {
			return
		}
		all[i], all[parent] = all[parent], all[i]
		i = parent
	}
}

func (h *heap[T, P]) pop() T {
	all := *h
	first, last := all[0], len(all)-1
	var none T
	all[0], all[last] = all[last], none // let go of what it points to
	*h = all[:last]
	h.down(0)
	return first
}

func (h *heap[T, P]) down(i int) {
	all := *h
	for {
		child := 2*i + 1
		if child >= len(all) {
			return
		}
		if right := child + 1; right < len(all) && P(&all[right]).before(&all[child]) {
			child = right
		}
		if !P(&all[child]).before(&all[i]) {
			return
		}
		all[i], all[child] = all[child], all[i]
		i = child
	}
}

// fix makes a heap of what is in any order.
func (h *heap[T, P]) fix() {
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}
