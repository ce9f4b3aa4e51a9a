package curves

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes all there is.
func JSON(w io.Writer, c *Curve, _ Options) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(c)
}

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
