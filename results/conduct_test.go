package results

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestOpenPartsAreKept: a file that another version wrote is whole when it is
// written again, whatever that version had.
func TestOpenPartsAreKept(t *testing.T) {
	for name, part := range map[string]struct{ load, protocol, environment string }{
		"of this version":         {`{"model":"open","max_in_flight":4096}`, `{"count":"20","repeats":1,"timeout":"5s","drain":"5s","thresholds":["goodput > 1 <&>"]}`, `{"go":"go1.26.8","cores":2}`},
		"without drain":           {`{}`, `{"drain":"0s"}`, `{}`},
		"new members":             {`{"model":"open","pairs":4}`, `{"drain":"0s","hooks":[{"run":"a <b"}]}`, `{"cores":2,"turbo":true}`},
		"new inner members":       {`{"model":"open","retry":{"attempts":3,"until":["shed"]}}`, `{"drain":"0s","faults":[{"at":"1s","kind":"evict","keys":9}]}`, `{}`},
		"members of another type": {`{"model":"open","max_in_flight":"4k"}`, `{"drain":"0s","slo":{"web":"1s"}}`, `{"cores":[1,3]}`},
	} {
		line := strings.NewReplacer("LOAD", part.load, "PROTOCOL", part.protocol, "ENVIRONMENT", part.environment).
			Replace(`{"schema":"fcbench.run/v1","load":LOAD,"protocol":PROTOCOL,"environment":ENVIRONMENT}`)
		runs, err := ReadRuns(strings.NewReader(line), "f")
		if err != nil || len(runs) != 1 {
			t.Fatalf("%s: %d runs, %v", name, len(runs), err)
		}
		var file bytes.Buffer
		if err := WriteRun(&file, &runs[0]); err != nil {
			t.Fatal(err)
		}
		var got struct{ Load, Protocol, Environment json.RawMessage }
		if err := json.Unmarshal(file.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if string(got.Load) != part.load || string(got.Protocol) != part.protocol || string(got.Environment) != part.environment {
			t.Errorf("%s: came back as\n%s %s %s", name, got.Load, got.Protocol, got.Environment)
		}
	}
}

func TestOpenPartsAreRead(t *testing.T) {
	var l Load
	if err := json.Unmarshal([]byte(`{"model":"closed","clients":"many","think":"90s","retry":{"attempts":3,"until":["shed"]}}`), &l); err != nil {
		t.Fatal(err)
	}
	if !l.Closed() || l.Clients != 0 || l.Think.String() != "1m30s" || l.Retry == nil || l.Retry.Attempts != 3 {
		t.Errorf("load is %+v; want what can be read of it", l)
	}
	for _, text := range []string{`5`, `"open"`, `[]`, `true`} {
		if err := json.Unmarshal([]byte(text), &l); err == nil || !strings.Contains(err.Error(), "want an object") {
			t.Errorf("%s: error is %v; want one that says what is wanted", text, err)
		}
	}
}

func TestSettingTextIsAsWritten(t *testing.T) {
	for value, want := range map[string]string{
		`"5ms"`: "5ms", `7`: "7", `[1,2]`: "[1,2]", `null`: "",
		`{"kind":"burst","rate":"2k/s"}`:               "burst rate 2k/s",
		`{"kind":"constant","constant":"5ms"}`:         "constant 5ms",
		`{"attempts":3,"wait":"1s"}`:                   "attempts 3 wait 1s",
		`{"kind":"mix","of":{"kind":"zipf","n":"10"}}`: "mix of zipf n 10",
	} {
		if got := (Setting{"s", json.RawMessage(value)}).Text(); got != want {
			t.Errorf("%s reads %q; want %q", value, got, want)
		}
	}
}
