// Package prometheus asks a Prometheus server, or what speaks its HTTP API, for what a
// query finds, now or over a span of time.
//
// It connects through package dial alone, uses no proxy and follows no redirect: nothing
// is asked that was not named.
package prometheus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
)

// Client asks one server.
type Client struct {
	base   *url.URL
	header http.Header
	http   *http.Client
}

// New returns a client of the server at base, http://HOST:PORT or https://…, with a path
// where the server is behind one. The header, such as Authorization, goes with every
// question.
func New(base string, header http.Header, d *dial.Dialer) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("address is %q; want http://HOST:PORT of a Prometheus", redacted(base))
	}
	return &Client{u, header, &http.Client{
		Transport:     &http.Transport{DialContext: d.DialContext, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// redacted is an address without what may be a password.
func redacted(text string) string {
	if at := strings.LastIndex(text, "@"); at >= 0 {
		return "…" + text[at:]
	}
	return text
}

// Address is that of the server, without a password.
func (c *Client) Address() string { return c.base.Redacted() }

// Close drops connections that are not used; the client may ask again.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Range is a query over a span of time: one sample every step, from the first instant to
// the last.
type Range struct {
	Query    string
	From, To time.Time
	Step     time.Duration
}

// MostSamples is how many a server gives of a series at once.
const MostSamples = 11_000

// Check says what is wrong with a range.
func (r Range) Check() error {
	span := r.To.Sub(r.From)
	switch {
	case r.Step < time.Millisecond:
		return fmt.Errorf("step is %v; want at least 1ms", r.Step)
	case span < 0:
		return fmt.Errorf("the span ends %v before it begins; want it the other way round", -span)
	case span/r.Step >= MostSamples:
		return fmt.Errorf("a step of %v is %d samples in %v; want at most %d, and so a step of %v at least",
			r.Step, span/r.Step+1, span, MostSamples, (span/(MostSamples-1) + time.Second).Truncate(time.Second))
	}
	return nil
}

// Series is what a query found of one combination of labels.
type Series struct {
	Labels  map[string]string
	Samples []Sample
}

// Sample is a value at an instant. The value may be no number, or infinite.
type Sample struct {
	At    time.Time
	Value float64
}

// Answer is what a server says. Warnings are why it may not be all there is; Infos are what
// it thinks of the query.
type Answer struct {
	Series          []Series
	Warnings, Infos []string
}

// RefusedError is a question that the server understands and will not answer, such as a
// query that is none.
type RefusedError struct {
	Status string // of HTTP
	Kind   string // such as bad_data
	Text   string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%.500q (%.50s, %s)", e.Text, e.Kind, e.Status)
}

// Range asks for a range.
func (c *Client) Range(ctx context.Context, r Range) (Answer, error) {
	if err := r.Check(); err != nil {
		return Answer{}, err
	}
	return c.ask(ctx, "api/v1/query_range", url.Values{
		"query": {r.Query}, "start": {instant(r.From)}, "end": {instant(r.To)}, "step": {strconv.FormatFloat(r.Step.Seconds(), 'f', -1, 64)},
	})
}

// Now asks what a query finds at this moment: one sample of each series, or of one without
// labels where it is a scalar.
func (c *Client) Now(ctx context.Context, query string) (Answer, error) {
	return c.ask(ctx, "api/v1/query", url.Values{"query": {query}})
}

func (c *Client) ask(ctx context.Context, path string, question url.Values) (Answer, error) {
	u := c.base.JoinPath(path)
	u.RawQuery = question.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Answer{}, err
	}
	for name, values := range c.header {
		request.Header[name] = values
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, withoutQuery(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBytes+1))
	if err != nil {
		return Answer{}, withoutQuery(err)
	}
	if len(body) > mostBytes {
		return Answer{}, fmt.Errorf("the answer is longer than %d MiB; want a query of fewer series, or a longer step", mostBytes>>20)
	}
	kinds := []string{"vector", "scalar"}
	if question.Has("step") {
		kinds = []string{"matrix"}
	}
	return read(response, body, kinds)
}

// mostBytes bounds an answer: of one series it has half a megabyte.
const mostBytes = 16 << 20

func instant(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1e3, 'f', -1, 64) }

// withoutQuery is the cause of an error of package http, without the whole address.
func withoutQuery(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		return asked.Err
	}
	return err
}

// envelope is what every answer is in.
type envelope struct {
	Status    string          `json:"status"`
	ErrorType string          `json:"errorType"`
	Error     string          `json:"error"`
	Warnings  []string        `json:"warnings"`
	Infos     []string        `json:"infos"`
	Data      json.RawMessage `json:"data"`
}

func read(r *http.Response, body []byte, kinds []string) (Answer, error) {
	var e envelope
	if to := r.Header.Get("Location"); r.StatusCode/100 == 3 && to != "" {
		return Answer{}, fmt.Errorf("it answers %s to %s; want that address itself, since redirects are not followed", r.Status, redacted(to))
	}
	err := json.Unmarshal(body, &e)
	switch {
	case err == nil && e.Status == "error":
		return Answer{}, &RefusedError{r.Status, e.ErrorType, e.Error}
	case r.StatusCode != http.StatusOK:
		return Answer{}, fmt.Errorf("it answers %s: %.80q", r.Status, strings.TrimSpace(string(body)))
	case err != nil || e.Status != "success":
		return Answer{}, fmt.Errorf("it answers %.80q; want what a Prometheus answers", strings.TrimSpace(string(body)))
	}
	a := Answer{Warnings: e.Warnings, Infos: e.Infos}
	a.Series, err = readSeries(e.Data, kinds)
	return a, err
}

// found is one series as the API writes it: with samples, or with one.
type found struct {
	Metric     map[string]string    `json:"metric"`
	Values     [][2]json.RawMessage `json:"values"`
	Value      *[2]json.RawMessage  `json:"value"`
	Histograms []json.RawMessage    `json:"histograms"`
	Histogram  json.RawMessage      `json:"histogram"`
}

func readSeries(data json.RawMessage, kinds []string) (all []Series, err error) {
	var d struct {
		Type   string          `json:"resultType"`
		Result json.RawMessage `json:"result"`
	}
	err = json.Unmarshal(data, &d)
	var result []found
	if d.Type == "scalar" {
		result = []found{{Value: new([2]json.RawMessage)}}
		err = errors.Join(err, json.Unmarshal(d.Result, result[0].Value))
	} else {
		err = errors.Join(err, json.Unmarshal(d.Result, &result))
	}
	if err != nil || !slices.Contains(kinds, d.Type) {
		return nil, fmt.Errorf("its result is %.80q; want a %s", data, strings.Join(kinds, " or a "))
	}
	for _, one := range result {
		s := Series{Labels: one.Metric}
		if len(one.Histograms) > 0 || len(one.Histogram) > 0 {
			return nil, fmt.Errorf("%s is of histograms; want numbers, such as of histogram_count", s)
		}
		if one.Value != nil {
			one.Values = append(one.Values, *one.Value)
		}
		for _, pair := range one.Values {
			sample, err := readSample(pair)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s, err)
			}
			s.Samples = append(s.Samples, sample)
		}
		all = append(all, s)
	}
	return all, nil
}

// readSample reads [1700000000.5, "12.5"].
func readSample(pair [2]json.RawMessage) (Sample, error) {
	var at float64
	var text string
	err := errors.Join(json.Unmarshal(pair[0], &at), json.Unmarshal(pair[1], &text))
	value, bad := strconv.ParseFloat(text, 64)
	if err != nil || bad != nil || !(at >= -mostSeconds && at <= mostSeconds) {
		return Sample{}, fmt.Errorf("a sample is [%s,%s]; want an instant and a number", pair[0], pair[1])
	}
	return Sample{time.UnixMilli(int64(at * 1e3)).UTC(), value}, nil
}

// mostSeconds are those that an instant can be from 1970.
const mostSeconds = 1e11
