package results

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

func digestOf(t *testing.T, run *Run) string {
	t.Helper()
	digest, err := Digest(run)
	if err != nil || len(digest) != 32 {
		t.Fatalf("digest is %q, %v; want 32 hex digits", digest, err)
	}
	return digest
}

// TestDigestIsOfWhatWasMeasured: not of when, where, at what cost and how good it was.
func TestDigestIsOfWhatWasMeasured(t *testing.T) {
	want := digestOf(t, fullRun(t))
	for name, change := range map[string]func(*Run){
		"started_at":  func(r *Run) { r.StartedAt = time.Unix(5, 0) },
		"environment": func(r *Run) { r.Environment.CPU = "another" },
		"validity":    func(r *Run) { r.Validity = Validity{Verdict: Suspect, Reasons: []string{"steal"}} },
		"cost":        func(r *Run) { r.Cost.Saturated.NSPerOp++ },
		"target cost": func(r *Run) { r.Target.CPUNSPerOp++ },
		"no cost":     func(r *Run) { r.Cost = Cost{} },
		"its own":     func(r *Run) { r.ResultDigest = "" },
		"schema":      func(r *Run) { r.Schema = "" },
		"compression": func(r *Run) { l := r.Latency.Response["ok"]; l.HDR = recompressed(t, l) },
	} {
		r := fullRun(t)
		change(r)
		if got := digestOf(t, r); got != want {
			t.Errorf("%s changes the digest", name)
		}
	}
	for name, change := range map[string]func(*Run){
		"outcomes":  func(r *Run) { r.Outcomes["ok"]++ },
		"schedule":  func(r *Run) { r.Schedule.Digest = "ff" },
		"load":      func(r *Run) { r.Load.MaxInFlight++ },
		"protocol":  func(r *Run) { r.Protocol.SLO++ },
		"intervals": func(r *Run) { r.Intervals[1].OK++ },
		"accuracy":  func(r *Run) { r.Accuracy.FalseAdmits++ },
		"histogram": func(r *Run) { r.Latency.Service["ok"].HDR = r.Latency.SendDelay["ok"].HDR },
		"damage":    func(r *Run) { r.Latency.Service["ok"].HDR = "damaged" },
		"class":     func(r *Run) { r.Classes["noisy"].Response.HDR = r.Latency.SendDelay["ok"].HDR },
		"warnings":  func(r *Run) { r.Warnings = nil },
	} {
		r := fullRun(t)
		change(r)
		if got := digestOf(t, r); got == want {
			t.Errorf("%s does not change the digest", name)
		}
	}
}

// recompressed is the same histogram, stored as it is.
func recompressed(t *testing.T, l *Latency) string {
	t.Helper()
	before, err := base64.StdEncoding.DecodeString(l.HDR)
	if err != nil {
		t.Fatal(err)
	}
	const cookie = 4 // then the length of what follows
	inflated, err := zlib.NewReader(bytes.NewReader(before[cookie+4:]))
	if err != nil {
		t.Fatal(err)
	}
	var stored bytes.Buffer
	w, _ := zlib.NewWriterLevel(&stored, zlib.NoCompression)
	_, err = io.Copy(w, inflated)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	after := binary.BigEndian.AppendUint32(before[:cookie:cookie], uint32(stored.Len()))
	return base64.StdEncoding.EncodeToString(append(after, stored.Bytes()...))
}

func TestDigestLeavesTheRun(t *testing.T) {
	r := fullRun(t)
	digestOf(t, r)
	same(t, r, fullRun(t))
}

func TestDigestOfWhatCannotBeWritten(t *testing.T) {
	if digest, err := Digest(&Run{OfferedPerS: math.NaN()}); err == nil {
		t.Errorf("digest is %s; want an error", digest)
	}
	if _, err := Digest(new(Run)); err != nil {
		t.Errorf("digest of an empty run: %v", err)
	}
}

// TestDigestOutlivesTheFile: who reads a run can tell whether it is whole.
func TestDigestOutlivesTheFile(t *testing.T) {
	r := fullRun(t)
	r.ResultDigest = digestOf(t, r)
	read, err := ReadRuns(strings.NewReader(written(t, r)+"\n"), "a file")
	if err != nil || digestOf(t, &read[0]) != read[0].ResultDigest {
		t.Errorf("digest is %s, %v; want %s as written", digestOf(t, &read[0]), err, r.ResultDigest)
	}
}

func TestDigestOfAll(t *testing.T) {
	runs := []Run{{ResultDigest: "aa"}, {ResultDigest: "bb"}, {ResultDigest: "aa"}}
	if got := DigestOfAll(runs[:1]); got != "aa" {
		t.Errorf("digest of one run is %q; want its own", got)
	}
	if DigestOfAll(runs[:2]) == DigestOfAll(runs[1:]) || len(DigestOfAll(runs)) != 32 {
		t.Error("the digest of several runs depends not on their order, or is none")
	}
	if got := DigestOfAll([]Run{{ResultDigest: "aa"}, {}}); got != "" {
		t.Errorf("digest is %q where a run has none; want none", got)
	}
}

// TestNoCostIsNotZero: a run that was made beside others says nothing of what it cost.
func TestNoCostIsNotZero(t *testing.T) {
	r := fullRun(t)
	r.Cost = Cost{}
	if line := written(t, r); strings.Contains(line, `"cost":`) {
		t.Errorf("the line has a cost: %s", line)
	}
	for _, m := range Metrics() {
		if !strings.HasPrefix(m.Path, "cost.") {
			continue
		}
		if v, _, err := Value(r, m.Path); !errors.Is(err, ErrNoData) {
			t.Errorf("%s is %v, %v; want no data", m.Path, v, err)
		}
	}
}
