//go:build linux

// Command peers measures other load generators and fcbench side by side, on this
// machine, and prints the tables of docs/benchmarks.md:
//
//	closed   requests per second and CPU per request of 64 connections against nginx
//	open     how far from a grid requests are when they arrive, by a clock of the server
//	stall    what is reported of a service that stands still for a second in every ten
//	tls      as closed, over TLS; beside wrk
//	post     as closed, with bodies of 1 KiB; beside wrk
//	body     as closed, with answers of 64 KiB; beside wrk
//	redis    decisions per second and CPU per decision of a script, beside redis-benchmark
//	lanes    whether two lanes tell exactly what a service did, and use connections alike
//	soak     whether 20,000 requests a second for ten minutes need more and more memory
//
// Servers have one core and generators another; rounds take all generators in turn, so
// that what befalls the machine befalls all. Requests and arrivals are counted by the
// servers, CPU by the kernel: nobody's own word is taken but for percentiles.
package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

// options are what is measured, and how long.
type options struct {
	seconds int // of one measurement; 0 for as many as the table has by itself
	rounds  int
	only    []string // peers; nil for all there are
	bin     string   // folder of what make peers installed
}

func run() error {
	what := flag.String("measure", "closed,open,stall,tls,post,body,redis,lanes", "which tables; soak is another")
	only := flag.String("only", "", "which generators, by name, beside fcbench (default all that are installed)")
	var o options
	flag.IntVar(&o.seconds, "seconds", 0, "length of one measurement (default 5, of soak 600)")
	flag.IntVar(&o.rounds, "rounds", 6, "measurements of each")
	flag.StringVar(&o.bin, "bin", "bin", "folder of the programs that were installed for this, and of fcbench")
	flag.Parse()
	if o.seconds < 0 || o.rounds < 1 {
		return errors.New("-seconds and -rounds want 1 or more")
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	return o.print(strings.Split(*what, ","))
}

// tables are what can be measured, by name.
func tables() map[string]func(options) error {
	all := map[string]func(options) error{"open": open, "stall": stall, "redis": decisions, "lanes": lanes, "soak": soak}
	for name, l := range loops() {
		all[name] = l.table
	}
	return all
}

// print measures the tables of these names, all of which there have to be.
func (o options) print(names []string) error {
	all := tables()
	for _, name := range names {
		if all[name] == nil {
			return fmt.Errorf("table is %q; want some of %s", name, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
		}
	}
	for _, name := range names {
		with := o
		if with.seconds == 0 {
			with.seconds = usualSeconds
			if name == "soak" {
				with.seconds = soakSeconds
			}
		}
		if err := all[name](with); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// usualSeconds is how long a measurement is, unless it is said.
const usualSeconds = 5

// present are the peers that can take part; those that cannot are named.
func (o options) present(can func(peer) bool) (list []peer) {
	for _, p := range peers() {
		switch {
		case !can(p) || o.only != nil && p.name != fcbench && !slices.Contains(o.only, p.name):
		case o.find(p.name) == "":
			fmt.Fprintf(os.Stderr, "peers: %s is not here, and takes no part\n", p.name)
		default:
			list = append(list, p)
		}
	}
	return list
}

// each measures every peer in turn, in every other round the other way around. One that
// fails is named, has no figure for it, and holds up no other.
func (o options) each(list []peer, measure func(peer) error) {
	for round := range o.rounds {
		order := slices.Clone(list)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, p := range order {
			if err := measure(p); err != nil {
				fmt.Fprintf(os.Stderr, "peers: %s: %v\n", p.name, err)
			}
		}
	}
}

// job is one measurement that a peer is told to make.
type job struct {
	url         string
	connections int
	seconds     int
	rate        int // requests per second; 0 for as many as it can
	out         string
	ca          string // a file with the certificate of the service; empty for none
	body        string // a file with the body of every request; empty for none
	script      string // a file that has wrk send it
}

func (j job) length() time.Duration { return time.Duration(j.seconds) * time.Second }
