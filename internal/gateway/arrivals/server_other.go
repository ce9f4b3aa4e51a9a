//go:build !linux

package arrivals

import (
	"context"
	"errors"
	"net"
)

// Serve fails: arrivals are stamped in a loop around epoll.
func Serve(context.Context, *net.TCPListener, float64) (Report, error) {
	return Report{}, errors.New("arrivals can be measured on Linux only, by its epoll; want a machine with Linux for --arrival-stats")
}
