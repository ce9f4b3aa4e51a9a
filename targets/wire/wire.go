// Package wire sends requests whose bytes fcbench writes itself, at the cost of a
// few system calls each. A [Codec] knows a protocol: it turns requests into bytes
// and bytes into answers, and has nothing to do with sockets. Two engines carry
// the bytes of any codec: one with an event loop for each lane, and a portable one
// with a goroutine for each connection, for systems without epoll.
//
//	Start  ──▶ Encode ──▶ a free connection, else the line of those that wait
//	Poll   ◀── Decode ◀── what connections have received
//
// A request is sent once at most. Its connection carries one at a time, or as many
// as the protocol allows, and is given up when an answer cannot be understood, comes
// too late or says that it is the last one.
package wire

import "github.com/fcbench/fcbench/targets"

// Codec is a protocol, and what all requests of a target have in common. It is
// used by several lanes at once.
type Codec interface {
	// Encode makes m the request r. The error is why none can be made of it, a
	// short stable phrase; nothing is sent then.
	Encode(m *Message, r *targets.Request) error
	// Decoder reads the answers of one connection.
	Decoder() Decoder
}

// Greeting is a codec that has something to say on every connection first. What is
// replied is read by the decoder, before the first answer.
type Greeting interface {
	Greet() []byte
}

// Message is a request as it is sent: Head, then Body, then as many zero bytes.
type Message struct {
	Head  []byte // made in Space, or bytes that never change
	Body  string
	Zeros int
	Mark  Mark
	Space []byte // the engine's, for Encode to use again
}

// Mark is what a decoder has to know of the request that it reads the answer of.
type Mark uint16

// Decoder reads answers from bytes as they come. Its connection is used by one
// goroutine at a time.
type Decoder interface {
	// Decode reads from buf, which goes on where it stopped before, and says how much
	// of it is not needed again. It stops at the end of an answer, which it then
	// writes to r. The error is a short stable phrase.
	Decode(buf []byte, mark Mark, r *targets.Response) (n int, done bool, err error)
	// End is told that nothing more will come, in the midst of an answer: it may be complete
	// all the same.
	End(r *targets.Response) (done bool)
	// Open reports whether the connection takes another request after the answer
	// that was read last.
	Open() bool
}

// Malformed is why an answer was not understood.
type Malformed string

func (m Malformed) Error() string { return string(m) }
