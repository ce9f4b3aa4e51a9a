package wire

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

// headers are the header lines of every request. In their values a key may have
// its place; they are taken apart around those once.
type headers struct {
	parts []string
	last  bool // they say that the connection is to be closed after the answer
}

// newHeaders checks headers, puts the environment into their values, and writes
// them down. Host is that of the address, unless there is one among them.
func newHeaders(written map[string]strictyaml.Texts, host string) (headers, error) {
	var errs []error
	first, all := map[string]string{}, map[string][]string{"Host": {host}, "User-Agent": {"fcbench"}}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		canonical := http.CanonicalHeaderKey(name)
		if again, taken := first[canonical]; taken {
			errs = append(errs, fmt.Errorf("header %s stands beside header %s, which is the same; want one of them, with a list of values", name, again))
			continue
		}
		first[canonical] = name
		values, err := headerValues(name, written[name])
		errs = append(errs, refuse(name, values), err)
		all[canonical] = values
	}
	_, last := all["Connection"]
	return headers{strings.Split(lines(all), keyPlace), last}, errors.Join(errs...)
}

// lines writes headers down: the host first, then who asks, then all others.
func lines(all map[string][]string) string {
	names := slices.Sorted(maps.Keys(all))
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	var out strings.Builder
	for _, name := range names {
		for _, value := range all[name] {
			out.WriteString(name + ": " + strings.Trim(value, " \t") + "\r\n")
		}
	}
	return out.String()
}

func rank(name string) int {
	switch name {
	case "Host":
		return 0
	case "User-Agent":
		return 1
	}
	return 2
}

// append appends the lines for a key.
func (h *headers) append(dst []byte, key string) []byte {
	dst = append(dst, h.parts[0]...)
	if len(h.parts) == 1 {
		return dst
	}
	key = inHeader(key)
	for _, part := range h.parts[1:] {
		dst = append(append(dst, key...), part...)
	}
	return dst
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
