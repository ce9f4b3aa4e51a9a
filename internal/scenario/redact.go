package scenario

import (
	"net/url"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// redacted stands in result files in the place of what may be a secret. A
// document that contains it there is refused, as what was hidden cannot be sent.
//
// Hidden are passwords, the values of headers that are not known to be harmless, and of
// query parameters with a telling name. Values that name an environment
// variable (${NAME}) or the request's key ({key}) are kept, because they are
// written down as names; but where a name is telling, only if little stands beside.
const redacted = "redacted"

// harmless are the headers that say nothing about their sender.
var harmless = []string{
	"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection",
	"content-encoding", "content-language", "content-type", "expect", "host", "origin", "pragma", "range", "te", "user-agent",
}

// telling are the parts of names by which query parameters with secrets are known.
var telling = []string{"auth", "cookie", "credential", "key", "pass", "pwd", "secret", "session", "sig", "token"}

func secretHeader(name string) bool { return !slices.Contains(harmless, strings.ToLower(name)) }

func secretParameter(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	return tells(name)
}

func tells(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(telling, func(part string) bool { return strings.Contains(name, part) })
}

// shown is the value of something that may be secret as result files show it.
func shown(name, value string) string {
	rest := withoutPlaces(value)
	if value == "" || rest != value && (!tells(name) || !says(rest)) {
		return value
	}
	return redacted
}

// withoutPlaces takes the names of variables and of the key out of a value.
func withoutPlaces(value string) string {
	value = strings.ReplaceAll(value, "{key}", "")
	for {
		before, rest, found := strings.Cut(value, "${")
		_, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return value
		}
		value = before + after
	}
}

// says reports whether what is left of a value without its places says more than
// what they are: a scheme, such as Bearer, or the names of cookies, such as session=.
func says(rest string) bool {
	if scheme, credentials, ok := strings.Cut(rest, " "); ok && strings.TrimFunc(scheme, isLetter) == "" {
		rest = credentials
	}
	for part := range strings.SplitSeq(rest, ";") {
		if _, value, ok := strings.Cut(part, "="); ok {
			part = value
		}
		if strings.ContainsFunc(part, func(r rune) bool { return isLetter(r) || '0' <= r && r <= '9' }) {
			return true
		}
	}
	return false
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// redact returns the value of a key of a subject as result files may show it.
func redact(key string, value *strictyaml.Node) *strictyaml.Node {
	switch key {
	case "requests":
		all := strictyaml.NewList("")
		for _, request := range value.Items() {
			shown := strictyaml.NewMap("")
			for key, value := range request.All() {
				shown.Put(key, redact(key, value))
			}
			all.Append(shown)
		}
		return all
	case "url", "path":
		return strictyaml.NewText("", shownAddress(value.String()))
	case "password":
		return strictyaml.NewText("", shown(key, value.String()))
	case "headers":
		all := strictyaml.NewMap("")
		for name, value := range value.All() {
			if secretHeader(name) {
				value = shownHeader(name, value)
			}
			all.Put(name, value)
		}
		return all
	}
	return value
}

// shownAddress is an address as result files may show it.
func shownAddress(url string) string {
	return mapQuery(url, func(name, value string) string {
		if secretParameter(name) {
			return shown(name, value)
		}
		return value
	})
}

// shownHeader is the value of a header, or each of its values, as result files may
// show it.
func shownHeader(name string, value *strictyaml.Node) *strictyaml.Node {
	if value.Kind() != strictyaml.List {
		return strictyaml.NewText("", shown(name, value.String()))
	}
	list := strictyaml.NewList("")
	for _, one := range value.Items() {
		list.Append(strictyaml.NewText("", shown(name, one.String())))
	}
	return list
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
	for i, request := range full.Get("requests").Items() {
		if items := n.Get("requests").Items(); i < len(items) {
			p.refuseRedacted(items[i], request)
		}
	}
	const want = "is %q, as result files hide secrets; want it as ${NAME}, from the environment"
	for name, value := range full.Get("headers").All() {
		hidden := func(one *strictyaml.Node) bool { return one.String() == redacted }
		if secretHeader(name) && (hidden(value) || slices.ContainsFunc(value.Items(), hidden)) {
			p.problem(at(n, "headers", name), "header %s "+want, name, redacted)
		}
	}
	if full.Get("password").String() == redacted {
		p.problem(at(n, "password"), "password "+want, redacted)
	}
	for _, key := range []string{"url", "path"} {
		mapQuery(full.Get(key).String(), func(name, value string) string {
			if secretParameter(name) && value == redacted {
				p.problem(at(n, key), "query parameter %s of the %s "+want, name, key, redacted)
			}
			return value
		})
	}
}
