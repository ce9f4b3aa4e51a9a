package curves

import (
	"encoding/json"
	"fmt"
	"io"
)

// Read is a curve that was written as JSON.
func Read(r io.Reader) (*Curve, error) {
	c := &Curve{}
	switch err := json.NewDecoder(r).Decode(c); {
	case err != nil:
		return nil, err
	case c.Schema != Schema:
		return nil, fmt.Errorf("schema is %q; want %q", c.Schema, Schema)
	}
	for _, p := range c.Trials {
		if len(p.Goals) != len(c.Goals) {
			return nil, fmt.Errorf("trial %d has %d goals; want %d", p.Trial, len(p.Goals), len(c.Goals))
		}
	}
	return c, nil
}
