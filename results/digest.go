package results

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Digest is that of what was measured: equal for two runs that differ at most
// in when and where they were made, at what cost, and in the verdict on them.
// Runs of one schedule in virtual time have one digest, on any machine. It has
// the form of a schedule's digest. An error says that the run cannot be written.
func Digest(run *Run) (string, error) {
	r := *run
	r.StartedAt, r.Environment, r.Validity = time.Time{}, Environment{}, Validity{}
	r.Cost, r.Target, r.ResultDigest = Cost{}, nil, ""
	r.Latency = Latencies{uncompressed(r.Latency.Response), uncompressed(r.Latency.Service), uncompressed(r.Latency.SendDelay), uncompressed(r.Latency.Phases)}
	for _, s := range sections {
		all := map[string]ClassInfo{}
		for name, c := range *s.of(run) {
			c.Response = c.Response.uncompressed()
			all[name] = c
		}
		*s.of(&r) = all
	}
	var line bytes.Buffer
	if err := WriteRun(&line, &r); err != nil {
		return "", err
	}
	sum := sha256.Sum256(line.Bytes())
	return hex.EncodeToString(sum[:16]), nil
}

// DigestOfAll is one digest for several runs, in their order: of one run its own,
// and "" where a run has none.
func DigestOfAll(runs []Run) string {
	var all bytes.Buffer
	for _, r := range runs {
		if r.ResultDigest == "" {
			return ""
		}
		all.WriteString(r.ResultDigest)
	}
	if len(runs) == 1 {
		return all.String()
	}
	sum := sha256.Sum256(all.Bytes())
	return hex.EncodeToString(sum[:16])
}

func uncompressed(byOutcome map[string]*Latency) map[string]*Latency {
	all := map[string]*Latency{}
	for outcome, l := range byOutcome {
		all[outcome] = l.uncompressed()
	}
	return all
}

// uncompressed has the counts of the histogram in the place of its compressed
// text, which depends on the compressor's version. What cannot be read is left as it is.
func (l *Latency) uncompressed() *Latency {
	if l == nil {
		return nil
	}
	plain := *l
	if h, err := l.Histogram(); err == nil {
		var counts bytes.Buffer
		for bucket, n := range h.Export().Counts {
			if n != 0 {
				fmt.Fprintf(&counts, "%d:%d ", bucket, n)
			}
		}
		plain.HDR = counts.String()
	}
	return &plain
}
