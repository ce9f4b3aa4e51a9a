// Command hdrlog writes an HdrHistogram log and what a reader must find in it.
// ci/hdrlog/check.sh has the log read by another implementation of the format
// than the one that wrote it, because a writer and a reader of one library can
// be wrong together.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./ci/hdrlog FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "hdrlog:", err)
		os.Exit(1)
	}
}

// write leaves measured.hlog in folder, and in expected.jsonl what
// hdrhistogram-go reads from it.
func write(folder string) error {
	runs, err := measure()
	if err != nil {
		return err
	}
	var log, expected bytes.Buffer
	if err := report.HdrLog(&log, runs, report.Options{}); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "measured.hlog"), log.Bytes(), 0o644); err != nil {
		return err
	}
	if err := read(&log, json.NewEncoder(&expected)); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "expected.jsonl"), expected.Bytes(), 0o644)
}

// measure makes two runs whose times span nanoseconds to minutes. The number
// of samples is a multiple of 100, so that all implementations agree on
// which of them is the 50th and which the 99th percentile.
func measure() ([]results.Run, error) {
	var runs []results.Run
	for repeat := 1; repeat <= 2; repeat++ {
		options := results.Options{Window: time.Hour}
		shard := results.NewShard(options)
		random := rand.New(rand.NewPCG(42, uint64(repeat)))
		for i := range 3000 {
			due := time.Duration(i) * time.Millisecond
			shard.Offer(due, 0, 0, 1)
			shard.Record(sample(due, results.Outcomes[i%3], random))
		}
		measured, err := results.Merge(options, shard)
		if err != nil {
			return nil, err
		}
		run := results.Run{
			Schema: results.Schema, Scenario: "hdrlog", Trial: "a,b c", Repeat: repeat,
			StartedAt: time.Date(2026, 1, 2, 3, 4, 5, 500e6, time.UTC).Add(time.Duration(repeat) * time.Hour),
		}
		measured.Fill(&run, 3*time.Second)
		runs = append(runs, run)
	}
	return runs, nil
}

// sample is an answer after 2^0 to 2^36 nanoseconds.
func sample(due time.Duration, outcome results.Outcome, random *rand.Rand) *results.Sample {
	took := time.Duration(random.Int64N(1 << random.IntN(37)))
	return &results.Sample{
		Intended: due, Released: due + 1, Started: due + 2, Done: due + 2 + took,
		Outcome: outcome, Cause: "test",
	}
}

// interval is a line of the log, as check.mjs prints it.
type interval struct {
	Tag   string `json:"tag"`
	Start int64  `json:"start_ms"`
	End   int64  `json:"end_ms"`
	Count int64  `json:"count"`
	P50   int64  `json:"p50"`
	P99   int64  `json:"p99"`
	Max   int64  `json:"max"`
}

func read(log io.Reader, out *json.Encoder) error {
	reader := hdrhistogram.NewHistogramLogReader(log)
	for {
		h, err := reader.NextIntervalHistogram()
		if h == nil || err != nil {
			return err
		}
		if err := out.Encode(interval{
			h.Tag(), h.StartTimeMs(), h.EndTimeMs(),
			h.TotalCount(), h.ValueAtQuantile(50), h.ValueAtQuantile(99), h.Max(),
		}); err != nil {
			return err
		}
	}
}
