package plot

import (
	"math"
	"testing"
)

// lies says that every value is on the axis, and that its marks are few, on it, and grow.
func lies(t *testing.T, a Axis, values []float64, most int) {
	t.Helper()
	for _, v := range values {
		if at := a.At(v); !(at >= 0 && at <= 100) {
			t.Errorf("%v: %v is at %v of %+v", values, v, at, a)
		}
	}
	marks := a.Marks()
	if len(marks) < 2 || len(marks) > most {
		t.Errorf("%v: marks are %v", values, marks)
	}
	for i, m := range marks[:max(0, len(marks)-1)] {
		if !(m < marks[i+1]) || !(a.At(m) < a.At(marks[i+1])) {
			t.Errorf("%v: marks are %v, at %v and %v", values, marks, a.At(m), a.At(marks[i+1]))
		}
	}
}

func TestLinear(t *testing.T) {
	for _, values := range [][]float64{
		{0, 1}, {-0.05, 0.3}, {5, 5}, {0, 0}, {-3, -3}, {1e9, 1.0001e9}, {-1e-12, 1e-12}, {0, 5e-324}, {1e-305, 2e-305}, {1e-290, 3e-290}, {0, 1e300}, {0, math.MaxFloat64}, {99.99, 100.01},
	} {
		a := Linear(values, 0, 100, 4)
		lies(t, a, values, 6)
		if v := min(values[0], 1e300); v < a.From-a.Step/1e6 || v > a.To+a.Step/1e6 {
			t.Errorf("%v: the axis is %+v", values, a)
		}
	}
}

// TestLog: marks are 1, 2 and 5 times powers of ten, or fewer where there would be too many.
func TestLog(t *testing.T) {
	for _, values := range [][]float64{
		{1, 10}, {5, 5}, {1, 1}, {0.0101, 0.0102}, {1e-9, 1e9}, {1e-300, 1e300}, {5e-324, math.MaxFloat64}, {2e6, 30e6}, {0.99, 1}, {1, 1.01},
	} {
		a := Log(values, 0, 100, 5)
		lies(t, a, values, 5)
	}
	a := Log([]float64{1.5, 80}, 0, 100, 9)
	for v, want := range map[float64]float64{1: 0, 10: 50, 100: 100} {
		if got := a.At(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v is at %v; want %v", v, got, want)
		}
	}
	if got := a.Marks(); len(got) != 7 || got[0] != 1 || got[6] != 100 {
		t.Errorf("marks are %v; want 1 2 5 10 20 50 100", got)
	}
}
