//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const closedConnections = 64

// loop is closed loops of requests of one kind against nginx.
type loop struct {
	title  string
	beside []string // who takes part; nil for everybody
	secure bool
	// tell completes what all are told, by files in a folder.
	tell func(n *nginx, folder string, j *job) error
}

// loops are the tables of closed loops, by name.
func loops() map[string]loop {
	wrk := []string{fcbench, "wrk"}
	return map[string]loop{
		"closed": {title: "closed loop", tell: func(n *nginx, _ string, j *job) error {
			j.url = n.url
			return nil
		}},
		"tls": {title: "TLS, keep-alive", beside: wrk, secure: true, tell: func(n *nginx, _ string, j *job) error {
			j.url, j.ca = n.secure, n.authority()
			return nil
		}},
		"post": {title: "POST of 1 KiB", beside: wrk, tell: posted},
		"body": {title: "answers of 64 KiB", beside: wrk, tell: func(n *nginx, _ string, j *job) error {
			j.url = n.url + "large"
			return nil
		}},
	}
}

// posted has requests with a body of 1 KiB made.
func posted(n *nginx, folder string, j *job) error {
	text := strings.Repeat("x", 1<<10)
	j.url, j.body, j.script = n.url, filepath.Join(folder, "body"), filepath.Join(folder, "post.lua")
	return errors.Join(
		os.WriteFile(j.body, []byte(text), 0o644),
		os.WriteFile(j.script, fmt.Appendf(nil, "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/octet-stream'\nwrk.body = '%s'\n", text), 0o644),
	)
}

// table is requests per second and CPU per request, by what nginx counted.
func (l loop) table(o options) (err error) {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	server, err := o.startNginx(l.secure)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.close()) }()
	j := job{connections: closedConnections, seconds: o.seconds}
	if err := l.tell(server, folder, &j); err != nil {
		return err
	}
	rates, costs, memory := series{}, series{}, series{}
	list := o.present(func(p peer) bool { return p.closed != nil && (l.beside == nil || slices.Contains(l.beside, p.name)) })
	o.each(list, func(p peer) error {
		j.out = fresh(folder)
		made, s, err := o.counted(server, p, j)
		if err != nil {
			return err
		}
		rates.add(p.name, made/j.length().Seconds())
		costs.add(p.name, s.cpu.Seconds()/made*1e6)
		memory.add(p.name, mib(s.own))
		return nil
	})
	fmt.Printf("\n| %s, %d connections | requests/s | fcbench's over its | CPU per million requests | fcbench's over its | most memory of its own |\n|---|---|---|---|---|---|\n", l.title, closedConnections)
	for _, p := range list {
		fmt.Printf("| %s | %s | %s | %s s | %s | %s MiB |\n", p.name, rates.say(p.name, "%.0f"), rates.ratio(p.name), costs.say(p.name, "%.1f"), costs.ratio(p.name), memory.say(p.name, "%.0f"))
	}
	return nil
}

// counted is how many requests of a peer's nginx saw, and what they took.
func (o options) counted(server *nginx, p peer, j job) (made float64, s spent, err error) {
	before, err := server.requests()
	if err != nil {
		return 0, s, err
	}
	if _, s, err = o.measure(j, p.closed(j)); err != nil {
		return 0, s, err
	}
	after, err := server.requests()
	if err == nil && after <= before+1 {
		err = errors.New("nginx saw none of its requests")
	}
	return float64(after - before - 1), s, err
}
