//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fcbench/fcbench/results"
)

const (
	refusedPath = "/refused" // of requests that are to be rejected
	// echoTakes has both lanes wait for answers more than for the cores that they share
	// with the service, which would be what is measured otherwise.
	echoTakes = 10 * time.Millisecond
)

// echoes answers every request, some time after it came, and counts.
type echoes struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu      sync.Mutex
	by      map[net.Conn]uint64 // requests of each connection, of those that were open too
	open    map[net.Conn]bool
	ended   bool
	refused uint64
}

func newEchoes() (*echoes, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &echoes{listener: l, by: map[net.Conn]uint64{}, open: map[net.Conn]bool{}}
	e.serving.Go(e.serve)
	return e, nil
}

func (e *echoes) serve() {
	for {
		conn, err := e.listener.Accept()
		if err != nil {
			return // it was closed
		}
		e.mu.Lock()
		if e.open[conn] = true; e.ended {
			conn.Close() // nobody else would
		}
		e.mu.Unlock()
		e.serving.Go(func() { e.answer(conn) })
	}
}

// answer answers what comes on one connection, until it ends.
func (e *echoes) answer(conn net.Conn) {
	made, refused := uint64(0), uint64(0)
	defer func() {
		conn.Close()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.by[conn], e.refused = made, e.refused+refused
		delete(e.open, conn)
	}()
	from := bufio.NewReader(conn)
	for {
		path, err := request(from)
		if err != nil {
			return
		}
		made++
		time.Sleep(echoTakes)
		answer := "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n"
		if path == refusedPath {
			answer, refused = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", refused+1
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

// request is the path of the next one, which has no body.
func request(from *bufio.Reader) (path string, err error) {
	for {
		line, err := from.ReadSlice('\n')
		switch {
		case err != nil:
			return "", err
		case path == "":
			words := strings.Fields(string(line))
			if len(words) != 3 {
				return "", fmt.Errorf("request begins with %q", line)
			}
			path = words[1]
		case len(line) <= 2:
			return path, nil
		}
	}
}

// close ends it, and says how many requests every connection made, fewest first.
func (e *echoes) close() (by []uint64, refused uint64, err error) {
	err = e.listener.Close()
	e.mu.Lock()
	e.ended = true
	for conn := range e.open {
		err = errors.Join(err, conn.Close())
	}
	e.mu.Unlock()
	e.serving.Wait()
	return slices.Sorted(maps.Values(e.by)), e.refused, err
}

// lanes is whether two lanes tell exactly what became of their requests, of which some
// are refused, and how alike they used their connections.
func lanes(o options) (err error) {
	folder, remove, err := scratch()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	fmt.Printf("\n| closed loop of two lanes, %d connections, answers after %v | requests | told as ok and rejected | as the service counted | fewest and most on a connection, of the mean |\n|---|---|---|---|---|\n", closedConnections, echoTakes)
	for round := range o.rounds {
		e, err := newEchoes()
		if err != nil {
			return err
		}
		run, err := o.told(e, fresh(folder))
		by, refused, closing := e.close()
		if err = errors.Join(err, closing); err != nil {
			return err
		}
		fmt.Printf("| round %d | %s |\n", round+1, strings.Join(laneCells(run, by, refused), " | "))
	}
	return nil
}

// told is what fcbench says of requests to e, of which one in four is to be refused.
func (o options) told(e *echoes, out string) (*results.Run, error) {
	j := job{url: "http://" + e.listener.Addr().String() + "/", connections: closedConnections, seconds: o.seconds, out: out}
	args := append(peers()[0].closed(j), "--lanes", "2", "--set", "subjects[0].target.requests=[{name: ok, weight: 3, path: /}, {name: refused, path: "+refusedPath+"}]")
	if _, _, err := o.measureOn(anyCore, j, args); err != nil {
		return nil, err
	}
	return readRun(out)
}

// readRun reads the first run of a result file.
func readRun(path string) (*results.Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	runs, err := results.ReadRuns(f, path)
	if err == nil && len(runs) == 0 {
		err = fmt.Errorf("%s holds no run", path)
	}
	if err != nil {
		return nil, err
	}
	return &runs[0], nil
}

// laneCells are what a row says: exact or not, and how balanced.
func laneCells(run *results.Run, by []uint64, refused uint64) []string {
	sum := uint64(0)
	for _, n := range by {
		sum += n
	}
	ok, rejected := run.Outcomes["ok"], run.Outcomes["rejected"]
	same := "exactly"
	if ok+rejected != run.Offered || ok+refused != sum || rejected != refused {
		same = "**otherwise**"
	}
	balance := "–"
	if len(by) > 0 && sum > 0 {
		mean := float64(sum) / float64(len(by))
		balance = fmt.Sprintf("%.3f to %.3f, of %d", float64(by[0])/mean, float64(by[len(by)-1])/mean, len(by))
	}
	return []string{fmt.Sprint(run.Offered), fmt.Sprintf("%d + %d", ok, rejected), fmt.Sprintf("%s: %d + %d", same, sum-refused, refused), balance}
}
