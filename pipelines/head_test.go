package pipelines

import "testing"

// TestHeadIsBounded: one who waits for long does not make the queue remember all who have
// come and gone since.
func TestHeadIsBounded(t *testing.T) {
	h := new(head)
	h.enter(0, 0)
	for i := range uint32(100_000) {
		h.enter(1, 1+i%10)
		h.leave(1 + i%10)
	}
	if first := h.first(); first == nil || first.token != 0 || len(h.line.all) > 4*least {
		t.Errorf("%d places are kept for one who waits, and the oldest is %+v; want at most %d, and that one", len(h.line.all), first, 4*least)
	}
}
