package redistest

import (
	"net"
	"testing"
)

// TestFreePort: whoever connects to it is refused until somebody listens there, as who
// asks for it can.
func TestFreePort(t *testing.T) {
	addr := "127.0.0.1:" + FreePort(t)
	if c, err := net.Dial("tcp", addr); err == nil {
		c.Close()
		t.Errorf("somebody listens at %s", addr)
	}
	for range 2 { // also again
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		l.Close()
	}
}
