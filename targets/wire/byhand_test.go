package wire_test

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// byHand is a service over TLS 1.3 that makes its records itself once hands are shaken,
// so that it can say what crypto/tls never would.
type byHand struct {
	conn       net.Conn
	in         *bufio.Reader
	ours, hers keys
	updated    int // how often the client took new keys
}

// types of records and of what is in them.
const (
	alertRecord, handshakeRecord, dataRecord = 21, 22, 23
	newTicket, newKeys                       = 4, 24
)

// shaken is one after the handshake.
func shaken(conn net.Conn, config *tls.Config) (*byHand, error) {
	var secrets bytes.Buffer
	config = config.Clone()
	config.KeyLogWriter, config.SessionTicketsDisabled, config.MinVersion = &secrets, true, tls.VersionTLS13
	in := bufio.NewReader(conn)
	secure := tls.Server(&oneByOne{Conn: conn, in: in}, config)
	if err := secure.Handshake(); err != nil {
		return nil, err
	}
	if suite := secure.ConnectionState().CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
		return nil, fmt.Errorf("cipher suite is %s; want that of AES-128", tls.CipherSuiteName(suite))
	}
	h := &byHand{conn: conn, in: in}
	for line := range strings.Lines(secrets.String()) {
		words := strings.Fields(line)
		secret, err := hex.DecodeString(words[2])
		switch {
		case err != nil:
			return nil, err
		case words[0] == "SERVER_TRAFFIC_SECRET_0":
			h.ours.begin(secret)
		case words[0] == "CLIENT_TRAFFIC_SECRET_0":
			h.hers.begin(secret)
		}
	}
	return h, nil
}

// oneByOne reads no further than to the end of a record, so that nothing is kept of what
// comes after the handshake.
type oneByOne struct {
	net.Conn
	in   *bufio.Reader
	left int
}

func (o *oneByOne) Read(p []byte) (int, error) {
	if o.left == 0 {
		header, err := o.in.Peek(5)
		if err != nil {
			return 0, err
		}
		o.left = len(header) + int(binary.BigEndian.Uint16(header[3:]))
	}
	n, err := o.in.Read(p[:min(len(p), o.left)])
	o.left -= n
	return n, err
}

// keys are those of one direction.
type keys struct {
	secret []byte
	seal   cipher.AEAD
	iv     []byte
	seq    uint64
}

func (k *keys) begin(secret []byte) {
	block, err := aes.NewCipher(expand(secret, "key", 16))
	if err != nil {
		panic(err)
	}
	if k.seal, err = cipher.NewGCM(block); err != nil {
		panic(err)
	}
	k.secret, k.iv, k.seq = secret, expand(secret, "iv", 12), 0
}

// next takes the keys after those (RFC 8446, 7.2).
func (k *keys) next() { k.begin(expand(k.secret, "traffic upd", sha256.Size)) }

// nonce is that of the next record.
func (k *keys) nonce() []byte {
	nonce := make([]byte, len(k.iv))
	binary.BigEndian.PutUint64(nonce[4:], k.seq)
	for i := range nonce {
		nonce[i] ^= k.iv[i]
	}
	k.seq++
	return nonce
}

// expand is HKDF-Expand-Label.
func expand(secret []byte, label string, length int) []byte {
	label = "tls13 " + label
	info := binary.BigEndian.AppendUint16(nil, uint16(length))
	info = append(append(append(info, byte(len(label))), label...), 0)
	out, err := hkdf.Expand(sha256.New, secret, string(info), length)
	if err != nil {
		panic(err)
	}
	return out
}

// record is text in a record, which so many zeros fill up.
func (h *byHand) record(kind byte, text string, filled int) []byte {
	plain := append(append([]byte(text), kind), make([]byte, filled)...)
	header := binary.BigEndian.AppendUint16([]byte{dataRecord, 3, 3}, uint16(len(plain)+h.ours.seal.Overhead()))
	return h.ours.seal.Seal(header, h.ours.nonce(), plain, header)
}

func (h *byHand) data(text string) []byte { return h.record(dataRecord, text, 0) }

// keyUpdate has the client read by new keys from then on, and, where that is asked for,
// write by new ones.
func (h *byHand) keyUpdate(asked byte) []byte {
	update := h.record(handshakeRecord, string([]byte{newKeys, 0, 0, 1, asked}), 0)
	h.ours.next()
	return update
}

// ticket is a message that a client may resume by, of which it makes no use.
func ticket() string {
	body := string(make([]byte, 8)) + "\x01n" + "\x00\x20" + strings.Repeat("t", 32) + "\x00\x00"
	return string([]byte{newTicket, 0, 0, byte(len(body))}) + body
}

// request reads one, and what the client has to say beside it.
func (h *byHand) request() error {
	text := ""
	for !strings.HasSuffix(text, "\r\n\r\n") {
		header := make([]byte, 5)
		if _, err := io.ReadFull(h.in, header); err != nil {
			return err
		}
		sealed := make([]byte, binary.BigEndian.Uint16(header[3:]))
		if _, err := io.ReadFull(h.in, sealed); err != nil {
			return err
		}
		plain, err := h.hers.seal.Open(nil, h.hers.nonce(), sealed, header)
		if err != nil {
			return err
		}
		plain = bytes.TrimRight(plain, "\x00")
		switch body, kind := plain[:len(plain)-1], plain[len(plain)-1]; {
		case kind == handshakeRecord && body[0] == newKeys:
			h.hers.next()
			h.updated++
		case kind != dataRecord:
			return fmt.Errorf("the client says %x in a record of type %d", body, kind)
		default:
			text += string(body)
		}
	}
	return nil
}

// servedByHand is a service that answers by hand; it is told how many requests came before
// on the connection. Whoever is told of no error goes on.
func servedByHand(t testing.TB, answer func(h *byHand, before int) error) (addr string) {
	config := certified(t)
	return serve(t, func(conn net.Conn) {
		_ = conn.SetDeadline(time.Now().Add(within))
		h, err := shaken(conn, config)
		for before := 0; err == nil; before++ {
			if err = h.request(); err == nil {
				err = answer(h, before)
			}
		}
	})
}
