package generators

import (
	"strings"
	"testing"
	"time"
)

const restOfLine = ` - - [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 200 12` + "\n"

// TestAccessLogsAreReadStrictly: a line is host, ident, user and time, or refused.
func TestAccessLogsAreReadStrictly(t *testing.T) {
	for _, tt := range []struct{ name, content, format, want string }{
		{"name", "client.example" + restOfLine, "", "client.example"},
		{"IPv6", "2001:db8::7" + restOfLine, "", "2001:db8::7"},
		{"zone", "fe80::1%eth0" + restOfLine, "", "fe80::1%eth0"},
		{"nginx, socket", "unix:" + restOfLine, "", "unix:"},
		{"user", `192.0.2.1 - ann [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 200 12`, "", "192.0.2.1"},
		{"users like addresses", `192.0.2.1 v1.2 a:b [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 200 12`, "", "192.0.2.1"},
		{"user with a bracket", `192.0.2.1 - "ann [x] \" b" [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 200 12`, "", "192.0.2.1"},
		{"no answer", `192.0.2.1 - - [17/May/2025:10:05:01 +0000] "-" - -`, "", "192.0.2.1"},
		{"quote in the request", `192.0.2.1 - - [17/May/2025:10:05:01 +0000] "GET /a\"] \"b HTTP/1.1" 200 12 "x"`, "", "192.0.2.1"},
		{"CRLF, no last newline", "192.0.2.1" + strings.ReplaceAll(restOfLine, "\n", "\r\n") + "192.0.2.1" + strings.TrimRight(restOfLine, "\n"), "", "192.0.2.1 192.0.2.1"},
		{"mark of byte order", "\ufeff192.0.2.1" + restOfLine, "", "192.0.2.1"},
		{"NULs", strings.Repeat("\x00", 4096) + "192.0.2.1" + restOfLine, "", "192.0.2.1"},
		{"NULs, then a mark", strings.Repeat("\x00", 300_000) + "\ufeff\x00192.0.2.1" + restOfLine, "", "192.0.2.1"},
		{"NULs amid", "192.0.2.1" + restOfLine + "\x00\x00192.0.2.2" + restOfLine, "", "192.0.2.1 192.0.2.2"},
		{"vhost", "shop.example:443 192.0.2.1" + restOfLine, "clf-vhost", "192.0.2.1"},
		{"vhost without port", "shop.example 192.0.2.1" + restOfLine, "clf-vhost", "192.0.2.1"},
		{"vhost, IPv6", "[2001:db8::1]:443 2001:db8::7" + restOfLine, "clf-vhost", "2001:db8::7"},
	} {
		c := TraceConfig{File: traceFile(t, tt.content), Format: tt.format}
		var keys []string
		for _, line := range strings.Split(strings.TrimSpace(replayed(t, c, time.Hour)), "\n") {
			keys = append(keys, strings.Fields(line)[1])
		}
		if got := strings.Join(keys, " "); got != tt.want {
			t.Errorf("%s: keys are %s; want %s", tt.name, got, tt.want)
		}
	}
}

func TestAccessLogsRefuse(t *testing.T) {
	const known = `want client ident user [time] "request" status bytes (clf), or a virtual host before that (clf-vhost)`
	ok := "192.0.2.1" + restOfLine
	for _, tt := range []struct{ name, line, format, want string }{
		{"vhost unnamed", "shop.example:443 192.0.2.1" + restOfLine, "", known},
		{"vhost named, but none", "192.0.2.1" + restOfLine, "clf-vhost", known},
		{"list", "192.0.2.1, 10.0.0.9" + restOfLine, "", known},
		{"list as vhost", "192.0.2.1, 10.0.0.9" + restOfLine, "clf-vhost", known},
		{"list without a space", "192.0.2.1,10.0.0.9" + restOfLine, "", `host is "192.0.2.1,10.0.0.9"; want one name or address`},
		{"port", "192.0.2.1:5012" + restOfLine, "", `host is "192.0.2.1:5012"; want one name or address, without a port`},
		{"quoted host", `"192.0.2.1"` + restOfLine, "", `want one name or address`},
		{"RFC 3164", "Sep 19 18:33:22 web1 192.0.2.1" + restOfLine, "", known},
		{"RFC 3164 with a tag", "<134>Sep 19 18:33:22 web1 nginx: 192.0.2.1" + restOfLine, "", `it begins "<134>Sep 19 18:33:22 web1 nginx: 192.0.2.1 - -"`},
		{"RFC 5424", "<134>1 2025-05-17T10:05:01Z web1 nginx 12 - - 192.0.2.1" + restOfLine, "", known},
		{"RFC 5424, data", `<134>1 2025-05-17T10:05:01Z web1 nginx 12 - [a@1 b="c"] 192.0.2.1` + restOfLine, "", known},
		{"syslog as vhost", "web1 nginx: 192.0.2.1" + restOfLine, "clf-vhost", known},
		{"virtual host, no ident", "shop.example 192.0.2.1 - " + restOfLine[5:], "", known},
		{"virtual host, no user", "shop.example - 192.0.2.1 " + restOfLine[5:], "", known},
		{"client behind a proxy, no ident", "10.0.0.9 2001:db8::7 ann " + restOfLine[5:], "", known},
		{"user of two words", `192.0.2.1 - ann b [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 200 12`, "", known},
		{"open request", `192.0.2.1 - - [17/May/2025:10:05:01 +0000] "GET /a HT`, "clf", known},
		{"cut status", `192.0.2.1 - - [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 20`, "clf", known},
		{"no bytes", `192.0.2.1 - - [17/May/2025:10:05:01 +0000] "GET /a HTTP/1.1" 200`, "clf", known},
		{"half a line", `192.0.2.1 - - [17/May`, "clf", known},
		{"NUL inside", "192.0.2.1 - \x00 [17/May/2025:10:05:01 +0000] \"GET /a HTTP/1.1\" 200 12", "clf", "line holds NUL bytes, as UTF-16 does; want UTF-8"},
	} {
		good := map[string]string{"": ok, "clf": ok, "clf-vhost": "shop.example " + ok}[tt.format]
		_, err := NewTrace(TraceConfig{File: traceFile(t, good+tt.line), Format: tt.format})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), ":2: ") {
			t.Errorf("%s: error is %v; want one at :2: with %s", tt.name, err, tt.want)
		}
	}
	for _, first := range []string{"shop.example:443 " + ok, "[2001:db8::1]:443 " + ok, strings.ReplaceAll(ok, " ", "\t")} {
		_, err := NewTrace(TraceConfig{File: traceFile(t, first)})
		if err == nil || !strings.Contains(err.Error(), ":1: line is not an access log entry") || !strings.Contains(err.Error(), "clf-vhost") {
			t.Errorf("%q: error is %v; want one that names the forms known", first, err)
		}
	}
}

// TestAccessLogRequests: method and target as they were sent, or the path alone.
func TestAccessLogRequests(t *testing.T) {
	for _, tt := range []struct{ request, asRequest, asPath string }{
		{`GET /shop/item?x=1 HTTP/1.1`, "GET /shop/item?x=1", "/shop/item"},
		{`POST /shop/%2Fitem%20a?x=%22&y HTTP/2.0`, "POST /shop/%2Fitem%20a?x=%22&y", "/shop/%2Fitem%20a"},
		{`GET /a\"b?\\c HTTP/1.1`, `GET /a"b?\c`, `/a"b`},
		{`GET /\xC3\xa9\x22 HTTP/1.1`, "GET /é\"", "/é\""},
		{`OPTIONS * HTTP/1.1`, "OPTIONS *", "*"},
		{`CONNECT shop.example:443 HTTP/1.1`, "CONNECT shop.example:443", "shop.example:443"},
		{`GET http://shop.example/a?b HTTP/1.1`, "GET http://shop.example/a?b", "http://shop.example/a"},
		{`M-SEARCH /a HTTP/1.1`, "M-SEARCH /a", "/a"},
		{`-`, `want METHOD TARGET PROTOCOL`, "-"},
		{``, `want METHOD TARGET PROTOCOL`, "-"},
		{`GET /a`, `request is "GET /a"; want METHOD TARGET PROTOCOL, such as GET /a?b=1 HTTP/1.1`, "/a"},
		{`GET /a b HTTP/1.1`, `want METHOD TARGET PROTOCOL`, "-"},
		{`GET  HTTP/1.1`, `want METHOD TARGET PROTOCOL`, "-"},
		{`GET /a\x0d\x0aHost:b HTTP/1.1`, `want METHOD TARGET PROTOCOL`, "/a\r\nHost:b"},
		{`\x16\x03\x01\x02`, `want METHOD TARGET PROTOCOL`, "-"},
		{`GET /a\q HTTP/1.1`, `; want \", \\, \xhh, \b, \f, \n, \r, \t or \v after a backslash`, `after a backslash`},
		{`GET /a\x2 HTTP/1.1`, `after a backslash`, `after a backslash`},
		{`GET /a\x`, `after a backslash`, `after a backslash`},
	} {
		file := traceFile(t, `192.0.2.1 - - [17/May/2025:10:05:01 +0000] "`+tt.request+`" 200 12`)
		for key, want := range map[string]string{"request": tt.asRequest, "path": tt.asPath} {
			p, err := NewTrace(TraceConfig{File: file, Key: key})
			if err != nil {
				if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ":1: ") {
					t.Errorf("%s of %q: error is %v; want %s", key, tt.request, err, want)
				}
				continue
			}
			if got := p.(Recording).Names()[0]; got != want {
				t.Errorf("%s of %q is %q; want %q", key, tt.request, got, want)
			}
		}
	}
	if got := replayed(t, TraceConfig{File: traceFile(t, strings.Replace(accessLog, "bob", `b\\ob\x21`, 1)), Key: "user"}, time.Hour); !strings.Contains(got, ` b\ob! smith 1`) {
		t.Errorf("replayed\n%s", got)
	}
}

// TestAccessLogZones: days that end at other instants in other zones.
func TestAccessLogZones(t *testing.T) {
	c := TraceConfig{File: traceFile(t, `a - - [01/Jan/2025:00:59:59 +0100] "-" 400 0
b - - [31/Dec/2024:19:00:00 -0500] "-" 400 0
c - - [01/Jan/2025:05:30:01 +0530] "-" 400 0
d - - [26/Oct/2025:02:59:59 +0200] "-" 400 0
e - - [26/Oct/2025:02:00:00 +0100] "-" 400 0
`)}
	if got := replayed(t, c, time.Hour*24*365); got != "0s a 1\n1s b 1\n2s c 1\n7153h0m0s d 1\n7153h0m1s e 1\n" {
		t.Errorf("replayed\n%s", got)
	}
}
