package scenario

import (
	"net/url"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// Redacted stands in result files in the place of what may be a secret. A
// document that contains it there is refused: nobody can send what was hidden.
//
// Hidden are the values of headers that are not known to be harmless, and of
// query parameters with a telling name. Values that name an environment
// variable (${NAME}) or the request's key ({key}) are kept, because they are
// written down as names.
const Redacted = "redacted"

// harmless are the headers that say nothing about who sends them.
var harmless = []string{
	"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection",
	"content-encoding", "content-language", "content-type", "expect", "host", "origin", "pragma", "range", "te", "user-agent",
}

// telling are the parts of names by which query parameters with secrets are known.
var telling = []string{"auth", "credential", "key", "pass", "pwd", "secret", "session", "sig", "token"}

func secretHeader(name string) bool { return !slices.Contains(harmless, strings.ToLower(name)) }

func secretParameter(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(telling, func(part string) bool { return strings.Contains(name, part) })
}

func literal(value string) bool {
	return value != "" && !strings.Contains(value, "${") && !strings.Contains(value, "{key}")
}

// redact returns the value of a key of a subject as result files may show it.
func redact(key string, value *strictyaml.Node) *strictyaml.Node {
	switch key {
	case "url":
		return strictyaml.NewScalar("", mapQuery(value.String(), func(name, value string) string {
			if secretParameter(name) && literal(value) {
				return Redacted
			}
			return value
		}))
	case "headers":
		shown := strictyaml.NewMap("")
		for name, value := range value.All() {
			if secretHeader(name) && literal(value.String()) {
				value = strictyaml.NewScalar("", Redacted)
			}
			shown.Put(name, value)
		}
		return shown
	}
	return value
}

// mapQuery replaces the values of an address's query and leaves the rest as it is.
func mapQuery(address string, replace func(name, value string) string) string {
	before, query, found := strings.Cut(address, "?")
	if !found {
		return address
	}
	query, fragment, hash := strings.Cut(query, "#")
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		if name, value, ok := strings.Cut(parameter, "="); ok {
			parameters[i] = name + "=" + replace(name, value)
		}
	}
	address = before + "?" + strings.Join(parameters, "&")
	if hash {
		address += "#" + fragment
	}
	return address
}

// refuseRedacted reports the secrets that are missing from a description that
// was read back.
func (p *parser) refuseRedacted(n, full *strictyaml.Node) {
	const want = "is %q, as result files hide secrets; want it as ${NAME}, from the environment"
	for name, value := range full.Get("headers").All() {
		if secretHeader(name) && value.String() == Redacted {
			p.problem(at(n, "headers", name), "header %s "+want, name, Redacted)
		}
	}
	mapQuery(full.Get("url").String(), func(name, value string) string {
		if secretParameter(name) && value == Redacted {
			p.problem(at(n, "url"), "query parameter %s of the url "+want, name, Redacted)
		}
		return value
	})
}
