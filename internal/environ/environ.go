// Package environ puts the environment into what users write, so that secrets
// need not stand there.
package environ

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Expand replaces every ${NAME} in text by the value of the environment variable,
// as encode writes it; nil leaves it as it is. In errors what names the text, and
// example a variable that might stand there. All problems are reported.
func Expand(what, example, text string, encode func(value string) string) (string, error) {
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
			return "", errors.Join(append(errs,
				fmt.Errorf(`%s has "${" without a name and a "}" after it; want an environment variable, such as ${%s}`, what, example))...)
		}
		value, set := os.LookupEnv(name)
		if !set {
			errs = append(errs, fmt.Errorf("%s needs the environment variable %s, which is not set; want it set", what, name))
		}
		if encode != nil {
			value = encode(value)
		}
		out.WriteString(value)
		text = after
	}
}

// isName reports whether text can name an environment variable.
func isName(text string) bool {
	return text != "" && (text[0] < '0' || text[0] > '9') && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
