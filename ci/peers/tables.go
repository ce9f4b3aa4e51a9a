//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// scratch is a new folder for what generators write.
func scratch() (folder string, remove func() error, err error) {
	folder, err = os.MkdirTemp("", "peers")
	return folder, func() error { return os.RemoveAll(folder) }, err
}

// openRates are the rates at which arrivals are held against a grid.
var openRates = [...]int{1000, 5000, 10_000, 20_000, 50_000}

const openConnections = 50

// arrivals is what the server says of them.
type arrivals struct {
	Reached float64 `json:"reached_per_s"`
	Grid    struct {
		P99 time.Duration `json:"p99_ns"`
	} `json:"off_grid"`
	Busy float64 `json:"busy_share"`
}

// open is how far from a grid of the rate requests arrive.
func open(o options) (err error) {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	off, reached, busy := series{}, series{}, series{}
	list := o.present(func(p peer) bool { return p.open != nil })
	for _, rate := range openRates {
		o.each(list, func(p peer) error {
			line, stop, err := o.serving(fcbench, "serve", "--arrival-stats", fmt.Sprint(rate))
			if err != nil {
				return err
			}
			url := lastWord(line)
			j := job{url: url + "/", connections: openConnections, seconds: o.seconds, rate: rate, out: fresh(folder)}
			a, err := o.arrived(j, p, url)
			if err = errors.Join(err, stop()); err != nil {
				return err
			}
			name := fmt.Sprint(p.name, rate)
			off.add(name, a.Grid.P99.Seconds()*1e3)
			reached.add(name, a.Reached/float64(rate)*100)
			busy.add(name, a.Busy*100)
			return nil
		})
	}
	fmt.Printf("\n| open loop, %d connections: p99 off the grid at the server, ms (rate reached) |%s\n|---|%s\n", openConnections, cells(func(r int) string { return fmt.Sprintf("%d/s", r) }), strings.Repeat("---|", len(openRates)))
	for _, p := range list {
		fmt.Printf("| %s |%s\n", p.name, cells(func(r int) string {
			name := fmt.Sprint(p.name, r)
			return fmt.Sprintf("%s (%.1f %%)", off.say(name, "%.2f"), median(reached[name]))
		}))
	}
	fmt.Printf("| the server's thread, busy |%s\n", cells(func(r int) string { return fmt.Sprintf("%.0f %%", median(busy[fmt.Sprint(fcbench, r)])) }))
	return nil
}

// arrived is what the server at url says of the requests of a peer.
func (o options) arrived(j job, p peer, url string) (a arrivals, err error) {
	if _, _, err := o.measure(j, p.open(j)); err != nil {
		return a, err
	}
	text, err := get(url + "/arrival-stats")
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

func cells(of func(rate int) string) (line string) {
	for _, r := range openRates {
		line += " " + of(r) + " |"
	}
	return line
}

// stallSeconds is two periods of the server.
const stallSeconds = 20

// stallConnections are those that fcbench may have at most when the server stands still;
// others have openConnections.
var stallConnections = [...]int{10, openConnections, 2000}

// stall is what is reported of a server that is stopped for the last second of every
// ten: exactly 500, 900 and 990 ms for an observer who misses nothing.
func stall(o options) (err error) {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	server, err := o.startNginx(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.close()) }()
	said := series{}
	list := o.present(func(p peer) bool { return p.open != nil })
	o.rounds = min(o.rounds, 3)
	o.each(list, func(p peer) error {
		for _, connections := range p.stallConnections() {
			all, err := o.stalled(server, p, job{url: server.url, connections: connections, seconds: stallSeconds, rate: 1000, out: fresh(folder)})
			if err != nil {
				return err
			}
			for name, seconds := range all {
				said.add(fmt.Sprint(p.name, connections, name), seconds*1e3)
			}
		}
		return nil
	})
	fmt.Print("\n| 1 s of every 10 s stands still, 1,000/s | connections | p95, ms | p99 | p99.9 |\n|---|---|---|---|---|\n| exact | | 500 | 900 | 990 |\n")
	for _, p := range list {
		for _, connections := range p.stallConnections() {
			fmt.Printf("| %s | %d |", p.name, connections)
			for _, q := range percentiles {
				fmt.Printf(" %s |", said.say(fmt.Sprint(p.name, connections, q), "%.0f"))
			}
			fmt.Println()
		}
	}
	return nil
}

func (p peer) stallConnections() []int {
	if p.name == fcbench {
		return stallConnections[:]
	}
	return []int{openConnections}
}

// stalled measures beside a server that stands still, and reads what was reported.
func (o options) stalled(server *nginx, p peer, j job) (seconds map[string]float64, err error) {
	end := server.stalling(time.Second, stallSeconds*time.Second/2)
	out, _, err := o.measure(j, p.open(j))
	if err = errors.Join(err, end()); err != nil {
		return nil, err
	}
	return p.percentiles(o, j, out)
}

func lastWord(line string) string {
	words := strings.Fields(line)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// fresh is the path of a file that is not there, in a folder of this program's own.
func fresh(folder string) string {
	path := filepath.Join(folder, "out")
	_ = os.Remove(path)
	return path
}

// series are measurements by name, in the order of the rounds.
type series map[string][]float64

func (s series) add(name string, v float64) { s[name] = append(s[name], v) }

// say is the median and, of several, the range of all: of six or more the median lies in
// it with 95 % or more.
func (s series) say(name, format string) string { return say(s[name], format) }

// ratio is that of fcbench over name, round by round; not known where a round failed.
func (s series) ratio(name string) string {
	var all []float64
	if name != fcbench && len(s[name]) == len(s[fcbench]) {
		for i, v := range s[name] {
			all = append(all, s[fcbench][i]/v)
		}
	}
	return say(all, "%.3f")
}

func say(all []float64, format string) string {
	switch len(all) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf(format, all[0])
	}
	return fmt.Sprintf(format+" ("+format+" to "+format+")", median(all), slices.Min(all), slices.Max(all))
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
