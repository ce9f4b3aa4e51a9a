package capacity

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// TestJournal: a search that was interrupted anywhere, in the middle of a line too,
// goes on to the same answer, bit for bit.
func TestJournal(t *testing.T) {
	p := testPlan()
	var file bytes.Buffer
	if err := WriteHeader(&file, Header{Schema: Schema, Plan: p, Scenario: []byte(`{"a": 1}`)}); err != nil {
		t.Fatal(err)
	}
	target := ideal(steep)
	measure := func(ctx context.Context, trial Trial) (Observation, error) {
		o, err := target(ctx, trial)
		return o, errors.Join(err, WriteTrial(&file, trial, o))
	}
	want, err := Search(context.Background(), p, measure)
	if err != nil {
		t.Fatal(err)
	}
	whole := file.String()
	for cut := strings.Index(whole, "\n") + 1; cut <= len(whole); cut += 97 {
		j, length, err := ReadJournal(strings.NewReader(whole[:cut]))
		if err != nil || length > int64(cut) || !j.Same(Header{Schema: Schema, Plan: p, Scenario: []byte(`{"a":1}`)}) {
			t.Fatalf("cut at %d: %d bytes, %v", cut, length, err)
		}
		if got, err := Search(context.Background(), j.Plan, j.Measure(target)); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d: %+v, %v; want %+v", cut, got, err, want)
		}
	}
	j, _, _ := ReadJournal(strings.NewReader(whole))
	if got, err := Search(context.Background(), p, j.Measure(nil)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("replayed: %+v, %v; want %+v", got, err, want)
	}
	p.Seed++
	j, _, _ = ReadJournal(strings.NewReader(whole))
	if _, err := Search(context.Background(), p, j.Measure(nil)); !errors.Is(err, ErrOther) {
		t.Errorf("another seed: %v; want that the trials are others", err)
	}
}

// TestJournalsThatAreNone are refused, and say where.
func TestJournalsThatAreNone(t *testing.T) {
	var b bytes.Buffer
	_ = WriteHeader(&b, Header{Schema: Schema, Plan: testPlan(), Scenario: []byte(`{}`)})
	header := b.String()
	for text, want := range map[string]string{
		"": "it is empty", "{}\n": "line 1", "x": "line 1", header + "x\n": "line 2 is no trial", header + "{}\n": "line 2 has 0 goals; want 1",
	} {
		if _, _, err := ReadJournal(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}
