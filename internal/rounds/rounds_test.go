package rounds

import "testing"

func TestOf(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 3: (3 + share - 1) / share, 1000: 1000 / share} {
		if got := Of(n); got != want || n > 0 && got == 0 {
			t.Errorf("%d rounds are %d; want %d, and never none", n, got, want)
		}
	}
}
