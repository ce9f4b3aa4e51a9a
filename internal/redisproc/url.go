package redisproc

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/nearest"
)

// scheme is what a URL's scheme says.
type scheme struct {
	name    string
	kind    kind
	network string
	port    string // when none is written
	tls     bool
	params  []string
}

// schemes lists what a URL may begin with, and which parameters it may then have.
func schemes() []scheme {
	secure := []string{"ca_file", "cert_file", "key_file", "server_name", "skip_verify"}
	sentinels := []string{"db", "sentinel_username", "sentinel_password"}
	return []scheme{
		{"redis", single, "tcp", "6379", false, []string{"db"}},
		{"rediss", single, "tcp", "6379", true, append(secure, "db")},
		{"unix", single, "unix", "", false, []string{"db"}},
		{"redis-cluster", cluster, "tcp", "6379", false, nil},
		{"rediss-cluster", cluster, "tcp", "6379", true, secure},
		{"redis-sentinel", sentinel, "tcp", "26379", false, sentinels},
		{"rediss-sentinel", sentinel, "tcp", "26379", true, slices.Concat(secure, sentinels)},
	}
}

// errURL shows nothing of the URL, since even its fragments may be a password.
var errURL = errors.New("redis URL is malformed (not shown: it may hold a password); " +
	"want redis://[user:password@]host:port[/db] with special characters percent-encoded")

// redisURL is a URL taken apart.
type redisURL struct {
	scheme
	*url.URL
	hosts []string
	query url.Values
}

// parseURL understands what [Options.Addr] describes.
func parseURL(addr string) (endpoint, error) {
	text, err := fromEnvironment(addr)
	if err != nil {
		return endpoint{}, err
	}
	u, err := split(text)
	if err != nil {
		return endpoint{}, err
	}
	e := endpoint{kind: u.kind, network: u.network}
	problems := u.check()
	e.login, problems = u.login(problems)
	e.addrs, problems = u.addrs(problems)
	if e.url, err = shown(addr); err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return endpoint{}, err
	}
	return e, nil
}

// split takes a URL apart. Package url knows no lists of hosts; it is given the first.
func split(text string) (redisURL, error) {
	name, rest, _ := strings.Cut(text, "://")
	known := schemes()
	i := slices.IndexFunc(known, func(s scheme) bool { return s.name == name })
	if i < 0 {
		var names []string
		for _, s := range known {
			names = append(names, s.name)
		}
		return redisURL{}, fmt.Errorf("redis URL scheme is %q; want one of %s", name, strings.Join(nearest.First(name, names), ", "))
	}
	end := len(rest)
	if j := strings.IndexAny(rest, "/?#"); j >= 0 {
		end = j
	}
	at := strings.LastIndex(rest[:end], "@") + 1
	hosts := strings.Split(rest[at:end], ",")
	u, err := url.Parse(name + "://" + rest[:at] + hosts[0] + rest[end:])
	if err != nil || u.Fragment != "" || u.Opaque != "" {
		return redisURL{}, errURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return redisURL{}, errURL
	}
	return redisURL{scheme: known[i], URL: u, hosts: hosts, query: query}, nil
}

// check refuses what would be ignored, or would change what is measured.
func (u redisURL) check() (problems []error) {
	if _, hasPassword := u.User.Password(); u.User.Username() != "" && !hasPassword {
		problems = append(problems, errors.New("redis URL has a user name alone; want user:password@ or :password@"))
	}
	for _, name := range slices.Sorted(maps.Keys(u.query)) {
		want := "none"
		if len(u.params) > 0 {
			want = "one of " + strings.Join(nearest.First(name, u.params), ", ")
		}
		if !slices.Contains(u.params, name) {
			problems = append(problems, fmt.Errorf("%s URL has the parameter %q; want %s, fcbench sets the rest", u.Scheme, name, want))
		} else if len(u.query[name]) > 1 {
			problems = append(problems, fmt.Errorf("parameter %s is given %d times; want it once", name, len(u.query[name])))
		}
	}
	return problems
}

// login reads who is to log in where, and adds to problems what is wrong.
func (u redisURL) login(problems []error) (login, []error) {
	password, _ := u.User.Password()
	in := login{
		username: u.User.Username(), password: password,
		sentinelUsername: u.query.Get("sentinel_username"), sentinelPassword: u.query.Get("sentinel_password"),
	}
	var err error
	db := u.query.Get("db")
	path := strings.Trim(u.Path, "/")
	switch {
	case u.kind == sentinel && path == "":
		problems = append(problems, errors.New("sentinel URL names no master; want redis-sentinel://host:port/name"))
	case u.kind == sentinel:
		in.master = path
	case u.kind == cluster && path != "":
		problems = append(problems, errors.New("cluster URL has a path; want none, a cluster has one database"))
	case u.network != "unix" && path != "" && db != "":
		problems = append(problems, errors.New("database is given twice; want it in the path or as the parameter db"))
	case u.network != "unix" && path != "":
		db = path
	}
	if in.db, err = strconv.Atoi(db); db != "" && (err != nil || in.db < 0) {
		problems = append(problems, errors.New("database is not a number; want 0 or more")) // not shown: perhaps half a password
	}
	if u.scheme.tls {
		in.tls, err = tlsConfig(u.query)
		problems = append(problems, err)
	}
	return in, problems
}

// addrs completes the addresses, and adds to problems what is wrong.
func (u redisURL) addrs(problems []error) ([]string, []error) {
	if u.network == "unix" {
		if u.hosts[0] != "" || strings.Trim(u.Path, "/") == "" {
			problems = append(problems, errors.New("unix URL has no path of a socket after the host; want unix:///path"))
		}
		return []string{u.Path}, problems
	}
	if len(u.hosts) > 1 && u.kind == single {
		problems = append(problems, fmt.Errorf("%s URL has %d hosts; want one, or redis-cluster or redis-sentinel", u.Scheme, len(u.hosts)))
	}
	var addrs []string
	for _, host := range u.hosts {
		one, err := url.Parse("redis://" + host)
		if err != nil || one.Hostname() == "" || one.Host != host {
			return nil, append(problems, errURL)
		}
		port := one.Port()
		if port == "" {
			port = u.port
		}
		addrs = append(addrs, net.JoinHostPort(one.Hostname(), port))
	}
	return addrs, problems
}

// shown is the URL with every secret blotted out: passwords, and whatever comes
// from the environment.
func shown(addr string) (string, error) {
	blotted, err := expand(addr, func(string) string { return blot })
	if err != nil {
		return "", err
	}
	u, err := split(blotted)
	if err != nil {
		return "", err
	}
	if u.query.Has("sentinel_password") {
		u.query.Set("sentinel_password", blot)
		u.RawQuery = u.query.Encode()
	}
	u.Host = strings.Join(u.hosts, ",")
	return u.Redacted(), nil
}
