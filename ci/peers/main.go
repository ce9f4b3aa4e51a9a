//go:build linux

// Command peers measures other load generators and fcbench side by side, on this
// machine, and prints the tables of docs/benchmarks.md:
//
//	closed   requests per second and CPU per request of 64 connections against nginx
//	open     how far from a grid requests are when they arrive, by a clock of the server
//	stall    what is reported of a service that stands still for a second in every ten
//
// Servers have one core and generators another; rounds take all generators in turn, so
// that what befalls the machine befalls all. Requests and arrivals are counted by the
// servers, CPU by the kernel: nobody's own word is taken but for percentiles.
package main

import (
	"errors"
	"flag"
	"fmt"
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
	seconds int
	rounds  int
	only    []string // peers; nil for all there are
	bin     string   // folder of what make peers installed
}

func run() error {
	what := flag.String("measure", "closed,open,stall", "which tables")
	only := flag.String("only", "", "which generators, by name, beside fcbench (default all that are installed)")
	var o options
	flag.IntVar(&o.seconds, "seconds", 5, "length of one measurement")
	flag.IntVar(&o.rounds, "rounds", 6, "measurements of each")
	flag.StringVar(&o.bin, "bin", "bin", "folder of the programs that were installed for this, and of fcbench")
	flag.Parse()
	if o.seconds < 1 || o.rounds < 1 {
		return errors.New("-seconds and -rounds want 1 or more")
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	tables := map[string]func(options) error{"closed": closed, "open": open, "stall": stall}
	for _, name := range strings.Split(*what, ",") {
		table, ok := tables[name]
		if !ok {
			return fmt.Errorf("table is %q; want some of closed, open, stall", name)
		}
		if err := table(o); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

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
}

func (j job) length() time.Duration { return time.Duration(j.seconds) * time.Second }
