package capacity

import (
	"context"
	"testing"
	"time"
)

// TestFade: the load goes slowly after what may be an overload, in every strategy, and the
// budget has the time for it.
func TestFade(t *testing.T) {
	for _, by := range []Strategy{Guarded, MLRsearch} {
		p := testPlan()
		p.Strategy, p.Fade, p.Budget = by, 5*time.Second, 10*time.Minute
		p.Fit()
		bare := p
		bare.Fade = 0
		if got := p.Expect() - bare.Expect(); got < 10*p.Fade {
			t.Errorf("%s: it takes %v more; want at least that of ten trials", by, got)
		}
		inner, faded, took := ideal(steep), map[Phase]int{}, time.Duration(0)
		a, err := Search(context.Background(), p, func(ctx context.Context, t Trial) (Observation, error) {
			o, err := inner(ctx, t)
			o.Took += t.Fade
			took += o.Took
			if t.Fade > 0 {
				faded[t.Phase]++
			}
			return o, err
		})
		if err != nil || a.Verdict != Capacity || len(faded) != 2 || faded[Ramp] < 3 || faded[Descent] != 1 || took != a.Took {
			t.Errorf("%s: %s, %v; faded are %v in %v; want those of the ramp and the overload, in %v", by, a.Verdict, err, faded, a.Took, took)
		}
	}
}
