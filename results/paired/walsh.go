package paired

// walsh fills w with the averages of every two differences, and of each with itself.
func walsh(d, w []float64) []float64 {
	w = w[:0]
	for i, a := range d {
		for _, b := range d[i:] {
			w = append(w, (a+b)/2)
		}
	}
	return w
}

// middle is the median of w, which it reorders.
func middle(w []float64) float64 {
	n := len(w)
	high := nth(w, n/2)
	if n%2 == 1 {
		return high
	}
	low := w[0]
	for _, v := range w[:n/2] {
		low = max(low, v)
	}
	return (low + high) / 2
}

// nth is the value that would be at place k if w were sorted. Afterwards nothing
// before k is greater and nothing behind it less.
func nth(w []float64, k int) float64 {
	low, high := 0, len(w)-1
	for low < high {
		pivot := w[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for w[i] < pivot {
				i++
			}
			for w[j] > pivot {
				j--
			}
			if i <= j {
				w[i], w[j] = w[j], w[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return w[k]
		}
	}
	return w[k]
}
