package wire_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// phasesOf sends requests one after the other and returns the phases of each answer,
// and how long it took from its start.
func phasesOf(t *testing.T, h *wire.HTTP, n int) (all []results.Phases, took []time.Duration) {
	t.Helper()
	env := real(1)
	lane, err := h.Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer lane.Close(t.Context())
	done := func(_ uint32, at time.Duration, r *targets.Response) {
		if r.Outcome != results.OK || r.Phases == nil {
			t.Fatalf("answer is %+v; want it ok, with phases", r)
		}
		all, took = append(all, *r.Phases), append(took, at-r.Started)
	}
	for i := range n {
		now := env.Clock()
		for lane.Start(now, &targets.Request{Now: now, Deadline: now + within}, done); len(all) == i; {
			now = lane.Poll(now, now+10*time.Millisecond, done)
		}
	}
	return all, took
}

// TestPhases: connecting counts for the request that a connection was made for, and the
// first byte of an answer comes before its last; the engines tell them alike.
func TestPhases(t *testing.T) {
	const later = 20 * time.Millisecond
	addr := serve(t, func(conn net.Conn) {
		for in := bufio.NewReader(conn); ; {
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
			<-time.After(later)
			io.WriteString(conn, "k")
		}
	})
	for _, engine := range engines {
		h := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr, Phases: true, PerConnection: 2})
		all, took := phasesOf(t, h, 4)
		early := 0
		for i, p := range all {
			if made := i%2 == 0; (p.Connect > 0) != made || p.TLS != 0 || p.FirstByte <= 0 || p.FirstByte > took[i] {
				t.Errorf("by the %s engine answer %d, after %v, has phases %+v; want a connection made: %v, and the first byte before the last", engine, i, took[i], p, made)
			}
			if p.FirstByte < took[i]-later/2 {
				early++
			}
		}
		if early == 0 { // what is slow on a busy machine is slow now and then
			t.Errorf("by the %s engine phases are %+v of %v; want first bytes about %v earlier", engine, all, took, later)
		}
	}
	tomorrow := time.Now().Add(24 * time.Hour)
	cert, key := issue(t, "a.example", tomorrow)
	open, _ := secured(t, cert, key, "")
	for _, engine := range engines {
		all, _ := phasesOf(t, engined(t, engine, wire.HTTPConfig{URL: "https://" + open, Phases: true, TLS: &wire.TLSConfig{Insecure: true}}), 2)
		if all[0].Connect <= 0 || all[0].TLS <= 0 || all[1].Connect != 0 || all[1].TLS != 0 || all[1].FirstByte <= 0 {
			t.Errorf("by the %s engine phases over TLS are %+v; want a connection and a handshake for the first alone", engine, all)
		}
	}
	for _, r := range send(t, engined(t, engines[0], wire.HTTPConfig{URL: "http://" + addr}), 1, targets.Request{}) {
		if r.Phases != nil {
			t.Errorf("nobody asked, and phases are %+v", r.Phases)
		}
	}
}
