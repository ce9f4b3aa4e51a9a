//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	soakSeconds = 600
	soakRate    = 20_000
)

// held is what a process has at an instant.
type held struct {
	rss   int64 // bytes
	files int
}

// soak is whether requests at a steady rate need more and more of memory and files.
func soak(o options) (err error) {
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
	j := job{url: server.url, connections: openConnections, seconds: o.seconds, rate: soakRate, out: fresh(folder)}
	before, err := server.requests()
	if err != nil {
		return err
	}
	all, err := o.watched(j)
	if err != nil {
		return err
	}
	after, err := server.requests()
	if err != nil {
		return err
	}
	run, err := readRun(j.out)
	if err != nil {
		return err
	}
	first, later := growth(all)
	fmt.Printf("\n| %d/s for %v, %d connections | requests | counted by nginx | memory: most of the first %d s | most afterwards | files: then | afterwards | |\n|---|---|---|---|---|---|---|---|\n", soakRate, j.length(), openConnections, firstOf(len(all)))
	fmt.Printf("| fcbench | %d, %d ok | %d | %.1f MiB | %.1f MiB | %d | %d | %s |\n", run.Offered, run.Outcomes["ok"], after-before-1, mib(first.rss), mib(later.rss), first.files, later.files, kept(first, later))
	return nil
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// watched runs fcbench to its end, and looks at it every second.
func (o options) watched(j job) (all []held, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), j.length()+patience)
	defer cancel()
	c, err := o.command(ctx, clientCore, peers()[0].open(j))
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				err = fmt.Errorf("fcbench: %w: %s", err, bytes.TrimSpace(said.Bytes()))
			}
			return all, err
		case <-every.C:
			now, err := look(c.Process.Pid)
			if err == nil { // else it has just ended
				all = append(all, now)
			}
		}
	}
}

// look is what a process has now.
func look(pid int) (h held, err error) {
	folder := fmt.Sprintf("/proc/%d/", pid)
	text, err := os.ReadFile(folder + "status")
	if err != nil {
		return h, err
	}
	files, err := os.ReadDir(folder + "fd")
	if err != nil {
		return h, err
	}
	h.files = len(files)
	h.rss, err = memoryIn(string(text), "VmRSS")
	return h, err
}

// memoryIn is what a status of /proc says of a kind of memory, in bytes.
func memoryIn(status, kind string) (int64, error) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, kind+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("status has no " + kind)
}

// firstOf is how many of so many seconds count as the first: a minute, or of fewer than
// ten minutes a tenth.
func firstOf(n int) int { return min(60, max(1, n/10)) }

// growth is the most that there was at first, and afterwards, of looks a second
// apart.
func growth(all []held) (first, later held) {
	for i, h := range all {
		into := &first
		if i >= firstOf(len(all)) {
			into = &later
		}
		into.rss, into.files = max(into.rss, h.rss), max(into.files, h.files)
	}
	return first, later
}

// kept says whether memory stays within 5 % or 2 MiB, and files as many.
func kept(first, later held) string {
	var missed []string
	if grown := later.rss - first.rss; grown > max(first.rss/20, 2<<20) {
		missed = append(missed, fmt.Sprintf("**memory grew by %.1f MiB**", mib(grown)))
	}
	if later.files > first.files {
		missed = append(missed, fmt.Sprintf("**%d files more**", later.files-first.files))
	}
	if missed == nil {
		return "kept"
	}
	return strings.Join(missed, ", ")
}
