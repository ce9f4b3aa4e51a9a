package capacity

import (
	"bytes"
	"context"
	"errors"
	"math"
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
		header + `{"phase":"calibrate"}` + "\n": "line 2 is a calibration without what it found; want that, or why there is none",
	} {
		if _, _, err := ReadJournal(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

// TestJournalOfEstimates: what a gauge found, and all that it estimated with what it agreed on,
// comes out of its trials again, bit for bit; of trials that end early as much as there is.
func TestJournalOfEstimates(t *testing.T) {
	p := gaugePlan()
	var file bytes.Buffer
	if err := WriteHeader(&file, Header{Schema: Schema, Plan: p, Scenario: []byte(`{}`), Side: "side b"}); err != nil {
		t.Fatal(err)
	}
	target := ideal(steep)
	measure := func(ctx context.Context, trial Trial) (Observation, error) {
		o, err := target(ctx, trial)
		return o, errors.Join(err, WriteTrial(&file, trial, o))
	}
	g, other := NewGauge(p), NewGauge(p)
	want, err := g.Find(context.Background(), measure)
	_, otherErr := other.Find(context.Background(), ideal(func(r float64) float64 { return 0.01 * math.Exp(25*(r/1200-1)) }))
	if err := errors.Join(err, otherErr); err != nil {
		t.Fatal(err)
	}
	found := file.Len()
	Agree(g, other)
	if err := WriteAgreement(&file, g.Agreement()); err != nil {
		t.Fatal(err)
	}
	agreed := file.Len()
	var all []Answer
	var ends []int
	for range 3 {
		a, err := g.Estimate(context.Background(), measure)
		if err != nil {
			t.Fatal(err)
		}
		all, ends = append(all, a), append(ends, file.Len())
	}
	whole := file.String()
	for name, c := range map[string]struct {
		text  string
		err   error
		found bool
		all   []Answer
	}{
		"whole":               {whole, nil, true, all},
		"two estimates":       {whole[:ends[1]], nil, true, all[:2]},
		"within the third":    {whole[:ends[2]-10], ErrOver, true, all[:2]},
		"before the first":    {whole[:agreed], nil, true, nil},
		"before they agreed":  {whole[:found], nil, true, nil},
		"before it was found": {whole[:found-10], ErrOver, false, nil},
		"no agreement":        {whole[:found] + whole[agreed:], ErrOther, true, nil},
		"of other goals":      {whole[:found] + `{"agreed":{"apart":0.1,"slope":40,"steep":[1,2]}}` + "\n" + whole[agreed:], ErrOther, true, nil},
		"another agreement":   {whole[:found] + `{"agreed":{"apart":0.1,"slope":40,"steep":[40]}}` + "\n" + whole[agreed:], ErrOther, true, nil},
	} {
		j, _, err := ReadJournal(strings.NewReader(c.text))
		if err != nil || j.Side != "side b" {
			t.Fatalf("%s: %v", name, err)
		}
		got, estimates, err := j.Estimates(context.Background())
		if !errors.Is(err, c.err) || (c.err == nil) != (err == nil) || reflect.DeepEqual(got, want) != c.found || !reflect.DeepEqual(estimates, c.all) {
			t.Errorf("%s: found %+v, estimates %+v, %v; want %+v, %+v, %v", name, got, estimates, err, want, c.all, c.err)
		}
	}
	j, _, _ := ReadJournal(strings.NewReader(whole))
	if _, err := Search(context.Background(), p, j.Measure(nil)); !errors.Is(err, ErrOther) {
		t.Errorf("as a search: %v; want that the trials are others", err)
	}
}
