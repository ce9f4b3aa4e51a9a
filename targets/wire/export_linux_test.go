package wire

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// Zone is the interface on which an event loop connects to an address.
func Zone(a netip.Addr) uint32 {
	return sockaddr(netip.AddrPortFrom(a, 1)).(*unix.SockaddrInet6).ZoneId
}
