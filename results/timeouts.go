package results

import (
	"encoding/json"

	"github.com/fcbench/fcbench/internal/units"
)

// Timeouts are how long callers waited for the answer to an attempt. In a file
// they are one duration, or several by the name of a class, "default" among them.
type Timeouts struct {
	Default units.Duration
	Classes map[string]units.Duration // of those that had their own
}

// IsZero reports whether nothing is known of them.
func (t Timeouts) IsZero() bool { return t.Default == 0 && len(t.Classes) == 0 }

// MarshalJSON writes one duration, or a map of several.
func (t Timeouts) MarshalJSON() ([]byte, error) {
	if len(t.Classes) == 0 {
		return json.Marshal(t.Default)
	}
	all := map[string]units.Duration{}
	for name, d := range t.Classes {
		all[name] = d
	}
	if t.Default != 0 {
		all["default"] = t.Default
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads either.
func (t *Timeouts) UnmarshalJSON(data []byte) error {
	*t = Timeouts{}
	if err := json.Unmarshal(data, &t.Default); err == nil {
		return nil
	}
	all := map[string]units.Duration{}
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	t.Default = all["default"]
	delete(all, "default")
	t.Classes = all
	return nil
}
