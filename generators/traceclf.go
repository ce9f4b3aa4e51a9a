package generators

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// clf parses Common and Combined Log Format,
//
//	host ident user [day/month/year:hour:minute:second zone] "request" status bytes …
//
// or that with a virtual host in front. In the request, and in a user between
// quotes, \", \\, \xhh and the usual letters stand for what cannot be written.
type clf struct {
	key   string
	vhost bool
	text  []byte // room for what was written with escapes
}

func (f *clf) parse(line []byte) (record, error) {
	host, ident, user, rest, ok := f.front(line)
	stamp, rest, ok2 := bytes.Cut(rest, []byte("] "))
	request, rest, ok3 := cutQuoted(rest)
	if !ok || !ok2 || !ok3 || !isAnswer(rest) || isAddress(ident) || f.key != keyUser && isAddress(user) {
		return record{}, f.refuse(line)
	}
	if !isHost(host) {
		return record{}, fmt.Errorf("host is %q; want one name or address, without a port", host)
	}
	at, err := clfTime(stamp)
	if err != nil {
		return record{}, err
	}
	key := host
	switch f.key {
	case keyUser:
		key, err = f.userKey(user)
	case keyPath:
		key, err = f.pathKey(request)
	case keyRequest:
		key, err = f.requestKey(request)
	}
	return record{at: at, unit: 1e9, key: key, cost: 1}, err
}

// front takes apart what stands before the time. A user between quotes keeps them.
func (f *clf) front(line []byte) (host, ident, user, rest []byte, ok bool) {
	rest = line
	if f.vhost {
		var vhost []byte
		if vhost, rest, ok = bytes.Cut(rest, []byte(" ")); !ok || !isVirtualHost(vhost) {
			return nil, nil, nil, nil, false
		}
	}
	host, rest, _ = bytes.Cut(rest, []byte(" "))
	ident, rest, ok = bytes.Cut(rest, []byte(" "))
	if !ok || len(host) == 0 || len(ident) == 0 {
		return nil, nil, nil, nil, false
	}
	n := bytes.IndexByte(rest, ' ')
	if quoted, _, is := cutQuoted(rest); is {
		n = len(quoted) + 2
	}
	if n < 1 || !bytes.HasPrefix(rest[n:], []byte(" [")) {
		return nil, nil, nil, nil, false
	}
	return host, ident, rest[:n], rest[n+2:], true
}

// isAddress reports whether a text is the address of a host. Where that stands in the
// place of an ident or a user, what is before it is no client.
func isAddress(text []byte) bool {
	if !bytes.ContainsAny(text, ".:") {
		return false
	}
	_, err := netip.ParseAddr(string(text))
	return err == nil
}

// refuse says what a line is not, and how it begins.
func (f *clf) refuse(line []byte) error {
	start := line
	if before, _, ok := bytes.Cut(line, []byte(" [")); ok {
		start = before
	}
	return fmt.Errorf(`line is not an access log entry; want client ident user [time] "request" status bytes (clf), or a virtual host before that (clf-vhost), and before it no list of addresses and no header of syslog; it begins %q`,
		start[:min(len(start), 80)])
}

// cutQuoted cuts `"text" rest` into text, as it is written, and rest.
func cutQuoted(line []byte) (text, rest []byte, ok bool) {
	if len(line) == 0 || line[0] != '"' {
		return nil, line, false
	}
	for i := 1; i < len(line); i++ {
		next := bytes.IndexAny(line[i:], `"\`)
		if next < 0 {
			break
		}
		if i += next; line[i] == '"' {
			return line[1:i], line[i+1:], true
		}
		i++ // what follows a backslash ends nothing
	}
	return nil, line, false
}

// isAnswer reports whether a status and a number of bytes come next.
func isAnswer(rest []byte) bool {
	rest, ok := bytes.CutPrefix(rest, []byte(" "))
	status, rest, _ := bytes.Cut(rest, []byte(" "))
	sent, _, _ := bytes.Cut(rest, []byte(" "))
	_, three := digits(status)
	_, number := digits(sent)
	return ok && (three && len(status) == 3 || string(status) == "-") && (number || string(sent) == "-")
}

// isHost reports whether a client is a name or an address of its own.
func isHost(host []byte) bool {
	if bytes.IndexByte(host, ':') >= 0 && string(host) != "unix:" {
		_, err := netip.ParseAddr(string(host))
		return err == nil
	}
	return !bytes.ContainsAny(host, ",;\"'[]<>()=")
}

// isVirtualHost reports whether a text is a host, with its port or without.
func isVirtualHost(text []byte) bool {
	if at := bytes.LastIndexByte(text, ':'); at > 0 {
		if _, port := digits(text[at+1:]); port && isHost(bytes.Trim(text[:at], "[]")) {
			return true
		}
	}
	return len(text) > 0 && isHost(text)
}

func (f *clf) userKey(user []byte) ([]byte, error) {
	text, _, quoted := cutQuoted(user)
	if !quoted {
		return user, nil
	}
	return f.unescape("user", text)
}

// pathKey is the path of a request, or - where there is none.
func (f *clf) pathKey(request []byte) ([]byte, error) {
	text, err := f.unescape("request", request)
	if err != nil {
		return nil, err
	}
	method, rest, _ := bytes.Cut(text, []byte(" "))
	target, protocol, _ := bytes.Cut(rest, []byte(" "))
	if path, _, _ := bytes.Cut(target, []byte("?")); isMethod(method) && len(path) > 0 && bytes.IndexByte(protocol, ' ') < 0 {
		return path, nil
	}
	return []byte("-"), nil
}

// requestKey is the method of a request and its target, as they were sent.
func (f *clf) requestKey(request []byte) ([]byte, error) {
	text, err := f.unescape("request", request)
	if err != nil {
		return nil, err
	}
	method, rest, _ := bytes.Cut(text, []byte(" "))
	target, protocol, _ := bytes.Cut(rest, []byte(" "))
	if !isMethod(method) || !isTarget(target) || !bytes.HasPrefix(protocol, []byte("HTTP/")) || bytes.IndexByte(protocol, ' ') >= 0 {
		return nil, fmt.Errorf("request is %q; want METHOD TARGET PROTOCOL, such as GET /a?b=1 HTTP/1.1", request[:min(len(request), 200)])
	}
	return text[:len(method)+1+len(target)], nil
}

// isMethod reports whether a text is a token of HTTP.
func isMethod(text []byte) bool {
	for _, c := range text {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return len(text) > 0
}

// isTarget reports whether a text can be sent as the target of a request.
func isTarget(text []byte) bool {
	for _, c := range text {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return len(text) > 0
}

var errEscape = errors.New(`want \", \\, \xhh, \b, \f, \n, \r, \t or \v after a backslash`)

// unescape returns what was meant by what is written between quotes; for nothing, -.
func (f *clf) unescape(what string, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return []byte("-"), nil
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	f.text = f.text[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			i++ // what was cut out between quotes ends in no backslash
			if at := strings.IndexByte(`"\bfnrtv`, text[i]); at >= 0 {
				c = "\"\\\b\f\n\r\t\v"[at]
			} else if n, err := strconv.ParseUint(string(text[min(i+1, len(text)):min(i+3, len(text))]), 16, 8); err == nil && text[i] == 'x' && i+2 < len(text) {
				c, i = byte(n), i+2
			} else {
				return nil, fmt.Errorf("%s is %q; %w", what, text[:min(len(text), 200)], errEscape)
			}
		}
		f.text = append(f.text, c)
	}
	return f.text, nil
}
