//go:build !linux

package stamp

import "net"

// Conn is not known here.
type Conn struct{ net.Conn }

// Watch returns c: this system does not tell.
func Watch(c net.Conn) net.Conn { return c }

// Begin does nothing.
func (*Conn) Begin() {}

// Times are not known.
func (*Conn) Times() (t Times) { return t }

// Witness is not needed.
type Witness struct{}

// Open does nothing.
func (*Witness) Open() {}

// Close does nothing.
func (*Witness) Close() {}
