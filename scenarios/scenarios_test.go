package scenarios

import (
	"strings"
	"testing"
)

// TestQuestions: each scenario begins with its question, in one line's worth.
func TestQuestions(t *testing.T) {
	for _, name := range Names() {
		if q := Question(name); len(q) < 10 || len(q) > 90 || strings.Contains(q, "\n") || strings.HasPrefix(q, " ") {
			t.Errorf("%s asks %q; want a question of at most 90 bytes at its head", name, q)
		}
	}
	if got, want := Question("noisy-neighbour.yaml"), "Does a noisy tenant hurt a quiet one?"; got != want {
		t.Errorf("noisy-neighbour.yaml asks %q; want %q", got, want)
	}
}
