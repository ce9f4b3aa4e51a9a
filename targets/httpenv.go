package targets

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
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
	var out strings.Builder
	var errs []error
	for {
		before, rest, found := strings.Cut(text, "${")
		out.WriteString(before)
		if !found {
			return out.String(), errors.Join(errs...)
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			return "", errors.Join(append(errs, fmt.Errorf(`%s has "${" without a name and a "}" after it; want an environment variable, such as ${TOKEN}`, what))...)
		}
		value, set := os.LookupEnv(name)
		if !set {
			errs = append(errs, fmt.Errorf("%s needs the environment variable %s, which is not set; want it set", what, name))
		}
		out.WriteString(value)
		text = after
	}
}

// isName reports whether text can name an environment variable.
func isName(text string) bool {
	return text != "" && (text[0] < '0' || text[0] > '9') && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && !isAlphanumeric(r)
	})
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
