package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/fcbench/fcbench/results"
)

// HTTPConfig describes an HTTP service.
type HTTPConfig struct {
	URL         string            `yaml:"url"`    // {key} stands for the request's key
	Method      string            `yaml:"method"` // GET, or POST when payload sizes are given
	Headers     map[string]string `yaml:"headers,omitempty"`
	Body        string            `yaml:"body,omitempty"`        // sent as it is; else a payload of the drawn size
	Connections int               `yaml:"connections,omitempty"` // at most so many at once; 0 for as many as are in flight
}

// DialFunc opens connections; the safety rule about hosts lives in it.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// HTTP sends each request over net/http with keep-alive connections. Nothing
// is retried, no redirect followed, no proxy used and no body decompressed.
type HTTP struct {
	c         HTTPConfig
	template  *http.Request
	transport *http.Transport
	buffers   sync.Pool
	keyed     bool
}

// NewHTTP checks c and returns its target; nothing is sent yet.
func NewHTTP(c HTTPConfig, dial DialFunc) (*HTTP, error) {
	var errs []error
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		errs = append(errs, fmt.Errorf("url is %q; want an address such as http://127.0.0.1:8080/path", c.URL))
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		errs = append(errs, fmt.Errorf("url is %q; want one that begins with http:// or https:// and names a host", c.URL))
	}
	if c.Connections < 0 {
		errs = append(errs, fmt.Errorf("connections is %d; want 0 or more", c.Connections))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	req, err := http.NewRequest(c.Method, c.URL, nil)
	if err != nil {
		return nil, fmt.Errorf("method is %q; want an HTTP method such as GET", c.Method)
	}
	for k, v := range c.Headers {
		if strings.EqualFold(k, "host") {
			req.Host = v
		}
		req.Header.Set(k, v)
	}
	return &HTTP{
		c: c, template: req, keyed: strings.Contains(c.URL, "{key}"), transport: transport(c, dial),
		buffers: sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }},
	}, nil
}

func transport(c HTTPConfig, dial DialFunc) *http.Transport {
	return &http.Transport{
		DialContext:         dial,
		MaxConnsPerHost:     c.Connections,
		MaxIdleConnsPerHost: 1 << 16, // never close a connection that the next burst needs
		DisableCompression:  true,
	}
}

// Workers bounds the callers when the number of connections is bounded, so
// that waiting for one does not pass for service.
func (t *HTTP) Workers() int {
	if t.c.Connections == 0 {
		return 1 << 30
	}
	return t.c.Connections
}

// Do sends one request and reads its answer to the end. Statuses 429 and 503
// are refusals, other statuses from 400 up failures.
func (t *HTTP) Do(ctx context.Context, r *Request) Response {
	resp, err := t.transport.RoundTrip(t.request(ctx, r))
	if err != nil {
		return Failure(ctx, err)
	}
	buf := t.buffers.Get().(*[]byte)
	_, err = io.CopyBuffer(discard{}, resp.Body, *buf)
	t.buffers.Put(buf)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return Failure(ctx, err)
	}
	return statusResponse(resp.StatusCode)
}

func statusResponse(code int) Response {
	switch {
	case code == http.StatusTooManyRequests, code == http.StatusServiceUnavailable:
		return Response{Outcome: results.Rejected, Cause: strconv.Itoa(code)}
	case code >= 400:
		return Response{Outcome: results.Failed, Cause: "status " + strconv.Itoa(code)}
	}
	return Response{Outcome: results.OK}
}

func (t *HTTP) request(ctx context.Context, r *Request) *http.Request {
	req := t.template.WithContext(ctx)
	if t.keyed {
		if u, err := url.Parse(strings.ReplaceAll(t.c.URL, "{key}", url.PathEscape(r.Key))); err == nil {
			req.URL = u
		}
	}
	switch {
	case t.c.Body != "":
		req.ContentLength = int64(len(t.c.Body))
		req.Body = io.NopCloser(strings.NewReader(t.c.Body))
	case r.Size > 0:
		req.ContentLength = int64(r.Size)
		req.Body = io.NopCloser(io.LimitReader(zeros{}, int64(r.Size)))
	}
	return req
}

// Close closes idle connections.
func (t *HTTP) Close(context.Context) error {
	t.transport.CloseIdleConnections()
	return nil
}

// discard hides io.Discard's ReadFrom, which would bring a buffer of its own.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// zeros is an endless payload.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
