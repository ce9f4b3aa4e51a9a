//go:build !linux

package hostinfo

type receiver struct{}

func newReceiver() *receiver { return nil }

func (*receiver) stop() Receive { return Receive{} }
