//go:build unix

package redisproc

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/redistest"
)

// TestServerThatDoesNotFit answers, and is not what limiters can work on.
func TestServerThatDoesNotFit(t *testing.T) {
	node := redistest.Server(t, "--cluster-enabled", "yes", "--cluster-port", redistest.FreePort(t))
	refused(t, node.Addr, "it is a node of a cluster", "want redis-cluster://"+node.Addr)
	refused(t, "redis://"+node.Addr+"/0", "want redis-cluster://"+node.Addr)
	refused(t, "redis-cluster://"+node.Addr, "the cluster is down (fail), 0 of 16384 slots are served")
	refused(t, "redis-sentinel://"+node.Addr+"/limits", "it is no sentinel; want redis://"+node.Addr)
	node.Tell(t, "acl", "setuser", "ann", "on", ">s3cret", "~fcbench:*", "+@all", "-info")
	refused(t, "redis://ann:s3cret@"+node.Addr, "it is a node of a cluster")

	watcher, master, replica := runSentinel(t)
	refused(t, "redis://:s3cret-too@"+watcher.Addr, "it is a sentinel", "want redis-sentinel://"+watcher.Addr+"/NAME-OF-THE-MASTER")
	refused(t, "redis://:s3cret@"+replica.Addr, "it is a replica, which refuses writes; want its master, 127.0.0.1:"+master.Port)
	start(t, "redis://:s3cret@"+master.Addr)
	replica.Tell(t, "config", "set", "replica-read-only", "no")
	start(t, "redis://:s3cret@"+replica.Addr)
}

// TestSocketOfAClusterNode: there is no socket of a cluster.
func TestSocketOfAClusterNode(t *testing.T) {
	socket := t.TempDir() + "/s"
	node := redistest.Server(t, "--cluster-enabled", "yes", "--cluster-port", redistest.FreePort(t), "--unixsocket", socket)
	node.Tell(t, "ping") // its socket may be there, and not be listened on, until it answers
	refused(t, socket, "it is a node of a cluster", "want redis-cluster://HOST:PORT")
}

// TestWrongProtocol: TLS to a port without, none to a port with, and others.
func TestWrongProtocol(t *testing.T) {
	a, port := newAuthority(t), redistest.FreePort(t)
	n := redistest.Server(t, append(a.args(t, port, "localhost"), "--tls-auth-clients", "no")...)
	trust := "?ca_file=" + url.QueryEscape(a.file("ca.crt"))
	secret := "localhost:" + port
	refused(t, "rediss://:s3cret@"+n.Addr+trust, n.Addr+" speaks Redis without TLS; want redis://"+n.Addr)
	refused(t, "rediss-cluster://"+n.Addr+trust, "speaks Redis without TLS; want redis-cluster://"+n.Addr)
	refused(t, "rediss-sentinel://"+n.Addr+"/limits", "speaks Redis without TLS; want redis-sentinel://"+n.Addr)
	refused(t, "redis://"+secret, secret+" speaks TLS; want rediss://"+secret)
	refused(t, secret, "speaks TLS; want rediss://"+secret)
	refused(t, "redis-cluster://"+secret, "speaks TLS; want rediss-cluster://"+secret)
	refused(t, "redis-sentinel://"+secret+"/limits", "speaks TLS; want rediss-sentinel://"+secret)

	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	at := strings.TrimPrefix(web.URL, "http://")
	refused(t, at, at+" answers in HTTP; want the address of a Redis")
	refused(t, "rediss://"+at, at+" answers in HTTP; want the address of a Redis")
	refused(t, strings.TrimPrefix(secure.URL, "https://"), "speaks TLS")
	refused(t, "127.0.0.1:"+redistest.FreePort(t), "connection refused")
}

func TestUnderstood(t *testing.T) {
	for answer, want := range map[string]protocol{
		"": unheard, "+PONG\r\n": plainly, "-NOAUTH Authentication required.\r\n": plainly, "HTTP/1.1 400 Bad Request\r\n": web,
		"\x15\x03\x01\x00\x02\x02\x16": secretly, "\x15": unheard, "SSH-2.0-OpenSSH_9.2": unheard,
	} {
		if got := understood([]byte(answer)); got != want {
			t.Errorf("%q is understood as %d; want %d", answer, got, want)
		}
	}
}
