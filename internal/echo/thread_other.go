//go:build !linux

package echo

import "time"

// Blocking is not known here.
func (p *Peer) Blocking(int, time.Duration, time.Duration) ([]time.Duration, error) {
	return nil, ErrUnknown
}
