package external

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fcbench/fcbench/limiters"
)

// TestLines pins what goes over the wire, to the byte: other programs rely on it.
func TestLines(t *testing.T) {
	info := limiters.Info{Algorithm: "gcra", Limit: limiters.Limit{Rate: 100, Period: time.Second, Burst: 20}}
	for _, tt := range []struct{ got, want string }{
		{string(appendHello(nil, info, `a:"`)), `{"hello":"fcbench.limiter/v1","algorithm":"gcra","rate":100,"period_ns":1000000000,"burst":20,"prefix":"a:\""}`},
		{string(appendRequest(nil, 0, "", 1)), `{"now_ns":0,"key":"","n":1}`},
		{string(appendRequest(nil, 1<<62, "alice", 1<<40)), `{"now_ns":4611686018427387904,"key":"alice","n":1099511627776}`},
		{string(appendRequest(nil, 5, "a\"b\\c\nd\x00e\x7fé\U0001f600\ufffd", 1)), `{"now_ns":5,"key":"a\"b\\c\u000ad\u0000e` + "\x7fé\U0001f600\ufffd" + `","n":1}`},
		{string(appendRequest(nil, 5, "\xff", 1)), `{"now_ns":5,"key_base64":"/w==","n":1}`},
	} {
		if tt.got != tt.want+"\n" {
			t.Errorf("line is %s; want %s", tt.got, tt.want)
		}
	}
}

func TestRequestAllocatesNothing(t *testing.T) {
	buffer := make([]byte, 0, 1<<10)
	for _, key := range []string{"alice", "\xff\xfe", "a\nb"} {
		if n := testing.AllocsPerRun(100, func() { buffer = appendRequest(buffer[:0], time.Hour, key, 5) }); n != 0 {
			t.Errorf("a request for %q allocates %v times; want none", key, n)
		}
	}
}

// FuzzRequest: any JSON reader gets back what was asked, in one line.
func FuzzRequest(f *testing.F) {
	f.Add(int64(0), "", int64(1))
	f.Add(int64(1<<62), "a\nb\x00\"\\", int64(1<<62))
	f.Add(int64(5), "\xff\xfe{}", int64(7))
	f.Fuzz(func(t *testing.T, now int64, key string, n int64) {
		line := appendRequest(nil, time.Duration(now), key, n)
		if strings.IndexByte(string(line), '\n') != len(line)-1 || !utf8.Valid(line) {
			t.Errorf("request for %q is %q; want one line of UTF-8", key, line)
		}
		var r struct {
			Now int64   `json:"now_ns"`
			Key *string `json:"key"`
			B64 string  `json:"key_base64"`
			N   int64   `json:"n"`
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		got, err := base64.StdEncoding.DecodeString(r.B64)
		if r.Key != nil {
			got = []byte(*r.Key)
		}
		if string(got) != key || err != nil || r.Now != now || r.N != n {
			t.Errorf("%q at %d for %d came back as %q (%v) at %d for %d", key, now, n, got, err, r.Now, r.N)
		}
	})
}

func TestReadAnswer(t *testing.T) {
	got, err := readAnswer([]byte(" { \"allowed\" :false,\t\"retry_after_ns\":9223372036854775807 , \"remaining\":0,\"reset_after_ns\":2,\"at_ns\":3 } \r"))
	want := limiters.Decision{RetryAfter: limiters.Never, ResetAfter: 2, At: 3}
	if got.Decision != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got.Decision, err, want)
	}
	got, err = readAnswer([]byte(`{"allowed":false}`))
	want = limiters.Decision{RetryAfter: limiters.Unknown, ResetAfter: limiters.Unknown, At: limiters.Unknown, Remaining: -1}
	if got.Decision != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got.Decision, err, want)
	}
	if got, err := readAnswer([]byte(`{"error":"\"no\" \u00e9, }"}`)); got.refusal != `"no" é, }` || err != nil {
		t.Errorf("%+v, %v; want a refusal", got, err)
	}
}

func TestReadAnswerRefuses(t *testing.T) {
	for _, line := range []string{
		``, ` `, `{`, `}`, `{}`, `[]`, `null`, `{,}`, `{"allowed"}`, `{"allowed":}`, `{"allowed":true`, `{"allowed":true,}`,
		`{allowed:true}`, `{'allowed':true}`, `{"allowed":True}`, `{"allowed":"true"}`, `{"allowed":true}}`, `{"allowed":[true]}`,
		`{"allowed":true;"n":1}`, `{"Allowed":true}`, `{"\u0061llowed":true}`, "{\"allowed\":true,\"error\":\"\xff\"}",
		`{"allowed":false,"retry_after_ns":"5"}`, `{"allowed":false,"retry_after_ns":1e3}`, `{"allowed":false,"retry_after_ns":+1}`,
		`{"allowed":false,"retry_after_ns":01}`, `{"allowed":false,"retry_after_ns":1_0}`, `{"allowed":false,"retry_after_ns":0x1}`,
		`{"allowed":false,"retry_after_ns":-0}`, `{"allowed":false,"delay_ns":1}`, `{"error":""}`, `{"error":1}`, `{"error":"a"b}`, `{"error":"a}`,
		`{"remaining":1}`, strings.Repeat("[", 1<<16), `{"a":` + strings.Repeat("[", 1<<16), `{"` + strings.Repeat(`\`, 999),
	} {
		if got, err := readAnswer([]byte(line)); err == nil || len(err.Error()) > 600 {
			t.Errorf("readAnswer(%.99q) = %+v, %v; want a short error", line, got, err)
		}
	}
}

// FuzzAnswer: what is taken for an answer is one to every other JSON reader too,
// with the same content.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"allowed":true,"remaining":3}`, `{"allowed":false,"retry_after_ns":1,"at_ns":2}`, `{"error":"\u00e9 }"}`, `{"allowed":tru"}"}`, `{`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, err := readAnswer([]byte(line))
		if err != nil {
			return
		}
		var want struct {
			Allowed    *bool
			RetryAfter *int64 `json:"retry_after_ns"`
			Remaining  *int64
			Error      string
		}
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatalf("%q was read as %+v; encoding/json says %v", line, got, err)
		}
		if want.Allowed != nil && *want.Allowed != got.Allowed || (want.Allowed == nil) != (got.refusal != "") || want.Error != got.refusal {
			t.Errorf("%q was read as %+v", line, got)
		}
		if want.RetryAfter != nil && *want.RetryAfter != int64(got.RetryAfter) || want.Remaining != nil && *want.Remaining != got.Remaining {
			t.Errorf("%q was read as %+v", line, got)
		}
	})
}

// FuzzHello: no line makes reading it panic, and what is accepted is of the
// protocol and of the algorithm that was asked for.
func FuzzHello(f *testing.F) {
	f.Add(hi)
	f.Add(`{"hello":"fcbench.limiter/v1","lacks":["a","b\"]"],"resolution_ns":1000,"unkeyed":true,"time":"clock"}`)
	f.Add(`{"hello":"fcbench.limiter/v1","lacks":[null]}`)
	f.Fuzz(func(t *testing.T, line string) {
		info, err := readHello([]byte(line), limiters.Info{Algorithm: "gcra"})
		if err == nil && (info.Algorithm != "gcra" || !strings.Contains(line, protocol) && !strings.Contains(line, `\`)) {
			t.Errorf("%q was taken for a hello: %+v", line, info)
		}
	})
}
