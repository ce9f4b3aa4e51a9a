package trials

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/echo"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// null is a target that does nothing, for the same work.
type null struct {
	world   *experiment.World
	over    over
	doc     *strictyaml.Node // the scenario with it
	opened  *experiment.Opened
	service *echo.Null // nil for one in this process
	against string
	differs []string
}

// startNull makes one of the target's protocol, where there is one.
func (m *Maker) startNull(ctx context.Context) (n *null, err error) {
	n = &null{world: m.World, over: m.over, doc: m.doc.Clone()}
	for _, key := range []string{"thresholds", "hooks", "observe", "abort", "faults", "steps", "undisturbed", "max_rate"} {
		n.doc.Remove(key)
	}
	n.steady(m.doc.Get("workload").Get("arrivals"))
	target := m.doc.Get("subjects").Items()[0].Get("target")
	switch kind := m.read.Subjects[0].Kind; {
	case kind == "http" && target.Kind() == strictyaml.Map:
		return n, n.asHTTP(ctx, target.Clone())
	case kind == "tcp" && target.Kind() == strictyaml.Map:
		return n, n.asTCP(ctx, target.Clone())
	default:
		n.inProcess(kind, m.read.Subjects[0].Scope)
		return n, nil
	}
}

// steady replaces arrivals whose rate changes: a short run would see a part of them alone.
func (n *null) steady(arrivals *strictyaml.Node) {
	kind := arrivals.Get("kind").String()
	if kind == "" {
		kind, _, _ = strings.Cut(arrivals.String(), ":")
	}
	if kind == "constant" || kind == "poisson" {
		return
	}
	n.doc.Get("workload").Put("arrivals", strictyaml.NewText("calibration", "poisson:1k/s"))
	n.differs = append(n.differs, "with arrivals that are poisson, not "+kind)
}

// aim makes a target the only subject.
func (n *null) aim(target *strictyaml.Node) {
	subject, all := strictyaml.NewMap("calibration"), strictyaml.NewList("calibration")
	subject.Put("target", target)
	all.Append(subject)
	n.doc.Put("subjects", all)
}

func (n *null) asHTTP(ctx context.Context, target *strictyaml.Node) (err error) {
	n.against = "an HTTP service that does nothing"
	if n.service, err = echo.StartNull(ctx, echo.HTTP); err != nil {
		return fmt.Errorf("%s: %w", n.against, err)
	}
	url := target.Get("url").String()
	if strings.HasPrefix(strings.ToLower(os.Expand(url, os.Getenv)), "https:") {
		n.differs = append(n.differs, "without TLS")
	}
	target.Put("url", strictyaml.NewText("calibration", redirected(url, n.service.Address)))
	for _, key := range []string{"tls", "check", "ok", "rejected"} {
		target.Remove(key)
	}
	for _, request := range target.Get("requests").Items() {
		request.Remove("check")
	}
	n.aim(target)
	return nil
}

func (n *null) asTCP(ctx context.Context, target *strictyaml.Node) (err error) {
	n.against = "a TCP service that sends back what it gets"
	if n.service, err = echo.StartNull(ctx, echo.Bytes); err != nil {
		return fmt.Errorf("%s: %w", n.against, err)
	}
	target.Put("address", strictyaml.NewText("calibration", n.service.Address))
	target.Remove("refusal")
	n.aim(target)
	return nil
}

func (n *null) inProcess(kind, scope string) {
	n.against = "a target in this process that does nothing"
	if scope == "redis" || scope == "service" {
		n.differs = append(n.differs, "without the client of "+kind)
	}
	n.aim(strictyaml.NewText("calibration", "noop"))
}

// redirected is a url with another host. What stands for a host in it may be a variable of the
// environment, and what follows may be a place of the key.
func redirected(url, address string) string {
	rest := url
	if scheme, after, ok := strings.Cut(url, "://"); ok && !strings.ContainsAny(scheme, "{/?#") {
		rest = after
	}
	for {
		end := strings.IndexAny(rest, "/?#{")
		switch {
		case end < 0:
			return "http://" + address
		case end == 0 || rest[end] != '{' || rest[end-1] != '$':
			return "http://" + address + rest[end:]
		}
		if _, after, ok := strings.Cut(rest[end:], "}"); ok {
			rest = after
			continue
		}
		return "http://" + address
	}
}

// shared reports whether the target is on this machine, as far as its address says.
func (m *Maker) shared() bool {
	switch hosts := m.read.Hosts(); {
	case len(hosts) > 0:
		return ownAddress(hosts[0])
	case m.read.Subjects[0].Scope == "redis":
		return m.World.GivenRedis() == "" || ownAddress(m.World.GivenRedis())
	}
	return true
}

// ownAddress reports whether an address is one of this machine: a socket, or an address that
// one of its interfaces has. Names are not asked for, but for localhost.
func ownAddress(address string) bool {
	if _, after, ok := strings.Cut(address, "://"); ok {
		address = after[strings.LastIndexByte(after, '@')+1:]
	}
	host, _, err := net.SplitHostPort(strings.TrimSuffix(address, "/"))
	if err != nil {
		return strings.HasPrefix(address, "/")
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	addrs, _ := net.InterfaceAddrs()
	return ip.IsLoopback() || slices.ContainsFunc(addrs, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr() == ip.Unmap()
	})
}

// closeWithin is how long it may take to disconnect.
const closeWithin = 5 * time.Second

func (n *null) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	if n.opened != nil {
		_ = n.opened.Close(ctx) // what was measured is measured
	}
	if n.service != nil {
		n.service.Close()
	}
}
