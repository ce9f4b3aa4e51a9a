package wire

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/targets"
)

// template is what the requests to one service have in common, as bytes. What a
// key changes in them is taken apart once.
type template struct {
	url     keyedURL
	headers headers
	body    []string     // around the places of the key; nil: the drawn payload is sent
	bare    string       // method of requests without a body, or {method}
	loaded  string       // of those with one
	fixed   *Message     // the request, where no two differ
	mark    Mark         // of its requests
	polite  bool         // methods that ask for something carry no drawn payload, and no body where they are the key's
	check   *check       // of answers, or nil
	trace   *seed.Stream // of which each request has an identity, or nil
}

// newTemplate checks all of c that says what is sent, as the kind of request at a place
// of the mix.
func newTemplate(c HTTPConfig, m *mix, place int) (t *template, err error) {
	var urlErr, hostErr, headerErr, bodyErr, checkErr, churn error
	var host string
	t = &template{bare: cmp.Or(c.Method, http.MethodGet), loaded: cmp.Or(c.Method, http.MethodPost), mark: kind * Mark(place), polite: c.Requests != nil}
	if t.url, urlErr = newKeyedURL(c.URL); urlErr == nil {
		host, hostErr = t.url.host()
	}
	t.headers, headerErr = newHeaders(c.Headers, host)
	headerErr = errors.Join(headerErr, c.tracedTwice())
	if c.PerConnection > 1 && t.headers.last {
		churn = fmt.Errorf("requests_per_connection is %d beside header Connection: close, which is one; want one of them", c.PerConnection)
	}
	t.body, bodyErr = newBody(c)
	if c.Traceparent {
		t.trace = &m.trace
	}
	t.check, checkErr = newCheck(c.Check, c.Method, m.verdicts)
	if c.Method == "" && t.url.tail == requestKey {
		t.bare, t.loaded = methodPlace, methodPlace
	}
	if t.loaded == methodPlace {
		t.polite = true
	}
	if err = errors.Join(urlErr, hostErr, checkMethod(c.Method, t.url, urlErr == nil), headerErr, bodyErr, checkErr, churn); err != nil {
		return nil, err
	}
	if !t.url.keyed() && t.trace == nil && len(t.headers.parts) == 1 && len(t.body) <= 1 {
		fixed := new(Message)
		if err := t.Encode(fixed, new(targets.Request)); err != nil {
			return nil, err
		}
		t.fixed = fixed
	}
	return t, nil
}

func checkMethod(method string, url keyedURL, known bool) error {
	switch {
	case method == "", isToken(method):
		return nil
	case method != methodPlace:
		return fmt.Errorf("method is %q; want an HTTP method such as GET, or {method} for that of keys that are requests", method)
	case known && url.tail != requestKey:
		return errors.New("method is {method} beside a url without {path}; want both, for keys that are requests, such as url http://127.0.0.1:8080{path}")
	}
	return nil
}

// newBody is the body of every request, around the places of the key; nil where
// none is given.
func newBody(c HTTPConfig) ([]string, error) {
	if c.BodyFile == "" {
		body, err := fromEnvironment("body", c.Body)
		if body == "" {
			return nil, err
		}
		return strings.Split(body, keyPlace), err
	}
	if c.Body != "" {
		return nil, errors.New("body stands beside body_file; want one of them")
	}
	content, err := readFile("body_file", c.BodyFile)
	return strings.Split(content, keyPlace), err
}

// methodOf is the method of requests with a payload of so many bytes.
func (t *template) methodOf(size int) string {
	if size > 0 || t.body != nil {
		return t.loaded
	}
	return t.bare
}

// Encode makes m the request of r.
func (t *template) Encode(m *Message, r *targets.Request) error {
	if t.fixed != nil && (r.Size == 0 || t.body != nil) {
		m.Head, m.Body, m.Zeros, m.Mark = t.fixed.Head, t.fixed.Body, 0, t.fixed.Mark
		return nil
	}
	method, target, err := t.url.split(r.Key)
	if err != nil {
		return err
	}
	if set := t.methodOf(r.Size); set != methodPlace {
		method = set
	}
	b := append(append(m.Space[:0], method...), ' ')
	b = append(t.url.append(b, r.Key, target), " HTTP/1.1\r\n"...)
	b = t.headers.append(b, r.Key)
	if t.trace != nil {
		b = appendTraceparent(b, t.trace.Index(r.Seq))
	}
	m.Body, m.Zeros, m.Mark = "", 0, t.mark
	if method == http.MethodHead {
		m.Mark |= bodiless
	}
	m.Space = t.load(b, m, method, r)
	m.Head = m.Space
	return nil
}

// atOnce is the largest body that is sent in one piece with its head.
const atOnce = 16 << 10

// load appends how long the body is, and it, or leaves it to m.
func (t *template) load(dst []byte, m *Message, method string, r *targets.Request) []byte {
	length := 0
	switch {
	case t.body != nil && (t.loaded != methodPlace || takesBody(method)):
		length = (len(t.body) - 1) * len(r.Key)
		for _, part := range t.body {
			length += len(part)
		}
	case t.body == nil && (!t.polite || takesBody(method)):
		length = r.Size
	}
	if length > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		dst = strconv.AppendInt(append(dst, "Content-Length: "...), int64(length), 10)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "\r\n"...)
	switch {
	case length == 0:
	case t.body == nil && length > atOnce:
		m.Zeros = length
	case t.body == nil:
		dst = append(dst, nothing[:length]...)
	case len(t.body) == 1 && length > atOnce:
		m.Body = t.body[0]
	default:
		for i, part := range t.body {
			if i > 0 {
				dst = append(dst, r.Key...)
			}
			dst = append(dst, part...)
		}
	}
	return dst
}

// nothing is what payloads are made of.
var nothing [atOnce]byte

// takesBody reports whether requests with a method that a key names carry the
// body or payload, if there is one.
func takesBody(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodConnect, http.MethodDelete:
		return false
	}
	return true
}
