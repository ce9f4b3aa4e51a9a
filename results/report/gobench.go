package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/perf/benchfmt"

	"github.com/fcbench/fcbench/results"
)

// GoBench writes one benchmark line per run in the Go benchmark format, for
// benchstat: BenchmarkBurstLimiters/trial=gcra-2, so that
// "benchstat -col /trial" compares the subjects of one file and "benchstat A B"
// two files. The quantiles are of decision time for subjects in process, of
// response time of ok for others. What must not be compared, such as virtual
// with real time, stands in configuration lines, by which benchstat splits tables.
func GoBench(w io.Writer, runs []results.Run, _ Options) error {
	out := benchfmt.NewWriter(w)
	for _, unit := range benchUnits() {
		if err := out.Write(unit); err != nil {
			return err
		}
	}
	comparisons, err := comparisons(runs)
	if err != nil {
		return err
	}
	for _, c := range comparisons {
		for _, t := range c.trials {
			for _, r := range t.repeats {
				if err := out.Write(benchResult(r)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// measure is a column of benchstat. A key of "better" says which way is better;
// "assume" stands for those of which neither is.
type measure struct {
	unit, key, value string
	read             reader
}

func measures() []measure {
	return []measure{
		{"ns/op", "better", "lower", saturatedTime},
		{"cpu-ns/op", "better", "lower", saturatedCPU},
		{"p50-ns", "better", "lower", latencyP50},
		{"p99-ns", "better", "lower", latencyP99},
		{"throughput/s", "better", "higher", metric("throughput")},
		{"goodput/s", "better", "higher", metric("goodput")},
		{"rejected/op", "assume", "nothing", metric("outcomes.rejected.share")},
		{"false-admits", "better", "lower", metric("accuracy.false_admits")},
		{"false-denials", "better", "lower", metric("accuracy.false_denials")},
		{"burst-excess", "better", "lower", metric("accuracy.burst_excess")},
	}
}

// benchUnits tells benchstat how to read the measures.
func benchUnits() []*benchfmt.UnitMetadata {
	var out []*benchfmt.UnitMetadata
	for _, m := range measures() {
		out = append(out, &benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: m.unit, Key: m.key}, OrigUnit: m.unit, Value: m.value,
		})
	}
	return out
}

func benchResult(r repeat) *benchfmt.Result {
	e := r.Environment
	res := &benchfmt.Result{Name: benchName(r.Run, e), Iters: int(r.Offered), Values: benchValues(r)}
	for _, c := range []struct{ key, value string }{
		{"goos", e.OS},
		{"goarch", e.Arch},
		{"cpu", e.CPU},
		{"scenario", r.Scenario},
		{"digest", r.Schedule.Digest},
		{"time", string(r.Time)},
		{"simulated", fmt.Sprint(r.Simulated)},
	} {
		if c.value != "" {
			res.Config = append(res.Config, benchfmt.Config{Key: c.key, Value: []byte(Plain(c.value)), File: true})
		}
	}
	return res
}

// benchName ends in GOMAXPROCS even where it is 1, or a trial named x-8 would
// be read as x on 8 processors.
func benchName(r results.Run, e results.Environment) benchfmt.Name {
	trial := strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || unicode.IsControl(c) || c == '/' {
			return '_'
		}
		return c
	}, r.Trial)
	return benchfmt.Name(fmt.Sprintf("%s/trial=%s-%d", camel(r.Scenario), trial, max(1, e.GOMAXPROCS)))
}

// camel turns burst-limiters into BurstLimiters, as benchmarks are named.
func camel(name string) string {
	words := strings.FieldsFunc(name, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for i, word := range words {
		first := []rune(word)
		first[0] = unicode.ToUpper(first[0])
		words[i] = string(first)
	}
	return strings.Join(words, "")
}

func benchValues(r repeat) []benchfmt.Value {
	var values []benchfmt.Value
	for _, m := range measures() {
		if value, ok := m.read(r); ok {
			values = append(values, benchfmt.Value{Value: sixDigits(value), Unit: m.unit})
		}
	}
	return values
}

// sixDigits drops the digits that no measurement has.
func sixDigits(v float64) float64 {
	if v == math.Trunc(v) {
		return v
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}
