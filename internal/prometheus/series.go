package prometheus

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// String is the series as queries name it, such as requests_total{code="200"}.
func (s Series) String() string {
	var b strings.Builder
	b.WriteString(s.Labels["__name__"])
	b.WriteByte('{')
	for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
		if name == "__name__" {
			continue
		}
		if !strings.HasSuffix(b.String(), "{") {
			b.WriteByte(',')
		}
		b.WriteString(name + "=" + strconv.Quote(s.Labels[name]))
	}
	b.WriteByte('}')
	return b.String()
}
