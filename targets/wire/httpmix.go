package wire

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/targets"
)

// RequestConfig is one kind of request of a mix. Headers that it has not, and a check,
// are the target's.
type RequestConfig struct {
	Name     string                      `yaml:"name"`
	Weight   *uint32                     `yaml:"weight"` // how often it is drawn, beside the others; default: 1
	Method   string                      `yaml:"method,omitempty"`
	Path     string                      `yaml:"path"` // with its query, behind the url of the target; {key} and {path} as there
	Headers  map[string]strictyaml.Texts `yaml:"headers,omitempty"`
	Body     string                      `yaml:"body,omitempty"`
	BodyFile string                      `yaml:"body_file,omitempty"`
	Check    *CheckConfig                `yaml:"check"`
}

// mix is the codec of an HTTP service: all kinds of requests that are sent to it, and
// what holds for all of its answers.
type mix struct {
	kinds    []*template
	names    []targets.RequestKind // nil where there is one kind, without a name
	verdicts *verdicts
	most     int // answers of one connection; 0 for any number
	trace    seed.Stream
}

// mostKinds bounds the kinds of one mix.
const mostKinds = 100

func newMix(c HTTPConfig) (*mix, error) {
	v, err := newVerdicts(c.OK, c.Rejected)
	m := &mix{verdicts: v, most: c.PerConnection, trace: seed.New(0)}
	if c.Requests == nil {
		t, templateErr := newTemplate(c, m, 0)
		m.kinds = []*template{t}
		return m, errors.Join(templateErr, err)
	}
	errs := []error{err, c.besideMix()}
	if n := len(c.Requests); n == 0 || n > mostKinds {
		return nil, errors.Join(append(errs, fmt.Errorf("requests has %d; want 1 to %d, or none of the key", n, mostKinds))...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err // each request would say the same
	}
	taken := map[string]bool{}
	for i, r := range c.Requests {
		one, pathErr := c.of(r)
		nameErr := r.check(taken)
		taken[r.Name] = true
		var t *template
		if pathErr == nil {
			t, pathErr = newTemplate(one, m, i)
		}
		errs = append(errs, inRequest(r.title(i), nameErr, pathErr))
		named := targets.RequestKind{Name: r.Name, Weight: r.weight()}
		if pathErr == nil {
			named.Digest = t.digest(one)
		}
		m.kinds, m.names = append(m.kinds, t), append(m.names, named)
	}
	return m, errors.Join(errs...)
}

// inRequest says of which request errors are.
func inRequest(title string, errs ...error) error {
	var named []error
	for _, err := range errs {
		if err == nil {
			continue
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			named = append(named, errors.New(title+": "+line))
		}
	}
	return errors.Join(named...)
}

// besideMix refuses what requests have of their own.
func (c HTTPConfig) besideMix() error {
	var errs []error
	for _, beside := range []struct {
		name  string
		given bool
	}{{"method", c.Method != ""}, {"body", c.Body != ""}, {"body_file", c.BodyFile != ""}} {
		if beside.given {
			errs = append(errs, fmt.Errorf("%s stands beside requests; want it in each of them", beside.name))
		}
	}
	if strings.ContainsAny(c.URL, "?#") || strings.Contains(c.URL, keyPlace) || strings.Contains(c.URL, pathPlace) {
		errs = append(errs, fmt.Errorf("url is %q beside requests; want it without query, fragment, {key} and {path}, which stand in the path of each request", withoutPassword(c.URL)))
	} else if _, err := newKeyedURL(c.URL); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// of is what a request would be as the only one.
func (c HTTPConfig) of(r RequestConfig) (HTTPConfig, error) {
	if r.Path != pathPlace && !strings.HasPrefix(r.Path, "/") {
		return c, fmt.Errorf("path is %q; want one that begins with /, such as /users/{key}?page=1, or {path}", r.Path)
	}
	byDefault := http.MethodGet
	switch {
	case strings.HasSuffix(r.Path, pathPlace): // that of the key
		byDefault = ""
	case r.Body != "" || r.BodyFile != "":
		byDefault = http.MethodPost
	}
	c.URL, c.Method, c.Body, c.BodyFile = strings.TrimRight(c.URL, "/")+r.Path, cmp.Or(r.Method, byDefault), r.Body, r.BodyFile
	c.Headers = overridden(c.Headers, r.Headers)
	if r.Check != nil {
		c.Check = r.Check
	}
	return c, nil
}

// overridden is headers with others in the place of those of the same name.
func overridden(headers, by map[string]strictyaml.Texts) map[string]strictyaml.Texts {
	own := map[string]bool{}
	for name := range by {
		own[http.CanonicalHeaderKey(name)] = true
	}
	all := map[string]strictyaml.Texts{}
	maps.Copy(all, by)
	for name, values := range headers {
		if !own[http.CanonicalHeaderKey(name)] {
			all[name] = values
		}
	}
	return all
}

// title is how a request is called in errors.
func (r RequestConfig) title(i int) string {
	if r.Name == "" {
		return fmt.Sprintf("requests[%d]", i)
	}
	return "request " + r.Name
}

// check says what is wrong with the name and the weight.
func (r RequestConfig) check(taken map[string]bool) error {
	var errs []error
	switch {
	case r.Name == "":
		errs = append(errs, errors.New("name is missing; want one, by which it stands in results"))
	case taken[r.Name]:
		errs = append(errs, errors.New("name is taken; want one of its own"))
	case strings.ContainsFunc(r.Name, isControl):
		errs = append(errs, errors.New("name holds a control character; want one on one line"))
	}
	if w := r.weight(); w == 0 || w > heaviest {
		errs = append(errs, fmt.Errorf("weight is %d; want 1 to %d", w, heaviest))
	}
	return errors.Join(errs...)
}

// heaviest keeps the sum of all weights within 32 bits.
const heaviest = 1_000_000

func (r RequestConfig) weight() uint32 {
	if r.Weight == nil {
		return 1
	}
	return *r.Weight
}

// Encode makes message the request of r, which is of its kind.
func (m *mix) Encode(message *Message, r *targets.Request) error {
	return m.kinds[r.Kind].Encode(message, r)
}

// Decoder reads answers. Unless the config says otherwise, statuses 429 and 503 are
// refusals, other statuses from 400 up failures, and all others ok, among them
// redirections (3xx), which are not followed.
func (m *mix) Decoder() Decoder { return &http1{mix: m} }

// checkKey reports why a request of some kind cannot be made of a key.
func (m *mix) checkKey(key string) error {
	for i, t := range m.kinds {
		err := t.Encode(new(Message), &targets.Request{Key: key})
		switch {
		case err != nil && m.names != nil:
			return fmt.Errorf("request %s: %w", m.names[i].Name, err)
		case err != nil:
			return err
		}
	}
	return nil
}
