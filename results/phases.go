package results

import (
	"errors"
	"time"
)

// Phases are the parts of what an answer over a network took. Connect and TLS are of
// the connection that was made for it, and 0 where it came over one that there was, or
// that has no TLS.
type Phases struct {
	Connect   time.Duration // until the connection stood, the name included where it was asked for
	TLS       time.Duration // of the handshake
	FirstByte time.Duration // from when the request went to the socket to the first byte of the answer
}

// phaseNames name the phases in files and metrics.
var phaseNames = [...]string{"connect", "tls", "first_byte"}

type phases [len(phaseNames)]recorder

func (p *phases) note(m *Phases, highest int64) {
	for i, d := range [...]time.Duration{m.Connect, m.TLS, m.FirstByte} {
		if d > 0 {
			p[i].record(int64(d), highest)
		}
	}
}

func (p *phases) add(other *phases, highest int64) {
	for i := range p {
		p[i].add(&other[i], highest)
	}
}

// latencies are those of the phases that there were; nil for none.
func (p *phases) latencies(highest int64) (byName map[string]*Latency, err error) {
	for i, name := range phaseNames {
		l, encodeErr := p[i].latency(highest)
		err = errors.Join(err, encodeErr)
		if l == nil {
			continue
		}
		if byName == nil {
			byName = map[string]*Latency{}
		}
		byName[name] = l
	}
	return byName, err
}
