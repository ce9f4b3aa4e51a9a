package rounds

import "testing"

func TestOf(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 3: (3 + share - 1) / share, 1000: 1000 / share} {
		if got := Of(n); got != want || n > 0 && got == 0 {
			t.Errorf("%d rounds are %d; want %d, and never none", n, got, want)
		}
	}
}

func TestSome(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	for n := range len(all) + 1 {
		some := Some(all[:n])
		if len(some) != Of(n) {
			t.Errorf("of %d cases %d are tried; want %d", n, len(some), Of(n))
		}
		for i, got := range some {
			if got != i*share {
				t.Errorf("of %d cases %d is case %d; want %d", n, i, got, i*share)
			}
		}
	}
}
