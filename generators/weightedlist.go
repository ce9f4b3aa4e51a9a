package generators

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/seed"
)

// WeightedListConfig describes numbers from a list, each as likely as its weight
// says: 512B=90,64KiB=10.
type WeightedListConfig[T Amount] struct {
	Values Choices[T] `yaml:"values"`
}

// Choices are values with weights, written as comma-separated VALUE=WEIGHT.
type Choices[T Amount] []Choice[T]

// A Choice is one value and its weight, relative to the others.
type Choice[T Amount] struct {
	Value  T
	Weight float64
}

// UnmarshalText reads what MarshalText writes. A weight that is left out is 1.
func (c *Choices[T]) UnmarshalText(text []byte) error {
	var choices Choices[T]
	var problems []error
	for _, part := range strings.Split(string(text), ",") {
		value, weight, found := strings.Cut(strings.TrimSpace(part), "=")
		choice := Choice[T]{Weight: 1}
		err := any(&choice.Value).(encoding.TextUnmarshaler).UnmarshalText([]byte(value))
		if found {
			if w, bad := strconv.ParseFloat(weight, 64); bad == nil {
				choice.Weight = w
			} else {
				err = errors.Join(err, fmt.Errorf("weight is %q; want a number above 0", weight))
			}
		}
		problems = append(problems, err)
		choices = append(choices, choice)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	*c = choices
	return nil
}

// MarshalText writes choices as 512B=90,64KiB=10.
func (c Choices[T]) MarshalText() ([]byte, error) {
	parts := make([]string, len(c))
	for i, choice := range c {
		parts[i] = choice.Value.String() + "=" + strconv.FormatFloat(choice.Weight, 'g', -1, 64)
	}
	return []byte(strings.Join(parts, ",")), nil
}

// NewWeightedList returns a law that draws from a weighted list.
func NewWeightedList[T Amount](c WeightedListConfig[T]) (Law, error) {
	var problems []error
	if n := len(c.Values); n < 1 || n > MaxInterned {
		problems = append(problems, fmt.Errorf("values has %d entries; want 1 to %d", n, MaxInterned))
	}
	var weights []float64
	var sum, total float64
	law := weightedList{least: math.MaxInt64}
	for _, choice := range c.Values {
		if err := checkAmount("value", choice.Value); err != nil {
			problems = append(problems, err)
		}
		if !(choice.Weight > 0 && choice.Weight <= math.MaxInt32) {
			problems = append(problems, fmt.Errorf("weight of %v is %v; want more than 0 and at most 2^31-1", choice.Value, choice.Weight))
		}
		v := int64(choice.Value)
		law.values = append(law.values, v)
		law.least, law.most = min(law.least, v), max(law.most, v)
		weights = append(weights, choice.Weight)
		sum, total = sum+float64(float64(v)*choice.Weight), total+choice.Weight
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	law.table, law.mean = newAlias(weights), sum/total
	return law, nil
}

type weightedList struct {
	table       alias
	values      []int64
	least, most int64
	mean        float64
}

func (l weightedList) Draw(r seed.Stream, k uint64) int64 { return l.values[l.table.draw(r.Uint64(k))] }
func (l weightedList) Range() (least, most int64)         { return l.least, l.most }
func (l weightedList) Mean() float64                      { return l.mean }
