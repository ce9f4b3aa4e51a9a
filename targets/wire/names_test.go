package wire_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// nameless resolves no name, for a reason.
type nameless struct{ err error }

func (n nameless) Resolve(context.Context, string, string) ([]netip.AddrPort, error) {
	return nil, n.err
}

func (n nameless) DialContext(context.Context, string, string) (net.Conn, error) { return nil, n.err }

// TestEnginesAgreeOnNames: requests to a name that does not resolve fail one by one,
// by either engine, and say why.
func TestEnginesAgreeOnNames(t *testing.T) {
	for cause, err := range map[string]error{
		"no such host":                   &net.DNSError{Err: "no such host", Name: "a.example", IsNotFound: true},
		"host name not resolved in time": &net.DNSError{Err: "i/o timeout", Name: "a.example", IsTimeout: true},
		"host name not resolved":         &net.DNSError{Err: "server misbehaving", Name: "a.example", IsTemporary: true},
	} {
		for _, engine := range engines {
			h, problem := wire.NewHTTP(wire.HTTPConfig{URL: "http://a.example", Engine: engine}, nameless{err})
			if problem != nil {
				t.Fatal(problem)
			}
			for i, got := range send(t, h, 2, make([]targets.Request, 3)...) {
				if want := (targets.Response{Outcome: results.Failed, Cause: cause}); got != want {
					t.Errorf("by the %s engine request %d is %+v; want %+v", engine, i, got, want)
				}
			}
		}
	}
}
