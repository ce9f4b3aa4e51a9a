package wire_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// readFrame reads one message.
func readFrame(in *bufio.Reader, f wire.Framing) (message []byte, err error) {
	size := map[wire.Framing]int{wire.U16: 2, wire.U32: 4}[f]
	if size == 0 {
		message, err = in.ReadBytes('\n')
		return bytes.TrimSuffix(message, []byte("\n")), err
	}
	length := make([]byte, 4)
	if _, err := io.ReadFull(in, length[4-size:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length)
	if n > 1<<20 {
		return nil, io.ErrUnexpectedEOF
	}
	message = make([]byte, n)
	_, err = io.ReadFull(in, message)
	return message, err
}

// frame is a message as it is sent.
func frame(f wire.Framing, message string) []byte {
	switch f {
	case wire.U16:
		return append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
	case wire.U32:
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
	}
	return []byte(message + "\n")
}

// TestTCPEnginesAgree: messages arrive as they were told, by either engine and with
// several on a connection, and each has its own answer.
func TestTCPEnginesAgree(t *testing.T) {
	for _, f := range []wire.Framing{wire.Line, wire.U16, wire.U32} {
		var mu sync.Mutex
		var seen []string
		addr := serve(t, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for {
				m, err := readFrame(in, f)
				if err != nil {
					return
				}
				mu.Lock()
				seen = append(seen, string(m))
				mu.Unlock()
				answer := "fine, " + string(m)
				if strings.HasSuffix(string(m), "7>") {
					answer = "no, " + string(m)
				}
				conn.Write(frame(f, answer))
			}
		})
		requests, want := make([]targets.Request, 200), []string(nil)
		for i := range requests {
			requests[i].Key = fmt.Sprint("key", i)
			want = append(want, fmt.Sprintf("<key%d>", i))
		}
		slices.Sort(want)
		for _, c := range []wire.TCPConfig{{Engine: wire.Portable}, {Engine: wire.Auto}, {Engine: wire.Auto, Connections: 2, Depth: 8}} {
			c.Address, c.Framing, c.Message, c.Refusal = addr, f, "<{key}>", "no"
			tcp, err := wire.NewTCP(c, guarded(t))
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range send(t, tcp, 16, requests...) {
				if refused := i%10 == 7; refused != (r.Outcome == results.Rejected) || !refused && r.Outcome != results.OK {
					t.Fatalf("%s, %+v: request %d is %+v", f, c, i, r)
				}
			}
			tcp.Close(t.Context())
			mu.Lock()
			if slices.Sort(seen); !slices.Equal(seen, want) {
				t.Errorf("%s, %+v: the service saw %q", f, c, seen)
			}
			seen = nil
			mu.Unlock()
		}
	}
}

// TestTCPPayloads: without a message a payload of the drawn size is sent.
func TestTCPPayloads(t *testing.T) {
	for _, f := range []wire.Framing{wire.Line, wire.U16, wire.U32} {
		sizes := make(chan int, 10)
		addr := serve(t, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for {
				m, err := readFrame(in, f)
				if err != nil {
					return
				}
				sizes <- len(m)
				conn.Write(frame(f, ""))
			}
		})
		tcp, err := wire.NewTCP(wire.TCPConfig{Address: addr, Framing: f}, guarded(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, 1, 40_000, 65_535} {
			if r := send(t, tcp, 1, targets.Request{Size: size})[0]; r.Outcome != results.OK {
				t.Errorf("%s, %d bytes: %+v", f, size, r)
			} else if got := <-sizes; got != size {
				t.Errorf("%s: the service read %d bytes; want %d", f, got, size)
			}
		}
		if r := send(t, tcp, 1, targets.Request{Size: 65_536})[0]; f == wire.U16 && r.Cause != "message is larger than its length can say" {
			t.Errorf("more than a length can say: %+v", r)
		}
	}
}

func TestTCPNamesEveryProblem(t *testing.T) {
	_, err := wire.NewTCP(wire.TCPConfig{Address: "127.0.0.1", Message: "a\nb", Refusal: "\n", Connections: -1, Depth: -1, Engine: "x"}, nil)
	wantAll(t, err, `address is "127.0.0.1"; want host:port`, "message holds a line feed", "refusal holds a line feed", "connections is -1", "depth is -1", `engine is "x"`)
	_, err = wire.NewTCP(wire.TCPConfig{Address: "h:0", Framing: "u8", Depth: 2, Engine: wire.Portable}, nil)
	wantAll(t, err, `address is "h:0"`, `framing is "u8"; want line, u16 or u32`, "depth is 2 beside no connections", "depth is 2 beside the portable engine")
	tcp, err := wire.NewTCP(wire.TCPConfig{Address: "h:1", Message: "{key}"}, nil)
	if err != nil || tcp.Info().CheckKey("a\nb") == nil || tcp.Info().CheckKey("a") != nil {
		t.Errorf("a key with a line feed is no message of a line, others are: %v", err)
	}
}

// FuzzFrames: answers are told apart as a reader of whole messages tells them,
// however they are cut.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("no, not you\nfine\nno\n\n"), "no", uint8(0), uint64(1))
	f.Add([]byte("\x00\x02no\x00\x00\x00\x05fine!"), "no", uint8(1), uint64(2))
	f.Add([]byte("\x00\x00\x00\x03non\x00\x00\x00\x00"), "no", uint8(2), uint64(3))
	f.Fuzz(func(t *testing.T, stream []byte, refusal string, kind uint8, seed uint64) {
		framing := []wire.Framing{wire.Line, wire.U16, wire.U32}[kind%3]
		tcp, err := wire.NewTCP(wire.TCPConfig{Address: "127.0.0.1:1", Framing: framing, Refusal: refusal}, nil)
		if err != nil {
			return
		}
		var want, got []results.Outcome
		for in := bufio.NewReader(bytes.NewReader(stream)); ; {
			m, err := readFrame(in, framing)
			if err != nil {
				break
			}
			if refusal != "" && strings.HasPrefix(string(m), refusal) {
				want = append(want, results.Rejected)
			} else {
				want = append(want, results.OK)
			}
		}
		d, in := tcp.Decoder(), []byte(nil)
		for _, part := range fragments(stream, seed) {
			for in = append(in, part...); len(in) > 0; {
				var r targets.Response
				n, done, err := d.Decode(in, 0, &r)
				if in = in[n:]; err != nil {
					t.Fatal(err)
				}
				if !done {
					break
				}
				got = append(got, r.Outcome)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s of %q: %v; want %v", framing, stream, got, want)
		}
	})
}
