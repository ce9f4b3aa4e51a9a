package redisproc

import (
	"testing"

	"github.com/redis/go-redis/v9"
)

// BenchmarkPing is what a command costs besides the server's work: with a client
// of the load, and with go-redis on its own, which looks at its socket each time.
func BenchmarkPing(b *testing.B) {
	s, err := Start(b.Context(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	bare := s.endpoint.options(ClientOptions{})
	for _, bb := range []struct {
		name   string
		client redis.UniversalClient
	}{
		{"line", s.Client(ClientOptions{})},
		{"bare", redis.NewClient(bare.Simple())},
	} {
		defer bb.client.Close()
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := bb.client.Ping(b.Context()).Err(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
