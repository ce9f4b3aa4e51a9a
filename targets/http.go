package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/results"
)

// HTTPConfig describes an HTTP service. In url, body and the values of headers
// ${NAME} stands for the environment variable NAME, so that secrets need not be
// written down, and {key} for the request's key: percent-encoded in the url, as it
// is in the body, and in headers as it is but for control characters and spaces
// at its ends, which are percent-encoded.
//
// A url may end with {path}, right after the host or after a path. Then keys are
// requests, such as "GET /a?b=c", whose target is sent byte by byte, and whose
// method is used unless there is another. A url that ends with {key} right after
// the host takes keys that are targets, such as "/a?b=c".
type HTTPConfig struct {
	URL         string                      `yaml:"url"`
	Method      string                      `yaml:"method"` // {method} is the key's; default: that beside {path}, else GET, or POST for requests with a body or a payload
	Headers     map[string]strictyaml.Texts `yaml:"headers,omitempty"`
	Body        string                      `yaml:"body,omitempty"`        // else a payload of the drawn size
	BodyFile    string                      `yaml:"body_file,omitempty"`   // a file with the body; ${NAME} stands for itself there
	Connections int                         `yaml:"connections,omitempty"` // at most so many at once; 0 for as many as are in flight
}

// DialFunc opens connections; the safety rule about hosts lives in it.
type DialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// HTTP sends each request over net/http with keep-alive connections. Nothing
// is retried, no redirect followed, no proxy used and no body decompressed.
type HTTP struct {
	still
	transport   *http.Transport
	connections int
	template    template
	buffers     sync.Pool
}

// NewHTTP checks c and returns its target; nothing is sent yet.
func NewHTTP(c HTTPConfig, dial DialFunc) (*HTTP, error) {
	template, err := newTemplate(c)
	if c.Connections < 0 {
		err = errors.Join(err, fmt.Errorf("connections is %d; want 0 or more", c.Connections))
	}
	if err != nil {
		return nil, err
	}
	return &HTTP{
		transport: transport(c.Connections, dial), connections: c.Connections, template: template,
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

// Info says where requests go.
func (t *HTTP) Info() Info {
	return Info{Scope: "service", Address: t.template.url.addr(), Lanes: t.connections, Method: t.template.methodOf, CheckKey: t.checkKey}
}

// checkKey reports why no request can be made of a key.
func (t *HTTP) checkKey(key string) error {
	_, err := t.template.request(context.Background(), &Request{Key: key})
	return err
}

// Lane has a worker for each request in flight. Where the number of connections
// is bounded, so is that of workers: waiting for one must not pass for service.
func (t *HTTP) Lane(ctx context.Context, env Env, i, n int) (Async, error) {
	return newLane(ctx, t, env, t.connections, i, n), nil
}

// Do sends one request and reads its answer to the end. Statuses 429 and 503
// are refusals, other statuses from 400 up failures. All others are ok, among
// them redirections (3xx), which are not followed.
func (t *HTTP) Do(ctx context.Context, _ Clock, r *Request) Response {
	req, err := t.template.request(ctx, r)
	if err != nil {
		return Response{Outcome: results.Failed, Cause: err.Error()}
	}
	resp, err := t.transport.RoundTrip(req)
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
		answer.retryAfter(resp.Header)
	}
	return answer
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

// Close closes idle connections.
func (t *HTTP) Close(context.Context) error {
	t.transport.CloseIdleConnections()
	return nil
}

// discard hides io.Discard's ReadFrom, which would bring a buffer of its own.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
