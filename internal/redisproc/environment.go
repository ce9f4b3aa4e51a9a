package redisproc

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// blot stands for a secret, as [url.URL.Redacted] has it.
const blot = "xxxxx"

// fromEnvironment replaces every ${NAME} in a URL by the value of the environment
// variable, percent-encoded: a value is a user name, a password or the value of
// a parameter and never part of the syntax.
func fromEnvironment(addr string) (string, error) {
	return expand(addr, func(name string) (string, error) {
		value, set := os.LookupEnv(name)
		if !set {
			return "", fmt.Errorf("redis URL needs the environment variable %s, which is not set; want it set", name)
		}
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20"), nil
	})
}

// expand replaces every ${NAME} in text by what value returns for it.
func expand(text string, value func(name string) (string, error)) (string, error) {
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
				errors.New(`redis URL has "${" without a name and a "}" after it; want an environment variable, such as ${REDIS_PASSWORD}`))...)
		}
		replacement, err := value(name)
		errs = append(errs, err)
		out.WriteString(replacement)
		text = after
	}
}

// isName reports whether text can name an environment variable.
func isName(text string) bool {
	return text != "" && (text[0] < '0' || text[0] > '9') && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
