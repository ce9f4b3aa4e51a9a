package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// Key says of which part of a request the limiter's key is made.
type Key struct {
	from source
	name string // of a header, canonical, or of a query parameter
}

// source is a part of a request.
type source uint8

const (
	fromRemote source = iota
	fromPath
	fromHeader
	fromQuery
)

// UnmarshalText reads header:NAME, query:NAME, path or remote.
func (k *Key) UnmarshalText(text []byte) error {
	from, name, named := strings.Cut(string(text), ":")
	switch {
	case from == "remote" && !named:
		*k = Key{from: fromRemote}
	case from == "path" && !named:
		*k = Key{from: fromPath}
	case from == "header" && isToken(name):
		*k = Key{from: fromHeader, name: textproto.CanonicalMIMEHeaderKey(name)}
	case from == "query" && name != "":
		*k = Key{from: fromQuery, name: name}
	default:
		return fmt.Errorf("key is %q; want header:NAME, query:NAME, path or remote", text)
	}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (k Key) MarshalText() ([]byte, error) {
	return []byte([...]string{"remote", "path", "header:", "query:"}[k.from] + k.name), nil
}

// isToken reports whether text may be the name of a header.
func isToken(text string) bool {
	const others = "!#$%&'*+-.^_`|~"
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(others, r))
	}
	return text != "" && !strings.ContainsFunc(text, odd)
}

// of is the key of a request; known is false where it names none. All that name
// none share the empty key.
func (k Key) of(r *http.Request) (key string, known bool) {
	switch k.from {
	case fromPath:
		return r.URL.Path, true
	case fromHeader:
		if k.name == "Host" { // which net/http keeps elsewhere
			return r.Host, r.Host != ""
		}
		if values := r.Header[k.name]; len(values) > 0 {
			return values[0], values[0] != ""
		}
		return "", false
	case fromQuery:
		return parameter(r.URL.RawQuery, k.name)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	return host, err == nil
}

// parameter is the first value of a parameter of a query.
func parameter(query, name string) (value string, known bool) {
	for part := range strings.SplitSeq(query, "&") {
		left, right, _ := strings.Cut(part, "=")
		if left != name {
			if plain, err := url.QueryUnescape(left); err != nil || plain != name {
				continue
			}
		}
		value, err := url.QueryUnescape(right)
		return value, err == nil && value != ""
	}
	return "", false
}
