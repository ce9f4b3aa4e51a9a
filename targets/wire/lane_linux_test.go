package wire_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// TestEventAllocatesNothing for a request, its answer, and the wait between them.
func TestEventAllocatesNothing(t *testing.T) {
	addr := serve(t, answering("HTTP/1.1 429 No\r\nServer: nginx\r\nDate: Fri, 31 Dec 1999 23:59:50 GMT\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nno"))
	for name, c := range map[string]struct {
		wire.HTTPConfig
		targets.Request
	}{
		"plain":   {wire.HTTPConfig{URL: "http://" + addr}, targets.Request{}},
		"keyed":   {wire.HTTPConfig{URL: "http://" + addr + "/{key}", Headers: texts("X", "{key}")}, targets.Request{Key: "a b"}},
		"payload": {wire.HTTPConfig{URL: "http://" + addr}, targets.Request{Size: 100 << 10}},
	} {
		env := real(1)
		lane, err := engined(t, wire.Event, c.HTTPConfig).Lane(t.Context(), env, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		answered := 0
		done := func(uint32, time.Duration, *targets.Response) { answered++ }
		one := func() {
			now := env.Clock()
			c.Deadline = now + within
			lane.Start(now, &c.Request, done)
			for want := answered + 1; answered < want; {
				now = lane.Poll(now, now+10*time.Millisecond, done)
			}
		}
		one()
		if n := testing.AllocsPerRun(200, one); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		lane.Close(t.Context())
	}
}
