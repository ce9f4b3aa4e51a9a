package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// subjects parses a scenario with these subjects and a workload with these sizes.
func subjects(t *testing.T, size, list string) (*Scenario, error) {
	t.Helper()
	return parse(t, "name: s\nworkload: {arrivals: 'constant:1/s', size: '"+size+"'}\nduration: 1s\nsubjects:\n"+list)
}

func wantProblems(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("problems are\n%v\nwant %s", err, part)
		}
	}
}

func TestSubjectNames(t *testing.T) {
	s, err := subjects(t, "constant:0", `
  - {limiter: 'gcra:100/s:20'}
  - {name: 'gcra#2', target: noop}
  - {limiter: 'gcra:50/s:10'}
  - {name: noop, limiter: 'gcra:10/s'}
  - {target: noop}
  - {limiter: 'gcra:10/s'}
`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, sub := range s.Subjects {
		names = append(names, sub.Name)
	}
	if got, want := strings.Join(names, " "), "gcra gcra#2 gcra#3 noop noop#2 gcra#4"; got != want {
		t.Errorf("names are %s; want %s", got, want)
	}
	if got, want := string(s.Subjects[0].JSON()), `{"kind":"gcra","scope":"local","rate":"100/s","burst":"20"}`; got != want {
		t.Errorf("short form is %s; want %s", got, want)
	}
	_, err = subjects(t, "constant:0", "  - {name: a, target: noop}\n  - {limiter: gcar}\n  - {target: noop, name: a}\n")
	wantProblems(t, err, `s.yaml:7:26: subject name "a" is taken; want one of its own`, `s.yaml:6:15: limiter kind "gcar" is unknown`)
}

// TestSecretsStayOut of result files, and names of secrets stay in.
func TestSecretsStayOut(t *testing.T) {
	t.Setenv("FCBENCH_TEST_SECRET", "open-sesame")
	s, err := subjects(t, "constant:0", `
  - target:
      kind: http
      url: 'http://127.0.0.1:80/{key}?api_key=abc&access%5Ftoken=def&page=2&key={key}&sig=${FCBENCH_TEST_SECRET}&X-Amz-Signature=ghi#j'
      headers: {Authorization: Bearer abc, X-Api-Key: '${FCBENCH_TEST_SECRET}', Accept: text/html, cookie: a=b, X-Tenant: 'tenant-{key}', X-Empty: '',
        X-Many: [jkl, '{key}', mno], X-Signature: '{key}-pqr', Proxy-Authorization: 'Basic ${FCBENCH_TEST_SECRET}', X-Auth: 'Bearer stu${FCBENCH_TEST_SECRET}',
        Set-Cookie: 'a={key}; b=${FCBENCH_TEST_SECRET}', Cookie2: 'a={key}; b=vwx', Range: [bytes=0-1, bytes=2-3], X-Broken: 'yza$'}
`)
	if err != nil {
		t.Fatal(err)
	}
	got := string(s.Subjects[0].JSON())
	for _, secret := range []string{"abc", "def", "ghi", "a=b", "sesame", "jkl", "mno", "pqr", "stu", "vwx", "yza"} {
		if strings.Contains(got, secret) {
			t.Errorf("%s is told by %s", secret, got)
		}
	}
	for _, part := range []string{
		"?api_key=redacted&access%5Ftoken=redacted&page=2&key={key}&sig=${FCBENCH_TEST_SECRET}&X-Amz-Signature=redacted#j",
		`"Authorization":"redacted"`, `"X-Api-Key":"${FCBENCH_TEST_SECRET}"`, `"Accept":"text/html"`, `"cookie":"redacted"`, `"X-Tenant":"tenant-{key}"`,
		`"X-Many":["redacted","{key}","redacted"]`, `"X-Signature":"redacted"`, `"Proxy-Authorization":"Basic ${FCBENCH_TEST_SECRET}"`, `"X-Auth":"redacted"`,
		`"Set-Cookie":"a={key}; b=${FCBENCH_TEST_SECRET}"`, `"Cookie2":"redacted"`, `"Range":["bytes=0-1","bytes=2-3"]`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("subject is %s; want %s in it", got, part)
		}
	}
	stored, err := strictyaml.Parse("r.jsonl", s.Subjects[0].JSON())
	if err != nil {
		t.Fatal(err)
	}
	p := &parser{}
	p.refuseRedacted(stored, stored)
	wantProblems(t, p.problems.Err(), `query parameter api_key of the url is "redacted"`, "X-Amz-Signature", "access%5Ftoken", "header Authorization", "header cookie",
		"header X-Many", "header X-Signature", "header X-Auth", "header Cookie2", "header X-Broken")
	if len(p.problems) != 10 {
		t.Errorf("problems are\n%v\nwant 10", p.problems)
	}
}

// TestRedactedIsRefused: a stored run that hides a secret cannot be run again as it is.
func TestRedactedIsRefused(t *testing.T) {
	_, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1/?token=redacted&page=redacted', headers: {Authorization: redacted, Accept: redacted}}\n")
	wantProblems(t, err,
		`query parameter token of the url is "redacted", as result files hide secrets; want it as ${NAME}, from the environment`,
		`s.yaml:5:106: header Authorization is "redacted"`)
	if strings.Contains(err.Error(), "page") || strings.Contains(err.Error(), "Accept") {
		t.Errorf("problems are\n%v\nwant none for what is never hidden", err)
	}
}

func TestMissingSecret(t *testing.T) {
	_, err := subjects(t, "constant:0", "  - target: {kind: http, url: 'http://127.0.0.1/', headers: {Authorization: '${FCBENCH_TEST_ABSENT}'}}\n")
	wantProblems(t, err, "header Authorization needs the environment variable FCBENCH_TEST_ABSENT, which is not set")
}

// TestMethodIsWrittenDown as it follows from the workload.
func TestMethodIsWrittenDown(t *testing.T) {
	for _, c := range []struct{ size, config, want string }{
		{"constant:0", "method: ''", `"method":"GET"`},
		{"constant:9", "method: ''", `"method":"POST"`},
		{"uniform:0:9", "method: ''", `"method":""`},
		{"constant:0", "method: '', body: x", `"method":"POST"`},
		{"constant:9", "method: PUT", `"method":"PUT"`},
	} {
		s, err := subjects(t, c.size, "  - target: {kind: http, url: 'http://127.0.0.1', "+c.config+"}\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.Subjects[0].JSON()); !strings.Contains(got, c.want) {
			t.Errorf("size %s, %s: subject is %s; want %s", c.size, c.config, got, c.want)
		}
	}
}

// TestHosts: also where the environment names them.
func TestHosts(t *testing.T) {
	t.Setenv("FCBENCH_TEST_HOST", "127.0.0.1:8080")
	s, err := subjects(t, "constant:0", `
  - {target: {kind: http, url: 'http://${FCBENCH_TEST_HOST}/'}}
  - {target: {kind: http, url: 'https://[::1]/'}}
  - {target: noop}
`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(s.Hosts(), " "), "127.0.0.1:8080 [::1]:443"; got != want {
		t.Errorf("hosts are %s; want %s", got, want)
	}
}

func TestCheckVirtual(t *testing.T) {
	const targets = "subjects: [{target: 'delay:1ms'}, {limiter: 'redis-gcra:1/s'}, {target: {kind: http, url: 'http://127.0.0.1'}}, {target: noop}]\n"
	s, err := parse(t, "name: v\nload: {model: closed, clients: 1}\n"+targets)
	if err != nil {
		t.Fatal(err)
	}
	wantProblems(t, s.CheckVirtual(),
		"s.yaml:3:73: http runs in real time only; want it without --virtual",
		"s.yaml:2:7: a closed loop without think time never ends in virtual time; want --think or -n")
	if got := strings.Count(s.CheckVirtual().Error(), "\n"); got != 1 {
		t.Errorf("problems are\n%v\nwant two", s.CheckVirtual())
	}
	for _, good := range []string{
		"load: {model: closed, clients: 1, think: 1ms}\n", "load: {model: closed, clients: 1}\ncount: 9\n", "workload: {arrivals: 'constant:1/s'}\n",
	} {
		s, err := parse(t, "name: v\nsubjects: [{target: 'delay:1ms'}, {limiter: 'redis-gcra:1/s'}, {target: noop}]\n"+good)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckVirtual(); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

// TestKeysFitTheURL: a url for keys that are requests beside keys that are none is
// refused before anything is sent; some that are none in a log are not.
func TestKeysFitTheURL(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(log, []byte("0,k1\n1,GET /a?b=c\n2,k2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ workload, url, want string }{
		{"arrivals: 'trace:" + log + "'", "http://127.0.0.1{path}", ""},
		{"arrivals: 'trace:" + log + "'", "http://127.0.0.1/{key}", ""},
		{"arrivals: 'trace:" + log + "'", "http://127.0.0.1{key}", `s.yaml:3:39: keys of the workload, such as "k1", do not fit the url: key is no path; want keys such as /path after the host`},
		{"arrivals: 'constant:1/s', keys: 'uniform:5'", "http://127.0.0.1{path}", `s.yaml:3:39: keys of the workload, such as "k0", do not fit the url: key is no request; want keys such as GET /path for {path}`},
		{"arrivals: 'constant:1/s'", "http://127.0.0.1{path}", `s.yaml:3:39: keys of the workload, such as "k0", do not fit the url: key is no request`},
	} {
		_, err := parse(t, "workload: {"+c.workload+"}\nduration: 1s\nsubjects: [{target: {kind: http, url: '"+c.url+"'}}]\n")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s, %s: %v; want %q", c.workload, c.url, err, c.want)
		}
	}
}

// TestClientOfClasses: one client asks for all classes of a subject. It is go-redis where
// it has to be for one of them, and what would need two is refused.
func TestClientOfClasses(t *testing.T) {
	subject := func(common, b string) string {
		return limits + "subjects: [{limiter: {kind: redis-gcra, rate: 1/s" + common + "}, classes: {b: {rate: 7/s" + b + "}}}]\n"
	}
	for _, c := range []struct {
		common, b string
		called    bool
	}{
		{"", "", false},
		{"", ", burst: 3", false},
		{", client: wire", "", false},
		{", client: go-redis", ", on_error: open", false}, // which nothing else would do
		{"", ", on_error: open", true},
		{"", ", deadline: 10ms", true},
		{"", ", breaker: 3, cooldown: 1s", true},
		{", on_error: open", ", on_error: closed", false}, // no class can be carried
	} {
		s, err := parse(t, subject(c.common, c.b))
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if got := s.Subjects[0].called; got != c.called {
			t.Errorf("%+v: it is called by a client: %v; want %v", c, got, c.called)
		}
	}
	for b, want := range map[string]string{
		", client: go-redis": "s.yaml:3:86: client stands among the values of a class; want it among those of the subject's limiter, as one client asks for all classes",
		", client: wire":     "client stands among the values of a class",
		", connections: 1":   "connections stands among the values of a class",
		", pipeline: true":   "pipeline stands among the values of a class",
	} {
		_, err := parse(t, subject("", b))
		wantProblems(t, err, want)
	}
	_, err := parse(t, subject(", client: wire", ", on_error: open"))
	wantProblems(t, err, "client is wire, and there is a policy for errors (on_error, deadline, breaker); want go-redis, or auto, which is that here")
}

// TestClient: what only clients do is refused beside none, with its place.
func TestClient(t *testing.T) {
	const subject = "name: c\nworkload: {arrivals: 'constant:1/s'}\nduration: 10s\nsubjects: [{limiter: {kind: redis-gcra, rate: 1/s, client: CLIENT}}]\n"
	for rest, want := range map[string]string{
		"faults: [{at: 1s, kind: slow, delay: 1ms, for: 1s}]\n":      "s.yaml:4:60: client is wire, and there is a fault of the kind slow, which delays what clients read; want go-redis, or auto, which is that here",
		"steps: [{at: 1s, set: {subject: redis-gcra, rate: 2/s}}]\n": "s.yaml:4:60: client is wire, and steps change its limit; want go-redis, or auto, which is that here",
		"faults: [{at: 1s, kind: kill, for: 1s}]\n":                  "",
	} {
		for _, client := range []string{"wire", "auto", "go-redis"} {
			s, err := parse(t, strings.Replace(subject, "CLIENT", client, 1)+rest)
			if client == "wire" && want != "" {
				wantProblems(t, err, want)
				continue
			}
			if err != nil {
				t.Errorf("client %s beside %s: %v", client, rest, err)
				continue
			}
			if got := s.Subjects[0].called; got != (want != "") {
				t.Errorf("beside %s it is called by a client: %v; want %v", rest, got, want != "")
			}
		}
	}
}
