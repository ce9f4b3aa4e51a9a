package child

import (
	"bytes"
	"strings"
	"sync"
)

// Head keeps the beginning of what is written to it and lets the rest pass, so
// that a talkative program never waits and never fills the memory.
type Head struct {
	Most int // bytes

	mu   sync.Mutex
	kept bytes.Buffer
}

// Write implements io.Writer. It never fails.
func (h *Head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept.Write(p[:min(len(p), h.Most-h.kept.Len())])
	return len(p), nil
}

// String is what was kept.
func (h *Head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kept.String()
}

// Tail keeps the end of what is written to it, likewise.
type Tail struct {
	Most int // bytes

	mu   sync.Mutex
	kept []byte
	lost bool
}

// Write implements io.Writer. It never fails.
func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost = t.lost || len(t.kept)+len(p) > t.Most
	t.kept = append(t.kept, p[max(0, len(p)-t.Most):]...)
	t.kept = t.kept[:copy(t.kept, t.kept[max(0, len(t.kept)-t.Most):])]
	return len(p), nil
}

// String is what was kept, as UTF-8. If that is not all, it begins with "… ".
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.ToValidUTF8(string(t.kept), "�")
	if t.lost {
		return "… " + text
	}
	return text
}

// Line is what was kept, in one line.
func (t *Tail) Line() string { return strings.Join(strings.Fields(t.String()), " ") }
