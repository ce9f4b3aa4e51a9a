package targets

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/environ"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// keyedHeaders are the headers of every request. In their values a key may have
// its place; they are taken apart once.
type keyedHeaders struct {
	fixed http.Header       // also those of keyed, with their places left open
	keyed map[string]pieces // by name, those of which some value has a place
}

// pieces are the values of one header, each of them around the places of the key.
type pieces [][]string

// newHeaders checks headers and puts the environment into their values.
func newHeaders(written map[string]strictyaml.Texts) (keyedHeaders, error) {
	h, errs := keyedHeaders{fixed: http.Header{}, keyed: map[string]pieces{}}, []error(nil)
	first := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		canonical := http.CanonicalHeaderKey(name)
		if again, taken := first[canonical]; taken {
			errs = append(errs, fmt.Errorf("header %s stands beside header %s, which is the same; want one of them, with a list of values", name, again))
			continue
		}
		first[canonical] = name
		values, err := headerValues(name, written[name])
		if errs = append(errs, refuse(name, values), err); err == nil {
			h.add(canonical, values)
		}
	}
	if _, given := first["User-Agent"]; !given {
		h.fixed.Set("User-Agent", "fcbench")
	}
	return h, errors.Join(errs...)
}

func (h *keyedHeaders) add(name string, values []string) {
	h.fixed[name] = values
	var split pieces
	keyed := false
	for _, v := range values {
		parts := strings.Split(v, keyPlace)
		split, keyed = append(split, parts), keyed || len(parts) > 1
	}
	if keyed {
		h.keyed[name] = split
	}
}

// of returns the headers for a key.
func (h *keyedHeaders) of(key string) http.Header {
	if len(h.keyed) == 0 {
		return h.fixed
	}
	key = inHeader(key)
	all := maps.Clone(h.fixed)
	for name, split := range h.keyed {
		values := make([]string, len(split))
		for i, parts := range split {
			values[i] = strings.Join(parts, key)
		}
		all[name] = values
	}
	return all
}

// host is that of the request for a key: what header Host says, or else that of
// the address.
func host(headers http.Header, address string) string {
	if named := headers["Host"]; len(named) > 0 {
		return named[0]
	}
	return address
}

// inHeader is a key as a value of a header can hold it: with control characters,
// which could end the header, percent-encoded, and so are spaces at its ends,
// which would be lost.
func inHeader(key string) string {
	body := strings.Trim(key, " \t")
	if body == key && !strings.ContainsFunc(key, isControl) {
		return key
	}
	start := strings.Index(key, body)
	var out strings.Builder
	for i := range len(key) {
		if c := key[i]; isControl(rune(c)) || i < start || i >= start+len(body) {
			fmt.Fprintf(&out, "%%%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// headerValues checks the values of a header and puts the environment into them.
func headerValues(name string, written strictyaml.Texts) ([]string, error) {
	var values []string
	var errs []error
	if !isToken(name) {
		errs = append(errs, fmt.Errorf("header name is %q; want letters, digits and dashes", name))
	}
	if len(written) == 0 {
		errs = append(errs, fmt.Errorf("header %s has no value; want one, or none of the header", name))
	}
	for _, text := range written {
		value, err := fromEnvironment("header "+name, text)
		errs = append(errs, err)
		if strings.ContainsFunc(value, isControl) {
			errs = append(errs, fmt.Errorf("header %s holds a control character; want a value on one line", name))
		}
		if strings.Contains(value, pathPlace) || strings.Contains(value, methodPlace) {
			errs = append(errs, fmt.Errorf("header %s holds {path} or {method}, which stand in the url and for the method alone; want {key}", name))
		}
		values = append(values, value)
	}
	return values, errors.Join(errs...)
}

// refuse says why a header cannot be sent as it is written: because requests
// have it anyway, with what belongs there, or only once.
func refuse(name string, values []string) error {
	switch canonical := http.CanonicalHeaderKey(name); canonical {
	case "Content-Length", "Transfer-Encoding", "Trailer":
		return fmt.Errorf("header %s is set by fcbench, from what is sent; want a body (--body) or a size of the workload (--size)", name)
	case "Connection", "Proxy-Connection", "Keep-Alive", "Upgrade":
		if canonical == "Connection" && len(values) == 1 && strings.EqualFold(values[0], "close") {
			return nil
		}
		return fmt.Errorf("header %s is set by fcbench, which keeps connections open; want connections (--connections) to bound them, or Connection: close for one a request", name)
	case "Host", "User-Agent":
		if len(values) > 1 {
			return fmt.Errorf("header %s has %d values; want one, as a request has one", name, len(values))
		}
		if canonical == "Host" && len(values) == 1 && values[0] == "" {
			return fmt.Errorf("header %s is empty; want a host, or none of the header for that of the url", name)
		}
	}
	return nil
}

// fromEnvironment replaces every ${NAME} in text by the value of the environment
// variable; what names the text in errors. Configs keep the names, so that
// nothing that is written down of them shows a secret.
func fromEnvironment(what, text string) (string, error) {
	return environ.Expand(what, "TOKEN", text, nil)
}

// isToken reports whether text can be a method or the name of a header (RFC 9110, section 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

func isAlphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
