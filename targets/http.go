package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/fcbench/fcbench/results"
)

// HTTPConfig describes an HTTP service. In url, body and the values of headers
// ${NAME} stands for the environment variable NAME, so that secrets need not be
// written down.
type HTTPConfig struct {
	URL         string            `yaml:"url"`    // {key} in its path or query stands for the request's key
	Method      string            `yaml:"method"` // default: GET, or POST for requests with a body or a payload
	Headers     map[string]string `yaml:"headers,omitempty"`
	Body        string            `yaml:"body,omitempty"`        // sent as it is; else a payload of the drawn size
	Connections int               `yaml:"connections,omitempty"` // at most so many at once; 0 for as many as are in flight
}

// DialFunc opens connections; the safety rule about hosts lives in it.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// HTTP sends each request over net/http with keep-alive connections. Nothing
// is retried, no redirect followed, no proxy used and no body decompressed.
type HTTP struct {
	transport   *http.Transport
	connections int
	url         keyedURL
	bare        *http.Request // copied for requests without a body
	loaded      *http.Request // copied for requests with one
	body        string
	zeros       string // beginning of every payload
	buffers     sync.Pool
}

// NewHTTP checks c and returns its target; nothing is sent yet.
func NewHTTP(c HTTPConfig, dial DialFunc) (*HTTP, error) {
	url, urlErr := newKeyedURL(c.URL)
	headers, headerErr := newHeaders(c.Headers)
	body, bodyErr := fromEnvironment("body", c.Body)
	errs := []error{urlErr, headerErr, bodyErr}
	if c.Connections < 0 {
		errs = append(errs, fmt.Errorf("connections is %d; want 0 or more", c.Connections))
	}
	if c.Method != "" && !isToken(c.Method) {
		errs = append(errs, fmt.Errorf("method is %q; want an HTTP method such as GET", c.Method))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &HTTP{
		transport: transport(c.Connections, dial), connections: c.Connections, url: url,
		bare:   template(cmp.Or(c.Method, http.MethodGet), url, headers, true),
		loaded: template(cmp.Or(c.Method, http.MethodPost), url, headers, false),
		body:   body, zeros: strings.Repeat("\x00", inMemory),
		buffers: sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }},
	}, nil
}

func transport(connections int, dial DialFunc) *http.Transport {
	return &http.Transport{
		DialContext:         dial,
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: 1 << 16, // never close a connection that the next burst needs
		DisableCompression:  true,
	}
}

// template returns what the requests of one method share. RoundTrip changes
// neither the request nor its headers, so copies may share them.
func template(method string, url keyedURL, headers http.Header, bare bool) *http.Request {
	req := &http.Request{Method: method, URL: &url.base, Header: headers, Host: cmp.Or(headers.Get("Host"), url.base.Host)}
	if bare && replayed(req) {
		req.Body = nothing{}
		req.TransferEncoding = []string{"identity"} // a length that net/http need not find out
	}
	return req
}

// replayed reports whether net/http would send the request a second time when a
// reused connection dies under it. It does so when there is no body, and the
// method or a header says that once more does no harm. It would harm the
// measurement: one arrival would be two requests to the service.
func replayed(req *http.Request) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, req.Method) ||
		req.Header.Get("Idempotency-Key") != "" || req.Header.Get("X-Idempotency-Key") != ""
}

// Workers bounds the callers when the number of connections is bounded, so
// that waiting for one does not pass for service.
func (t *HTTP) Workers() int {
	if t.connections == 0 {
		return 1 << 30
	}
	return t.connections
}

// Addr is the host and port that requests go to.
func (t *HTTP) Addr() string { return t.url.addr() }

// Method is that of requests whose drawn payload has so many bytes.
func (t *HTTP) Method(size int) string {
	if size > 0 || t.body != "" {
		return t.loaded.Method
	}
	return t.bare.Method
}

// Do sends one request and reads its answer to the end. Statuses 429 and 503
// are refusals, other statuses from 400 up failures. All others are ok, among
// them redirections (3xx), although nobody goes where they point.
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
	answer := statusResponse(resp.StatusCode)
	if answer.Outcome == results.Rejected {
		answer.RetryAfter = retryAfter(resp.Header.Get("Retry-After"))
	}
	return answer
}

// retryAfter reads the seconds of a Retry-After header (RFC 9110, 10.2.3); 0
// where there are none. A date is not read: the clock it is on is not ours.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.ParseUint(header, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func statusResponse(code int) Response {
	status := uint16(code)
	switch {
	case code == http.StatusTooManyRequests:
		return Response{Outcome: results.Rejected, Cause: "429", Status: status}
	case code == http.StatusServiceUnavailable:
		return Response{Outcome: results.Rejected, Cause: "503", Status: status}
	case code >= 400:
		return Response{Outcome: results.Failed, Cause: "status " + strconv.Itoa(code), Status: status}
	}
	return Response{Outcome: results.OK, Status: status}
}

func (t *HTTP) request(ctx context.Context, r *Request) (req *http.Request) {
	switch {
	case t.body != "":
		req = t.loaded.WithContext(ctx)
		req.ContentLength = int64(len(t.body))
		req.Body = io.NopCloser(strings.NewReader(t.body))
	case r.Size > 0:
		req = t.loaded.WithContext(ctx)
		req.ContentLength = int64(r.Size)
		req.Body = t.payload(r.Size)
	default:
		req = t.bare.WithContext(ctx)
	}
	if t.url.keyed() {
		req.URL = t.url.of(r.Key)
	}
	return req
}

// inMemory is the largest payload that is kept ready.
const inMemory = 64 << 10

// payload returns size zeros. net/http knows readers of strings: it sends their
// first bytes along with the headers, in one write.
func (t *HTTP) payload(size int) io.ReadCloser {
	if size <= len(t.zeros) {
		return io.NopCloser(strings.NewReader(t.zeros[:size]))
	}
	return io.NopCloser(io.LimitReader(zeros{}, int64(size)))
}

// Close closes idle connections.
func (t *HTTP) Close(context.Context) error {
	t.transport.CloseIdleConnections()
	return nil
}

// nothing is an empty body that net/http does not know for one. It writes itself,
// because a buffer of 32 KiB would be made to copy it.
type nothing struct{}

func (nothing) Read([]byte) (int, error)         { return 0, io.EOF }
func (nothing) WriteTo(io.Writer) (int64, error) { return 0, nil }
func (nothing) Close() error                     { return nil }

// discard hides io.Discard's ReadFrom, which would bring a buffer of its own.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// zeros is an endless payload.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
