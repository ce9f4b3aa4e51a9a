package wire

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// digest identifies what a request of t, which c describes, sends to any host. What
// comes from the environment is in it by its name, so that nothing can be guessed from it.
func (t *template) digest(c HTTPConfig) string {
	_, address, _ := strings.Cut(c.URL, "//")
	body := c.Body
	if c.BodyFile != "" {
		body = strings.Join(t.body, keyPlace)
	}
	said := []string{c.Method, strings.TrimPrefix(address, authority(c.URL)), body, strconv.FormatBool(c.Traceparent)}
	names := map[string][]string{} // as they are spelt, by canonical name
	for name := range c.Headers {
		names[http.CanonicalHeaderKey(name)] = append(names[http.CanonicalHeaderKey(name)], name)
	}
	for _, canonical := range slices.Sorted(maps.Keys(names)) {
		for _, name := range slices.Sorted(slices.Values(names[canonical])) {
			said = append(append(said, canonical), c.Headers[name]...)
		}
		said = append(said, "")
	}
	return digestOf(said)
}

// digestOf is one of texts, none of which can be taken for a part of another.
func digestOf(texts []string) string {
	h := sha256.New()
	for _, text := range texts {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
		h.Write([]byte(text))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}
