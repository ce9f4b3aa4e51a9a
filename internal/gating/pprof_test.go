package gating

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// message writes fields in the encoding of protocol buffers.
type message []byte

func (m message) number(field int, v uint64) message {
	m = binary.AppendUvarint(m, uint64(field)<<3)
	return binary.AppendUvarint(m, v)
}

func (m message) bytes(field int, body []byte) message {
	m = binary.AppendUvarint(m, uint64(field)<<3|2)
	return append(binary.AppendUvarint(m, uint64(len(body))), body...)
}

func packed(all ...uint64) (m []byte) {
	for _, v := range all {
		m = binary.AppendUvarint(m, v)
	}
	return m
}

// profileOf is a profile of two functions: lock, which is inlined in decide at one place.
func profileOf(lock, decide uint64) []byte {
	var m message
	line := func(function uint64) message { return message{}.number(1, function).number(2, 7) }
	m = m.bytes(1, message{}.number(1, 1)) // of what values are
	m = m.bytes(2, message{}.bytes(1, packed(1, 2)).bytes(2, packed(3, lock)))
	m = m.bytes(2, message{}.number(1, 2).number(2, 1).number(2, decide)) // not packed
	m = m.bytes(4, message{}.number(1, 1).number(3, 99).bytes(4, line(10)).bytes(4, line(20)))
	m = m.bytes(4, message{}.number(1, 2).bytes(4, line(20)))
	m = m.bytes(5, message{}.number(1, 10).number(2, 1))
	m = m.bytes(5, message{}.number(1, 20).number(2, 2))
	for _, text := range []string{"", "sync.lock", "limiters.decide"} {
		m = m.bytes(6, []byte(text))
	}
	m = m.number(9, 12345)
	return m
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFlat: what is spent in a function itself, inlined ones apart.
func TestFlat(t *testing.T) {
	all, err := flat(zipped(t, profileOf(100, 900)))
	if err != nil || len(all) != 2 || all["sync.lock"] != 100 || all["limiters.decide"] != 900 {
		t.Errorf("%v, %v; want 100 and 900", all, err)
	}
}

// TestFlatOfAnything: what is no profile, or half of one, is an error or less, and no panic.
func TestFlatOfAnything(t *testing.T) {
	whole := profileOf(100, 900)
	for n := range whole {
		_, _ = flat(zipped(t, whole[:n]))
	}
	z := zipped(t, whole)
	for n := range z {
		if _, err := flat(z[:n]); err == nil {
			t.Errorf("%d bytes of %d are a whole profile", n, len(z))
		}
	}
	for _, text := range []string{"none", strings.Repeat("\xff", 40), "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		if _, err := flat(zipped(t, []byte(text))); err == nil {
			t.Errorf("%q is a profile", text)
		}
	}
}

// TestGrown: functions that take longer, the one that grew most first; not those that
// became faster, nor those that hardly changed.
func TestGrown(t *testing.T) {
	a := profileCosts{map[string]float64{"decide": 80, "hash": 20, "clock": 10, "gone": 5}, 0.001}
	b := profileCosts{map[string]float64{"decide": 82, "lock": 15, "hash": 12, "clock": 10.5, "unlock": 4}, 0.001}
	if got := fmt.Sprint(grown(a, b)); got != "[{lock 0 15} {unlock 0 4} {decide 80 82}]" {
		t.Errorf("grown are %s", got)
	}
	b.sample = 1.25 // of which few are chance: three of unlock, and the two more of decide
	if got := fmt.Sprint(grown(a, b)); got != "[{lock 0 15}]" {
		t.Errorf("of few samples are grown %s", got)
	}
	p := Profiled{Unit: "limiters/BenchmarkAllow", Files: [2]string{"a.pprof", "b.pprof"}, Grown: grown(a, b)[:1]}
	if got := p.Text(); got != "of an operation of limiters/BenchmarkAllow grew: lock +15 ns (0 to 15); the profiles are a.pprof and b.pprof" {
		t.Errorf("in words: %s", got)
	}
	if got := (&Profiled{}).Text(); !strings.Contains(got, "no function alone") {
		t.Errorf("of nothing: %s", got)
	}
}

// TestExactly: a benchmark is named so that no other runs, whatever its name has in it.
func TestExactly(t *testing.T) {
	if got := exactly("BenchmarkAllow/gcra/keys=1/allow=50%/a.b"); got != `^BenchmarkAllow$/^gcra$/^keys=1$/^allow=50%$/^a\.b$` {
		t.Errorf("it is %s", got)
	}
	if got := fileName("limiters/Benchmark Größe=1/x"); got != "limiters-Benchmark-Gr--e-1-x" {
		t.Errorf("a file of it is %s", got)
	}
}
