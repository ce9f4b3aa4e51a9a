//go:build !linux

package wire

import (
	"context"
	"errors"
	"net/netip"

	"github.com/fcbench/fcbench/targets"
)

// eventful reports whether there are event loops on this system.
func eventful() bool { return false }

func newLane(context.Context, Codec, targets.Env, []netip.AddrPort, int, Options) (targets.Async, error) {
	return nil, errors.ErrUnsupported
}
