//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strconv"

	"github.com/fcbench/fcbench/results"
)

// percentiles are those that the table of stalls has.
var percentiles = [...]string{"95", "99", "99.9"}

// fcbench is the peer that all are compared with.
const fcbench = "fcbench"

// peer is a load generator. A nil command says that it has no such kind of load.
type peer struct {
	name         string
	closed, open func(job) []string
	// percentiles reads what it said of response times into seconds, by percentile.
	percentiles func(options, job, []byte) (map[string]float64, error)
}

// peers are the generators, each told to make requests with what its own guide says.
func peers() []peer {
	return []peer{
		{
			name: fcbench,
			closed: func(j job) []string {
				args := []string{"fcbench", "run", "-q", "--on-invalid=warn", "--http", j.url, "-c", fmt.Sprint(j.connections), "-d", fmt.Sprint(j.length()), "-o", j.out}
				if j.ca != "" {
					args = append(args, "--set", "subjects[0].target.tls.ca="+j.ca)
				}
				if j.body != "" {
					args = append(args, "--body", "@"+j.body)
				}
				return args
			},
			open: func(j job) []string {
				return []string{"fcbench", "run", "-q", "--on-invalid=warn", "--http", j.url, "--connections", fmt.Sprint(j.connections), "-r", fmt.Sprint(j.rate), "-d", fmt.Sprint(j.length()), "-o", j.out}
			},
			percentiles: ofFcbench,
		},
		{
			name: "wrk",
			closed: func(j job) []string {
				args := []string{"wrk", "-t1", fmt.Sprintf("-c%d", j.connections), fmt.Sprintf("-d%ds", j.seconds)}
				if j.script != "" {
					args = append(args, "-s", j.script)
				}
				return append(args, j.url)
			},
		},
		{
			name: "h2load",
			closed: func(j job) []string {
				return []string{"h2load", "--h1", "-t1", fmt.Sprintf("-c%d", j.connections), fmt.Sprintf("-D%d", j.seconds), j.url}
			},
		},
		{
			name:        "vegeta",
			closed:      func(j job) []string { return vegeta(j, "0") },
			open:        func(j job) []string { return vegeta(j, fmt.Sprint(j.rate)) },
			percentiles: ofVegeta,
		},
		{
			name:        "fortio",
			closed:      func(j job) []string { return fortio(j, "0") },
			open:        func(j job) []string { return fortio(j, fmt.Sprint(j.rate)) },
			percentiles: ofFortio,
		},
		{
			name:        "bombardier",
			closed:      func(j job) []string { return bombardier(j) },
			open:        func(j job) []string { return bombardier(j, "-r", fmt.Sprint(j.rate)) },
			percentiles: ofBombardier,
		},
		{
			name:   "hey",
			closed: func(j job) []string { return hey(j) },
			open: func(j job) []string { // its rate is that of one of its workers
				return hey(j, "-q", strconv.FormatFloat(float64(j.rate)/float64(j.connections), 'f', -1, 64))
			},
			percentiles: ofHey,
		},
		{
			name:        "k6",
			closed:      func(j job) []string { return k6(j, fmt.Sprintf(constantVUs, j.connections, j.seconds)) },
			open:        func(j job) []string { return k6(j, fmt.Sprintf(constantRate, j.rate, j.seconds, j.connections)) },
			percentiles: ofK6,
		},
	}
}

func vegeta(j job, rate string) []string {
	n := fmt.Sprint(j.connections)
	return []string{
		"sh", "-c", `printf 'GET %s\n' "$0" | vegeta attack -rate "$1" -duration "$2" -connections "$3" -max-connections "$3" -workers "$3" -max-workers "$3" -output "$4"`,
		j.url, rate, fmt.Sprint(j.length()), n, j.out,
	}
}

func fortio(j job, rate string) []string {
	return []string{"fortio", "load", "-quiet", "-c", fmt.Sprint(j.connections), "-qps", rate, "-t", fmt.Sprint(j.length()), "-p", "95,99,99.9", "-json", j.out, j.url}
}

func bombardier(j job, more ...string) []string {
	return append([]string{"bombardier", "-c", fmt.Sprint(j.connections), "-d", fmt.Sprint(j.length()), "-l", "-p", "r", "-o", "json", j.url}, more...)
}

func hey(j job, more ...string) []string {
	return append(append([]string{"hey", "-z", fmt.Sprint(j.length()), "-c", fmt.Sprint(j.connections)}, more...), j.url)
}

const (
	constantVUs  = `{executor: 'constant-vus', vus: %d, duration: '%ds'}`
	constantRate = `{executor: 'constant-arrival-rate', rate: %d, timeUnit: '1s', duration: '%ds', preAllocatedVUs: %d}`
)

func k6(j job, executor string) []string {
	script := fmt.Sprintf("import http from 'k6/http';\nexport const options = {discardResponseBodies: true, summaryTrendStats: ['p(95)', 'p(99)', 'p(99.9)'], scenarios: {one: %s}};\nexport default function () { http.get('%s'); }\n", executor, j.url)
	path := j.out + ".js"
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		return []string{"false"}
	}
	return []string{"k6", "run", "--quiet", "--no-usage-report", "--summary-export", j.out, path}
}

// read decodes a file of JSON.
func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func ofFcbench(_ options, j job, _ []byte) (map[string]float64, error) {
	run, err := readRun(j.out)
	if err != nil {
		return nil, err
	}
	all := map[string]float64{}
	for _, p := range percentiles {
		ns, _, err := results.Value(run, "response.ok.p"+p)
		if err != nil {
			return nil, err
		}
		all[p] = ns / 1e9
	}
	return all, nil
}

func ofVegeta(o options, j job, _ []byte) (map[string]float64, error) {
	out, err := o.output("vegeta", "report", "-type=json", j.out)
	if err != nil {
		return nil, err
	}
	var report struct {
		Latencies struct {
			P95 float64 `json:"95th"`
			P99 float64 `json:"99th"`
		} `json:"latencies"`
	}
	err = json.Unmarshal(out, &report)
	return map[string]float64{"95": report.Latencies.P95 / 1e9, "99": report.Latencies.P99 / 1e9}, err
}

func ofFortio(_ options, j job, _ []byte) (map[string]float64, error) {
	var report struct {
		DurationHistogram struct {
			Percentiles []struct{ Percentile, Value float64 }
		}
	}
	err := read(j.out, &report)
	all := map[string]float64{}
	for _, p := range report.DurationHistogram.Percentiles {
		all[strconv.FormatFloat(p.Percentile, 'f', -1, 64)] = p.Value
	}
	return all, err
}

func ofBombardier(_ options, _ job, out []byte) (map[string]float64, error) {
	var report struct {
		Result struct {
			Latency struct {
				Percentiles map[string]float64 `json:"percentiles"`
			} `json:"latency"`
		} `json:"result"`
	}
	err := json.Unmarshal(out, &report)
	all := map[string]float64{}
	for p, us := range report.Result.Latency.Percentiles {
		all[p] = us / 1e6
	}
	return all, err
}

var heyLine = regexp.MustCompile(`(?m)^\s+(\d+)%+ in ([0-9.]+) secs`)

func ofHey(_ options, _ job, out []byte) (map[string]float64, error) {
	all := map[string]float64{}
	for _, m := range heyLine.FindAllSubmatch(out, -1) {
		s, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			return nil, err
		}
		all[string(m[1])] = s
	}
	return all, nil
}

func ofK6(_ options, j job, _ []byte) (map[string]float64, error) {
	var summary struct {
		Metrics map[string]map[string]any `json:"metrics"`
	}
	err := read(j.out, &summary)
	all := map[string]float64{}
	for name, value := range maps.All(summary.Metrics["http_req_duration"]) {
		var p string
		if _, scan := fmt.Sscanf(name, "p(%s", &p); scan != nil || len(p) < 2 {
			continue
		}
		if ms, ok := value.(float64); ok {
			all[p[:len(p)-1]] = ms / 1e3
		}
	}
	return all, err
}
