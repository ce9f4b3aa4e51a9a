package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// template is what the requests to one service have in common. What a key
// changes in them is taken apart once.
type template struct {
	url     keyedURL
	headers keyedHeaders
	body    []string // around the places of the key; nil: the drawn payload is sent
	bare    string   // method of requests without a body, or {method}
	loaded  string   // of those with one
	zeros   string   // beginning of every payload

	blank    *http.Request // copied for every request
	identity []string      // a length of nothing that net/http need not find out
}

// newTemplate checks all of c that says what is sent.
func newTemplate(c HTTPConfig) (t template, err error) {
	var urlErr, headerErr, bodyErr error
	t.url, urlErr = newKeyedURL(c.URL)
	t.headers, headerErr = newHeaders(c.Headers)
	t.body, bodyErr = newBody(c)
	t.bare, t.loaded = cmp.Or(c.Method, http.MethodGet), cmp.Or(c.Method, http.MethodPost)
	if c.Method == "" && t.url.tail == requestKey {
		t.bare, t.loaded = methodPlace, methodPlace
	}
	t.zeros, t.blank, t.identity = strings.Repeat("\x00", inMemory), new(http.Request), []string{"identity"}
	return t, errors.Join(urlErr, checkMethod(c.Method, t.url, urlErr == nil), headerErr, bodyErr)
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
	content, err := readBody(c.BodyFile)
	return strings.Split(content, keyPlace), err
}

// methodOf is the method of requests with a payload of so many bytes.
func (t *template) methodOf(size int) string {
	if size > 0 || t.body != nil {
		return t.loaded
	}
	return t.bare
}

// request makes the request of r. It is one that net/http sends once at most.
func (t *template) request(ctx context.Context, r *Request) (*http.Request, error) {
	method, target, err := t.url.split(r.Key)
	if err != nil {
		return nil, err
	}
	if set := t.methodOf(r.Size); set != methodPlace {
		method = set
	}
	req := t.blank.WithContext(ctx)
	req.Method, req.URL, req.Header = method, &t.url.base, t.headers.of(r.Key)
	req.Host = host(req.Header, t.url.base.Host)
	if t.url.keyed() {
		req.URL = t.url.of(r.Key, target)
	}
	if t.loaded != methodPlace || takesBody(method) {
		t.load(req, r)
	}
	if req.ContentLength == 0 && replayed(req) {
		req.Body, req.TransferEncoding = nothing{}, t.identity
	}
	return req, nil
}

// load gives req its body, if that is more than nothing.
func (t *template) load(req *http.Request, r *Request) {
	body := strings.Join(t.body, r.Key)
	switch {
	case body != "":
		req.ContentLength, req.Body = int64(len(body)), io.NopCloser(strings.NewReader(body))
	case t.body == nil && r.Size > 0:
		req.ContentLength, req.Body = int64(r.Size), t.payload(r.Size)
	}
}

// takesBody reports whether requests with a method that a key names carry the
// body or payload, if there is one.
func takesBody(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodConnect, http.MethodDelete:
		return false
	}
	return true
}

// replayed reports whether net/http would send the request a second time when a
// reused connection dies under it. It does so when there is no body, and the
// method or a header says that once more does no harm. It would harm the
// measurement: one arrival would be two requests to the service.
func replayed(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return req.Header.Get("Idempotency-Key") != "" || req.Header.Get("X-Idempotency-Key") != ""
}
