package hooks

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// Config is what a scenario writes under hooks. Commands are for /bin/sh.
type Config struct {
	Prepare string         `yaml:"prepare,omitempty"` // before anything is sent
	Ready   Ready          `yaml:"ready,omitempty"`   // after prepare, asked again and again until it succeeds
	Cleanup string         `yaml:"cleanup,omitempty"` // afterwards, whatever happened
	Timeout units.Duration `yaml:"timeout,omitempty"` // of prepare and of cleanup, each
}

// Ready says how to find out that the target can be loaded: by a command that
// ends with status 0, or by a URL. http and https must answer with a status below
// 400, redirections are not followed; tcp must accept a connection.
type Ready struct {
	Command string         `yaml:"command,omitempty"`
	URL     string         `yaml:"url,omitempty"`
	Within  units.Duration `yaml:"within,omitempty"` // or else it is an error
	Every   units.Duration `yaml:"every,omitempty"`  // from the end of one attempt to the next
}

// Defaults are the bounds where none are given.
func Defaults() Config {
	return Config{
		Timeout: units.Duration(time.Minute),
		Ready:   Ready{Within: units.Duration(30 * time.Second), Every: units.Duration(200 * time.Millisecond)},
	}
}

// Problem is one thing that is wrong with a Config.
type Problem struct {
	Key  string // such as ready.within
	Text string
}

// Problems says everything that is wrong with c.
func (c Config) Problems() (problems []Problem) {
	bad := func(key, format string, args ...any) {
		problems = append(problems, Problem{key, fmt.Sprintf(key+" "+format, args...)})
	}
	blank := func(text string) bool { return strings.TrimSpace(text) == "" }
	for _, part := range []struct{ key, text string }{
		{"prepare", c.Prepare}, {"cleanup", c.Cleanup}, {"ready.command", c.Ready.Command}, {"ready.url", c.Ready.URL},
	} {
		if part.text != "" && blank(part.text) {
			bad(part.key, "is blank; want something, or nothing at all")
		}
		if strings.ContainsRune(part.text, 0) {
			bad(part.key, "holds a NUL; want text")
		}
	}
	if c.Prepare == "" && c.Cleanup == "" && !c.Ready.asked() {
		problems = append(problems, Problem{"", "hooks are empty; want one of prepare, ready, cleanup"})
	}
	if c.Timeout <= 0 {
		bad("timeout", "is %v; want more than 0, how long prepare and cleanup may take", c.Timeout)
	}
	return append(problems, c.Ready.problems()...)
}

func (r Ready) asked() bool { return r.Command != "" || r.URL != "" }

func (r Ready) problems() (problems []Problem) {
	bad := func(key, format string, args ...any) {
		problems = append(problems, Problem{key, fmt.Sprintf(key+" "+format, args...)})
	}
	if r.Within <= 0 {
		bad("ready.within", "is %v; want more than 0, how long to wait at most", r.Within)
	}
	if r.Every <= 0 {
		bad("ready.every", "is %v; want more than 0, how long to wait between two attempts", r.Every)
	}
	if r.Command != "" && r.URL != "" {
		bad("ready", "has a command and a url; want one of them")
	}
	if r.URL == "" {
		return problems
	}
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "tcp":
		bad("ready.url", "is not a URL that can be asked; want http://host:port/path, https://… or tcp://host:port")
	case u.User != nil:
		bad("ready.url", "holds a user or password; want none, or a command that knows it")
	case u.Scheme == "tcp" && (u.Port() == "" || strings.Trim(u.Path, "/") != ""):
		bad("ready.url", "is %q; want a port and no path after tcp://", r.URL)
	}
	return problems
}

// address is the host and port of the URL.
func (r Ready) address() (scheme, hostport string) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return "", ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme, net.JoinHostPort(u.Hostname(), port)
}
