package targets

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/environ"
)

// newHeaders checks headers and puts the environment into their values.
func newHeaders(written map[string]string) (http.Header, error) {
	headers, errs := http.Header{}, []error(nil)
	for _, name := range slices.Sorted(maps.Keys(written)) {
		value, err := fromEnvironment("header "+name, written[name])
		errs = append(errs, err)
		if !isToken(name) {
			errs = append(errs, fmt.Errorf("header name is %q; want letters, digits and dashes", name))
		}
		if strings.ContainsFunc(value, isControl) {
			errs = append(errs, fmt.Errorf("header %s holds a control character; want a value on one line", name))
		}
		headers.Set(name, value)
	}
	return headers, errors.Join(errs...)
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
