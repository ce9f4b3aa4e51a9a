//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fcbench/fcbench/internal/respwords"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
)

// asker is how decisions are asked for: requests in flight over connections.
type asker struct{ connections, depth int }

// askers are those of the table.
func askers() []asker { return []asker{{16, 1}, {1, 16}} }

const (
	benchmark  = "redis-benchmark"
	scriptRate = 1_000_000 // per second, with a burst that never ends
	scriptMost = 1 << 31
)

// decisions is how many decisions of the script of redis-gcra a second a client gets, and
// what each costs it, by what the server counted while both were under way.
func decisions(o options) (err error) {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	server, err := o.startRedis(filepath.Join(folder, "socket"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	call, err := server.script()
	if err != nil {
		return err
	}
	fmt.Printf("\n| decisions of redis-gcra, connections × depth | decisions/s | fcbench's over its | CPU per million decisions | fcbench's over its |\n|---|---|---|---|---|\n")
	for _, a := range askers() {
		o.decisions(server, a, call, fresh(folder))
	}
	return nil
}

// decisions measures one way of asking, and prints it.
func (o options) decisions(server *redisServer, a asker, call []string, out string) {
	rates, costs := series{}, series{}
	clients := []peer{{name: fcbench, closed: func(job) []string { return a.fcbench(server.socket, o.seconds, out) }}, {name: benchmark, closed: func(job) []string { return a.benchmark(server.socket, call) }}}
	o.each(clients, func(p peer) error {
		rate, cost, err := o.decided(server, p.closed(job{}))
		if err == nil {
			rates.add(p.name, rate)
			costs.add(p.name, cost*1e6)
		}
		return err
	})
	for _, p := range clients {
		fmt.Printf("| %s, %d × %d | %s | %s | %s s | %s |\n", p.name, a.connections, a.depth, rates.say(p.name, "%.0f"), rates.ratio(p.name), costs.say(p.name, "%.2f"), costs.ratio(p.name))
	}
}

// settling is how long a client has to connect before it is looked at.
const settling = time.Second

// fcbench is asked for longer than it is looked at: it ends by itself.
func (a asker) fcbench(socket string, seconds int, out string) []string {
	args := []string{
		fcbench, "run", "-q", "--on-invalid=warn", "--redis", socket, "--limiter", "redis-gcra", "--limit", fmt.Sprintf("%d/s", scriptRate), "--burst", fmt.Sprint(scriptMost),
		"-c", fmt.Sprint(a.connections * a.depth), "--connections", fmt.Sprint(a.connections), "--keys", "uniform:1", "-d", fmt.Sprint(time.Duration(seconds)*time.Second + 2*settling), "-o", out,
	}
	if a.depth > 1 {
		args = append(args, "--set", "subjects[0].limiter.pipeline=true")
	}
	return args
}

// benchmark has no end: it is ended.
func (a asker) benchmark(socket string, call []string) []string {
	args := []string{benchmark, "-s", socket, "-c", fmt.Sprint(a.connections), "-P", fmt.Sprint(a.depth), "-n", fmt.Sprint(math.MaxInt32 / 2), "--csv"}
	return append(args, call...)
}

// decided is how many decisions a second a client got between two looks at the server, and
// what one cost it in seconds of CPU, over all of its life. It ends with the second look,
// or soon after.
func (o options) decided(server *redisServer, args []string) (rate, cost float64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(o.seconds)*time.Second+patience)
	defer cancel()
	c, err := o.command(ctx, clientCore, args)
	if err != nil {
		return 0, 0, err
	}
	var said bytes.Buffer
	c.Stderr = &said
	before, err := server.calls()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return 0, 0, err
	}
	rate, err = server.rate(time.Duration(o.seconds) * time.Second)
	ended := false
	if filepath.Base(args[0]) == benchmark || err != nil {
		ended = true
		err = errors.Join(err, c.Process.Signal(syscall.SIGTERM))
	}
	if wait := c.Wait(); !ended {
		err = errors.Join(err, wait)
	}
	after, last := server.calls()
	if err = errors.Join(err, last); err == nil && after == before {
		err = errors.New("the server saw none of its calls")
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return rate, cpuOf(c.ProcessState).Seconds() / float64(after-before), err
}

// redisServer is one that counts.
type redisServer struct {
	socket string
	stop   func() error
}

func (o options) startRedis(socket string) (*redisServer, error) {
	for _, program := range []string{"redis-server", benchmark} {
		if o.find(program) == "" {
			return nil, fmt.Errorf("%s is not here; make peers installs it", program)
		}
	}
	c, err := o.command(context.Background(), serverCore, []string{"redis-server", "--unixsocket", socket, "--port", "0", "--save", "", "--dir", filepath.Dir(socket)})
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, err
	}
	s := &redisServer{socket: socket, stop: func() error { return errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()) }}
	for range 100 {
		if _, err = s.ask("PING"); err == nil {
			return s, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, errors.Join(err, s.stop())
}

// script has the server know the script, and is the command that calls it.
func (s *redisServer) script() (call []string, err error) {
	l, err := redislua.NewGCRA(nil, redislua.Config{Prefix: "peers:", Config: limiters.Config{Rate: units.Rate{Count: scriptRate, Per: time.Second}, Burst: scriptMost}})
	if err != nil {
		return nil, err
	}
	calls, err := l.Calls()
	if err != nil {
		return nil, err
	}
	whole, err := calls.Append(nil, "key", 1, true)
	if err != nil {
		return nil, err
	}
	call, err = words(string(whole))
	if err != nil {
		return nil, err
	}
	call[0] = "EVALSHA"
	call[1], err = s.ask("SCRIPT", "LOAD", call[1])
	return call, err
}

// words are those of a command as it is sent.
func words(text string) (all []string, err error) {
	_, text, _ = strings.Cut(text, "\r\n")
	for text != "" {
		size, rest, _ := strings.Cut(text, "\r\n")
		n, err := strconv.Atoi(strings.TrimPrefix(size, "$"))
		if err != nil || len(rest) < n+2 {
			return nil, fmt.Errorf("word is of %q bytes; want as many, and no fewer", size)
		}
		all, text = append(all, rest[:n]), rest[n+2:]
	}
	return all, nil
}

// ask sends a command, and reads a text or a status.
func (s *redisServer) ask(command ...string) (reply string, err error) {
	conn, err := net.DialTimeout("unix", s.socket, 5*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close() // all that was wanted has been read
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := conn.Write(respwords.Command(command...)); err != nil {
		return "", err
	}
	from := bufio.NewReader(conn)
	line, err := from.ReadString('\n')
	if err != nil {
		return "", err
	}
	switch line = strings.TrimSpace(line); line[:min(1, len(line))] {
	case "+":
		return line[1:], nil
	case "$":
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 {
			return "", fmt.Errorf("redis replies %q to %s; want a text", line, command[0])
		}
		body := make([]byte, n)
		_, err = io.ReadFull(from, body)
		return string(body), err
	}
	return "", fmt.Errorf("redis replies %q to %s; want a text", line, command[0])
}

// calls is how many calls of scripts it has seen.
func (s *redisServer) calls() (uint64, error) {
	text, err := s.ask("INFO", "commandstats")
	if err != nil {
		return 0, err
	}
	return callsIn(text)
}

var called = regexp.MustCompile(`(?m)^cmdstat_eval(?:sha)?:calls=(\d+),`)

func callsIn(stats string) (sum uint64, err error) {
	for _, m := range called.FindAllStringSubmatch(stats, -1) {
		n, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// rate is how many calls a second it sees over a while, after what it takes to connect.
func (s *redisServer) rate(over time.Duration) (float64, error) {
	time.Sleep(settling)
	first, err := s.calls()
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	time.Sleep(over)
	last, err := s.calls()
	return float64(last-first) / time.Since(begun).Seconds(), err
}
