// Package dial opens every network connection that fcbench makes, so that a
// load generator cannot be aimed at somebody else's machine by mistake.
//
// Loopback addresses and unix sockets are always fine. Any other address needs
// its host on an allow-list (the flag --allow-host). The rule is applied after
// name resolution and to the addresses that are then dialled, so neither a name
// that turns out to point elsewhere nor an address that a server hands out
// (a Redis redirect, an HTTP Location) gets round it.
package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Dialer dials loopback, unix sockets and allowed hosts. It is safe for
// concurrent use; its DialContext fits the dialer hook of every client.
type Dialer struct {
	names  map[string]bool
	addrs  map[netip.Addr]bool
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
}

// New returns a Dialer that may also reach the hosts in allow: names or IP
// addresses, without a port. An allowed name may be dialled by that name only,
// whatever it resolves to; an allowed address under any name.
func New(allow []string) (*Dialer, error) {
	d := &Dialer{
		names:  map[string]bool{},
		addrs:  map[netip.Addr]bool{},
		lookup: net.DefaultResolver.LookupNetIP,
		dial:   new(net.Dialer).DialContext,
	}
	var problems []error
	for _, host := range allow {
		problems = append(problems, d.allow(host))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Dialer) allow(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		d.addrs[plain(addr)] = true
		return nil
	}
	if host == "" || strings.ContainsAny(host, ":/[]@ ") {
		return fmt.Errorf("allowed host is %q; want a host name or an IP address without a port", host)
	}
	d.names[canonical(host)] = true
	return nil
}

// RefusedError says that an address is neither loopback nor allowed.
type RefusedError struct {
	Addr     string     // what was to be dialled, host:port
	Host     string     // its host: the one to allow
	Resolved netip.Addr // the address that Host stands for
}

// Error says which flag would allow the address.
func (e *RefusedError) Error() string {
	is := "is"
	if _, err := netip.ParseAddr(e.Host); err != nil {
		is = fmt.Sprintf("resolves to %s, which is", e.Resolved)
	}
	return fmt.Sprintf("%s %s not a loopback address; allow it with --allow-host %s", e.Addr, is, e.Host)
}

// Check resolves hostport and reports whether DialContext would dial it,
// without connecting: nil, a *[RefusedError], or why it cannot be resolved.
func (d *Dialer) Check(ctx context.Context, hostport string) error {
	_, err := d.Resolve(ctx, "tcp", hostport)
	return err
}

// DialContext connects to addr on a network of package net. It tries the
// addresses that a name resolves to [InTurn], unless any of them is refused.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if strings.HasPrefix(network, "unix") {
		return d.dial(ctx, network, addr)
	}
	checked, err := d.Resolve(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return InTurn(ctx, network, checked, d.dial)
}

// Resolve turns hostport into the addresses that DialContext would try in turn, for
// whoever connects by other means. All of them may be dialled; if one may not, it is a
// *[RefusedError].
func (d *Dialer) Resolve(ctx context.Context, network, hostport string) ([]netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("address is %q; want host:port", hostport)
	}
	addrs, err := d.addresses(ctx, network, host)
	if err != nil {
		return nil, err
	}
	number, err := net.DefaultResolver.LookupPort(ctx, network, port)
	if err != nil {
		return nil, err
	}
	checked := make([]netip.AddrPort, 0, len(addrs))
	for _, addr := range addrs {
		if !d.allowed(host, addr) {
			return nil, &RefusedError{Addr: hostport, Host: host, Resolved: plain(addr)}
		}
		checked = append(checked, netip.AddrPortFrom(addr.Unmap(), uint16(number)))
	}
	return checked, nil
}

func (d *Dialer) addresses(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	family := strings.TrimLeft(network, "tcpud") // "4", "6" or either
	addrs, err := d.lookup(ctx, "ip"+family, host)
	if err == nil && len(addrs) == 0 {
		err = fmt.Errorf("host %q has no address", host)
	}
	return addrs, err
}

func (d *Dialer) allowed(host string, addr netip.Addr) bool {
	addr = plain(addr)
	return addr.IsLoopback() || d.addrs[addr] || d.names[canonical(host)]
}

// plain strips what does not change which machine an address means: IPv4 in
// IPv6 clothes is the IPv4 address, and a zone only picks the interface.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

func canonical(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}
