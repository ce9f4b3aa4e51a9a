package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// gatewayCmd runs "gateway ARGUMENT…": fcbench serve with those, whose address is
// $GATEWAY (host:port) once it is ready, until the script is over. "gateway end SIGNAL"
// ends it; what it said after that is in the file "said", and its exit status after that.
func gatewayCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: gateway ARGUMENT… | gateway end SIGNAL")
	}
	if args[0] == "end" {
		ts.Value(running{}).(*running).end(ts, args[1])
		return
	}
	said, err := os.Create(ts.MkAbs("said"))
	ts.Check(err)
	cmd := exec.Command("fcbench", append([]string{"serve"}, args...)...)
	cmd.Path, cmd.Dir, cmd.Stderr = ts.Getenv("FCBENCH"), ts.MkAbs("."), said
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Value(running{}).(*running).cmd = cmd
	ts.Defer(func() { ts.Value(running{}).(*running).end(ts, "TERM") })
	in := bufio.NewReader(out)
	line, err := in.ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "serving on http://")
	if !ok {
		ts.Fatalf("it said %q (%v), and %q", line, err, ts.ReadFile("said"))
	}
	ts.Setenv("GATEWAY", addr)
	r := ts.Value(running{}).(*running)
	r.rest = make(chan struct{})
	go func() {
		_, _ = io.Copy(said, in)
		close(r.rest)
	}()
}

// running is the gateway of a script.
type running struct {
	cmd  *exec.Cmd
	rest chan struct{} // closed when all of its stdout is among what it said
}

func (r *running) end(ts *testscript.TestScript, signal string) {
	if r.cmd == nil {
		return
	}
	cmd := r.cmd
	r.cmd = nil
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": os.Interrupt, "HUP": syscall.SIGHUP}
	ts.Check(cmd.Process.Signal(signals[signal]))
	if r.rest != nil {
		<-r.rest
	}
	err := cmd.Wait()
	said := cmd.Stderr.(*os.File)
	_, _ = said.WriteString("exit status " + exitOf(err) + "\n")
	ts.Check(said.Close())
}
