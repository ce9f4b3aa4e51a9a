//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// nginx is a server with one worker that answers with a few bytes, and counts.
type nginx struct {
	url    string
	folder string
	stop   func() error
}

const nginxConf = `worker_processes 1;
daemon off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server {
    listen %[2]s backlog=4096;
    location / { return 200 "ok\n"; }
    location /status { stub_status; }
  }
}
`

func (o options) startNginx() (n *nginx, err error) {
	if o.find("nginx") == "" {
		return nil, errors.New("nginx is not here; make peers installs it")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, err
	}
	n = &nginx{url: "http://" + address + "/", folder: folder}
	path := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(path, fmt.Appendf(nil, nginxConf, folder, address), 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	c, err := o.command(context.Background(), serverCore, []string{"nginx", "-c", path})
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	n.stop = func() error { return errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()) }
	return n, n.ready()
}

// ready waits until it answers.
func (n *nginx) ready() (err error) {
	for range 100 {
		if _, err = n.requests(); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(err, n.close())
}

func (n *nginx) close() error { return errors.Join(n.stop(), os.RemoveAll(n.folder)) }

// requests is how many it was asked for, this one included.
func (n *nginx) requests() (count uint64, err error) {
	text, err := get(n.url + "status")
	if err != nil {
		return 0, err
	}
	var accepted, handled uint64
	_, numbers, _ := strings.Cut(string(text), "requests\n")
	if _, err := fmt.Sscan(numbers, &accepted, &handled, &count); err != nil {
		return 0, fmt.Errorf("nginx says %q of itself: %w", text, err)
	}
	return count, nil
}

// get is the body of an answer.
func get(url string) (body []byte, err error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	body, err = io.ReadAll(response.Body)
	return body, errors.Join(err, response.Body.Close())
}
