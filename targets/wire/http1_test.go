package wire_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// decoded is what a decoder reads from a stream, a fragment at a time: the status
// of every answer, and how it ends.
func decoded(fragments [][]byte, mark wire.Mark) string {
	var out strings.Builder
	var in []byte
	var r targets.Response
	d, open := wire.HTTP1(), true
	begun := false // an answer has begun
	for _, f := range fragments {
		in = append(in, f...)
		for len(in) > 0 && open {
			begun = true
			n, done, err := d.Decode(in, mark, &r)
			in = in[n:]
			if err != nil {
				return out.String() + "malformed"
			}
			if !done {
				break
			}
			fmt.Fprint(&out, r.Status, " ")
			open, begun = d.Open(), false
		}
	}
	switch {
	case open && begun && d.End(&r):
		fmt.Fprint(&out, r.Status, " closed")
	case open && begun:
		out.WriteString("malformed")
	case !open:
		out.WriteString("closed")
	}
	return out.String()
}

// read is what net/http reads from it.
func readByNet(stream []byte, method string) string {
	var out strings.Builder
	in := bufio.NewReaderSize(bytes.NewReader(stream), 1<<16)
	for {
		if _, err := in.Peek(1); err != nil {
			return out.String()
		}
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil || resp.ProtoMajor != 1 || resp.StatusCode < 100 || resp.StatusCode == 101 {
			return out.String() + "malformed"
		}
		if resp.StatusCode < 200 {
			if _, err := in.Peek(1); err != nil { // the answer does not come
				return out.String() + "malformed"
			}
			continue
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return out.String() + "malformed"
		}
		fmt.Fprint(&out, resp.StatusCode, " ")
		if resp.Close {
			return out.String() + "closed"
		}
	}
}

// fragments cuts a stream at random.
func fragments(stream []byte, seed uint64) (parts [][]byte) {
	random := rand.New(rand.NewPCG(seed, 1))
	for len(stream) > 0 {
		n := min(len(stream), 1+random.IntN(1+random.IntN(40)))
		parts, stream = append(parts, stream[:n]), stream[n:]
	}
	return parts
}

// answers are streams of every kind that HTTP has.
var answers = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 429 No\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\nHTTP/1.1 204 \r\n\r\nHTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
	"HTTP/1.0 200 OK\r\n\r\nto the end",
	"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nxHTTP/1.0 404 Not\r\nContent-Length: 1\r\n\r\ny",
	"HTTP/1.1 200 OK\nContent-Length: 1\n\nxHTTP/1.1 500 OK\n\nto the end",
	"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\tagain\r\nContent-Length:\r\n 3\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nab\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nab",
	"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nab",
	"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nab",
	"HTTP/1.1 200 OK\r\nContent-Length: 00000000000000000000000002\r\n\r\nab",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
	"HTTP/1.1 200 OK\r\n X: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX\r\n\r\n", "HTTP/1.1 200 OK\r\n: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX y : z\r\n\r\n",
	"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n", "HTTP/1.1 200 OK\r\nX(: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX: \xff\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
	"HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.10 200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "220 mail.example ESMTP\r\n", "\x15\x03\x01\x00\x02\x02\x16", "",
	"HTTP/1.1 200 OK\r\nConnection: x, ,CLOSE ,y\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
}

// TestHTTP1ReadsAsNet: every stream is read as net/http reads it, however it is cut.
func TestHTTP1ReadsAsNet(t *testing.T) {
	for i, a := range answers {
		for _, method := range []string{"GET", "HEAD"} {
			agree(t, []byte(a), method, uint64(i))
		}
	}
}

// agree holds a stream to what net/http reads, and the same twice over.
func agree(t *testing.T, stream []byte, method string, seed uint64) {
	t.Helper()
	agreeOn(t, stream, method, seed)
	agreeOn(t, append(bytes.Clone(stream), stream...), method, seed)
}

func agreeOn(t *testing.T, stream []byte, method string, seed uint64) {
	t.Helper()
	mark := wire.Mark(0)
	if method == "HEAD" {
		mark = wire.Bodiless
	}
	want := readByNet(stream, method)
	for _, f := range [][][]byte{{stream}, fragments(stream, seed), fragments(stream, seed+1)} {
		if got := decoded(f, mark); got != want {
			t.Fatalf("%s answered by %q is %q; net/http reads %q", method, f, got, want)
		}
	}
}

func FuzzHTTP1(f *testing.F) {
	for _, a := range answers {
		f.Add([]byte(a), false, uint64(1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, head bool, seed uint64) {
		lower := bytes.ToLower(stream)
		switch {
		case len(stream) > 2000: // net/http bounds trailers by its buffer
			return
		case bytes.Contains(lower, []byte("trailer")): // whose announcement net/http checks
			return
		case bytes.Contains(lower, []byte("1.1 +")), bytes.Contains(lower, []byte("1.1 -")), bytes.Contains(lower, []byte(" +")): // a number, to net/http
			return
		case bytes.Contains(lower, []byte("chunked")) && bytes.Count(stream, []byte("\n")) != bytes.Count(stream, []byte("\r\n")): // in trailers, now and then
			return
		}
		method := "GET"
		if head {
			method = "HEAD"
		}
		agree(t, stream, method, seed)
	})
}

// BenchmarkHTTP1 is the cost of reading one answer of an ordinary service.
func BenchmarkHTTP1(b *testing.B) {
	text := func(date string) []byte {
		return []byte("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: " + date + "\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n" +
			"Last-Modified: Fri, 27 Nov 2026 18:35:16 GMT\r\nConnection: keep-alive\r\nETag: \"6b09cd64-6\"\r\nAccept-Ranges: bytes\r\n\r\nhello\n")
	}
	one, other := text("Fri, 27 Nov 2026 18:35:16 GMT"), text("Fri, 27 Nov 2026 18:35:17 GMT")
	for name, answers := range map[string][2][]byte{"same": {one, one}, "different": {one, other}} {
		b.Run(name, func(b *testing.B) {
			d, r := wire.HTTP1(), targets.Response{}
			for i := 0; b.Loop(); i++ {
				if n, done, err := d.Decode(answers[i%2], 0, &r); n != len(one) || !done || err != nil {
					b.Fatal(n, done, err)
				}
			}
		})
	}
}
