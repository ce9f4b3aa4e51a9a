package wire

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
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
	URL           string                      `yaml:"url"`
	Method        string                      `yaml:"method"` // {method} is the key's; default: that beside {path}, else GET, or POST for requests with a body or a payload
	Headers       map[string]strictyaml.Texts `yaml:"headers,omitempty"`
	Body          string                      `yaml:"body,omitempty"`                    // else a payload of the drawn size
	BodyFile      string                      `yaml:"body_file,omitempty"`               // a file with the body; ${NAME} stands for itself there
	OK            strictyaml.Texts            `yaml:"ok,omitempty"`                      // statuses that are ok, such as 404 or 2xx; default: 2xx and 3xx
	Rejected      strictyaml.Texts            `yaml:"rejected,omitempty"`                // that are refusals; default: 429 and 503, but for those that are ok by themselves
	Check         *CheckConfig                `yaml:"check"`                             // what answers must be besides
	Requests      []RequestConfig             `yaml:"requests,omitempty"`                // a mix: each in the place of the url's path, of method and body
	Connections   int                         `yaml:"connections,omitempty"`             // at most so many at once; 0 for as many as are in flight
	Engine        Engine                      `yaml:"engine,omitempty"`                  // auto, event or portable
	Traceparent   bool                        `yaml:"traceparent,omitempty"`             // requests carry one each, sampled (W3C Trace Context), by the seed and their number
	Phases        bool                        `yaml:"phases,omitempty"`                  // connecting, TLS and the first byte are measured apart
	TLS           *TLSConfig                  `yaml:"tls,omitempty"`                     // of an https url
	PerConnection int                         `yaml:"requests_per_connection,omitempty"` // after so many a connection is closed; 0 for any number, 1 for no keep-alive
	// ConnectTimeout is how long it may take to make a connection, with its handshake of
	// TLS; 0 for as long as the request has that it is made for.
	ConnectTimeout units.Duration `yaml:"connect_timeout,omitempty"`
}

// HTTP is an HTTP service. Nothing is retried, no redirect followed, no proxy used
// and no body decompressed.
type HTTP struct {
	*Service
	mix *mix
}

// NewHTTP checks c and returns its target; nothing is sent yet.
func NewHTTP(c HTTPConfig, dialer Dialer) (*HTTP, error) {
	m, err := newMix(c)
	if c.Connections < 0 {
		err = errors.Join(err, fmt.Errorf("connections is %d; want 0 or more", c.Connections))
	}
	if c.PerConnection < 0 {
		err = errors.Join(err, fmt.Errorf("requests_per_connection is %d; want 1 or more, or 0 for any number", c.PerConnection))
	}
	var url *keyedURL
	if err == nil {
		url = &m.kinds[0].url
	}
	secure := url != nil && url.base.Scheme == "https"
	security, tlsErr := c.security(url, secure)
	if err = errors.Join(err, c.Engine.check(), tlsErr); err != nil {
		return nil, err
	}
	o := Options{
		Address: url.addr(), Dialer: dialer, Engine: c.Engine, Connections: c.Connections, Depth: 1, TLS: security, Phases: c.Phases,
		ConnectTimeout: c.ConnectTimeout.Std(),
	}
	t := &HTTP{Service: NewService(m, o), mix: m}
	t.info.CheckKey, t.info.Requests = m.checkKey, m.names
	if m.names == nil {
		t.info.Method = m.kinds[0].methodOf
	}
	return t, nil
}

// Seed is what is drawn at random for requests drawn by, in the place of the seed 0. It
// comes before the first lane.
func (t *HTTP) Seed(root uint64) { t.mix.trace = seed.New(root).Sub("trace") }

// security is the TLS of a service, nil for one without. Without a url it is checked
// all the same.
func (c HTTPConfig) security(url *keyedURL, secure bool) (*tls.Config, error) {
	switch {
	case secure:
		return c.TLS.client(url.base.Hostname())
	case c.TLS == nil:
		return nil, nil
	case url != nil && url.base.Scheme == "http":
		return nil, errors.New("tls stands beside a url that begins with http://; want https://, or no tls")
	}
	return c.TLS.client("")
}
