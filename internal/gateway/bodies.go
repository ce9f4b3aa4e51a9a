package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/seed"
)

// bodies are those of answers. What they consist of is only read.
type bodies struct {
	law   generators.Law // nil for none
	draws seed.Stream
	page  []byte
	kind  []string
	empty []string
}

const pageSize = 64 << 10

func newBodies(law generators.Law, stream seed.Stream) bodies {
	b := bodies{law: law, draws: stream.Sub("body"), kind: []string{"text/plain"}, empty: []string{"0"}}
	if law != nil {
		const line = "fcbench serves sixty-four bytes a line, of which this is one...\n"
		b.page = []byte(strings.Repeat(line, pageSize/len(line)))
	}
	return b
}

// write answers the request numbered seq.
func (b *bodies) write(w http.ResponseWriter, seq uint64) error {
	h := w.Header()
	if b.law == nil {
		h["Content-Length"] = b.empty
		return nil
	}
	rest := min(b.law.Draw(b.draws, seq), maxBody)
	h["Content-Type"], h["Content-Length"] = b.kind, []string{strconv.FormatInt(rest, 10)}
	for rest > 0 {
		n, err := w.Write(b.page[:min(rest, pageSize)])
		if err != nil {
			return err
		}
		rest -= int64(n)
	}
	return nil
}
