package generators

import (
	"strings"
	"testing"
	"time"
)

// TestCSVColumns: columns are what their names say, in any order.
func TestCSVColumns(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"another order", "t,cost,key\n1.0,3,7001\n", "0s 7001 3\n"},
		{"quoted names", "\"t\",\"key\"\n\"1.0\",\"a\"\n", "0s a 1\n"},
		{"quotes everywhere", "\"1.0\",\"a,\"\"b\"\"\",\"3\"\n\"1.5\",b,\"\"\n", "0s a,\"b\" 3\n500ms b 1\n"},
		{"capitals, spaces", "Key, T\na,1.0\n", "0s a 1\n"},
		{"mark of byte order", "\ufefft,key\n1.0,a\n", "0s a 1\n"},
		{"mark before a quote", "\ufeff\"t\",\"key\"\n1.0,a\n", "0s a 1\n"},
		{"NULs", "\x00\x00\x00t,key\n1.0,a\n", "0s a 1\n"},
		{"CRLF, no last newline", "key,t\r\na,1.0\r\nb,2.0", "0s a 1\n1s b 1\n"},
		{"cost left out", "t,key,cost\n1.0,a\n", "0s a 1\n"},
		{"nanoseconds", "key,t_ns\na,5\nb,9\n", "5ns a 1\n9ns b 1\n"},
		{"JSON with more", `{"T":9,"t":1.0,"key":"a:\"}","more":[{"t":2}, "x:"]}` + "\n", "0s a:\"} 1\n"},
		{"key that is a number", "1.0,7001\n", "0s 7001 1\n"},
	} {
		if got := replayed(t, TraceConfig{File: traceFile(t, tt.content)}, time.Hour); got != tt.want {
			t.Errorf("%s: replayed %q; want %q", tt.name, got, tt.want)
		}
	}
}

func TestCSVRefuses(t *testing.T) {
	for _, tt := range []struct{ name, content, want string }{
		{"unknown columns", "t,client,status\n1,a,200\n", ":1: columns client, status are unknown; want t, key and cost"},
		{"no known columns", "time,remote_addr\n1,a\n", ":1: columns time, remote_addr are unknown; want t, key and cost"},
		{"unknown beside known", "t,key,status\n1,a,200\n", ":1: columns status are unknown"},
		{"twice", "t,key,key\n1,a,b\n", ":1: columns key are there twice; want them once"},
		{"no key", "t,cost\n1,2\n", ":1: columns are t, cost; want key, and one of t and t_ns"},
		{"two times", "t,t_ns,key\n1,2,a\n", ":1: columns are t, t_ns, key; want key, and one of t and t_ns"},
		{"no time", "key,cost\na,2\n", ":1: columns are key, cost; want key, and one of t and t_ns"},
		{"semicolons", "t;key\n1;a\n", ":1: line has no comma; want t,key,cost, not semicolons"},
		{"tabs", "1\ta\n", ":1: line has no comma; want t,key,cost, not tabs"},
		{"too many fields", "1,a,1,x\n", ":1: line has 4 fields; want t,key,cost"},
		{"more fields than columns", "t,key\n1,a,1\n", ":2: line has 3 fields; want t,key"},
		{"key left out", "t,cost,key\n1,2\n", ":2: line has no key; want t,cost,key"},
		{"time left out", "cost,key,t\n1,a\n", ":2: line has no time; want cost,key,t"},
		{"decimal commas", "1,5,a\n", `:1: cost is "a"; want a whole number`},
		{"quote inside", "1,a\"b\n", `:1: key is "a\"b"; want quotes around all of it, and those inside twice`},
		{"quote after a space", "1, \"b\"\n", `:1: key is " \"b\""; want quotes around all of it`},
		{"open quote over lines", "t,key\n1,\"a\nb\"\n", `:2: key is "\"a"; want a closing quote`},
		{"bad nanoseconds", "t_ns,key\n1.5,a\n", `:2: t_ns is "1.5"; want a whole number of nanoseconds`},
		{"far nanoseconds", "t_ns,key\n9223372036854775807,a\n", `:2: t_ns is "9223372036854775807"; want`},
		{"JSON array", `[{"t":1,"key":"a"}]`, ":1: line begins a JSON array; want an object a line, such as by jq -c '.[]'"},
		{"JSON of a proxy", `{"time":"2025-05-17T10:05:01Z","remote_addr":"192.0.2.1","status":200}`, ":1: line lacks t or key; want both; it has remote_addr, status, time"},
		{"JSON, a field twice", `{"t":1,"key":"a","t":2}`, ":1: line has a field twice; want each once"},
		{"JSON, other fields by their case", `{"t":1,"Key":"a","T":21.5}`, ":1: line lacks t or key; want both; it has Key, T, t"},
		{"JSON, a number for a key", `{"t":1,"key":7001}`, `:1: key is 7001; want text, such as "7001"`},
		{"JSON of both times", `{"t":1,"t_ns":1,"key":"a"}`, ":1: line has t and t_ns; want one of them"},
	} {
		p, err := NewTrace(TraceConfig{File: traceFile(t, tt.content)})
		if err == nil || !strings.Contains(err.Error(), tt.want) || p != nil {
			t.Errorf("%s: trace is %v, error is %v; want %s", tt.name, p, err, tt.want)
		}
	}
}

// TestEventLogs: what a run wrote down of its attempts is replayed as the arrivals
// that they were of, in order of their intended times.
func TestEventLogs(t *testing.T) {
	const rows = "t_ns,released_ns,key,class,attempt,outcome,cause,retry_after_ns,response_ns,service_ns\n" +
		"250000000,250000100,b,web,1,ok,,,900,800\n" +
		"100000000,100000100,\"a,b\",web,1,rejected,,1000000,90,80\n" +
		"100000000,101000100,\"a,b\",web,2,ok,,,90,80\n" +
		"300000001,300000001,c,web,0,unsent,,,,\n" +
		"100000000,102000100,\"a,b\",web,13,ok,,,90,80\n"
	const objects = `{"t_ns":250000000,"released_ns":250000100,"key":"b","class":"web","attempt":1,"outcome":"ok","response_ns":900}
{"t_ns":100000000,"key":"a,b","attempt":1,"outcome":"rejected","retry_after_ns":1000000}
{"t_ns":100000000,"key":"a,b","attempt":2,"outcome":"ok"}
{"t_ns":300000001,"key":"c","attempt":0,"outcome":"unsent"}
`
	const want = "100ms a,b 1\n250ms b 1\n300.000001ms c 1\n"
	for name, content := range map[string]string{
		"CSV": rows, "CSV, gzip": gzipped(t, rows), "JSON Lines": objects, "JSON Lines, gzip": gzipped(t, objects),
		"more columns":   strings.ReplaceAll(rows, "service_ns", "service_ns,status"),
		"another order":  "attempt,key,t_ns\n1,b,250000000\n1,\"a,b\",100000000\n2,\"a,b\",100000000\n0,c,300000001\n",
		"without others": "t_ns,key\n250000000,b\n100000000,\"a,b\"\n300000001,c\n",
	} {
		c := TraceConfig{File: traceFile(t, content)}
		if got := replayed(t, c, time.Hour); got != want {
			t.Errorf("%s: replayed\n%swant\n%s", name, got, want)
		}
		if span := spanOf(must(NewTrace(c))(t)); span != 300000002 {
			t.Errorf("%s: lasts %v; want up to its last arrival", name, span)
		}
	}
	warm := TraceConfig{File: traceFile(t, "t_ns,key,attempt\n-500000000,w,1\n0,a,1\n")}
	if got := replayed(t, warm, time.Hour); got != "0s w 1\n500ms a 1\n" {
		t.Errorf("with a warm-up it replayed\n%s", got)
	}
	for content, want := range map[string]string{
		"t_ns,key,attempt\n1,a,x\n":          `:2: attempt is "x"; want a whole number from 0`,
		"t_ns,key,attempt\n1,a,2\n":          "has no lines; want a recording",
		`{"t_ns":"x","key":"a","attempt":1}`: `:1: t_ns is "\"x\""; want a whole number of nanoseconds`,
	} {
		if _, err := NewTrace(TraceConfig{File: traceFile(t, content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v; want %s", content, err, want)
		}
	}
}
