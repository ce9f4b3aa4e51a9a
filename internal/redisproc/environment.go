package redisproc

import (
	"net/url"
	"strings"

	"github.com/fcbench/fcbench/internal/environ"
)

// blot stands for a secret, as [url.URL.Redacted] has it.
const blot = "xxxxx"

// fromEnvironment replaces every ${NAME} in a URL by the value of the environment
// variable, percent-encoded: a value is a user name, a password or the value of
// a parameter and never part of the syntax.
func fromEnvironment(addr string) (string, error) {
	return expand(addr, func(value string) string {
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
}

func expand(addr string, encode func(string) string) (string, error) {
	return environ.Expand("redis URL", "REDIS_PASSWORD", addr, encode)
}
