//go:build linux

package main

import (
	"bytes"
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

// nginx is a server with one worker that answers with a few bytes, or with large ones,
// and counts.
type nginx struct {
	url    string
	secure string // url of the same over TLS; empty for none
	folder string
	group  int // of its processes
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
    location /large { root %[1]s; }
    %[3]s
  }
}
`

// nginxTLS is one version and one cipher, so that all generators have the same to do.
const nginxTLS = `listen %[2]s ssl backlog=4096;
    ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;`

// largeAnswer is how long the answer at /large is.
const largeAnswer = 64 << 10

// authority is the certificate of its TLS, which vouches for itself.
func (n *nginx) authority() string { return filepath.Join(n.folder, "cert.pem") }

// startNginx starts one that has TLS too where secure is set.
func (o options) startNginx(secure bool) (n *nginx, err error) {
	if o.find("nginx") == "" {
		return nil, errors.New("nginx is not here; make peers installs it")
	}
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, err
	}
	n = &nginx{folder: folder}
	if err := n.prepare(secure); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	c, err := o.command(context.Background(), serverCore, []string{"nginx", "-c", n.conf()})
	if err == nil {
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		err = c.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	n.group = c.Process.Pid
	n.stop = func() error { return errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()) }
	return n, n.ready()
}

func (n *nginx) conf() string { return filepath.Join(n.folder, "nginx.conf") }

// prepare writes what it reads. Its worker is another user, who may look at it.
func (n *nginx) prepare(secure bool) error {
	addresses, err := free(2)
	if err != nil {
		return err
	}
	n.url = "http://" + addresses[0] + "/"
	more := ""
	if secure {
		n.secure = "https://" + addresses[1] + "/"
		more = fmt.Sprintf(nginxTLS, n.folder, addresses[1])
		if err := certify(n.authority(), filepath.Join(n.folder, "key.pem")); err != nil {
			return err
		}
	}
	return errors.Join(
		os.Chmod(n.folder, 0o755),
		os.WriteFile(filepath.Join(n.folder, "large"), bytes.Repeat([]byte("x"), largeAnswer), 0o644),
		os.WriteFile(n.conf(), fmt.Appendf(nil, nginxConf, n.folder, addresses[0], more), 0o644),
	)
}

// free is so many addresses on loopback that nobody listens on.
func free(n int) (addresses []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // only when all are found, so that they differ
		addresses = append(addresses, l.Addr().String())
	}
	return addresses, nil
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

// stalling lets it stand still for the last so much of every period, until its returned
// end is called.
func (n *nginx) stalling(still, period time.Duration) (end func() error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		var err error
		for at := time.Now().Add(period - still); err == nil && until(ctx, at); at = at.Add(period) {
			err = syscall.Kill(-n.group, syscall.SIGSTOP)
			until(ctx, at.Add(still))
			err = errors.Join(err, syscall.Kill(-n.group, syscall.SIGCONT))
		}
		ended <- err
	}()
	return func() error {
		stop()
		return <-ended
	}
}

// until waits for an instant, and says whether it came before ctx ended.
func until(ctx context.Context, at time.Time) bool {
	t := time.NewTimer(time.Until(at))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

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
