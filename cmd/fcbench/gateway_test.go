package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// gatewayCmd runs "gateway ARGUMENT…": fcbench serve with those, whose address is
// $GATEWAY (host:port) once it is ready, until the script is over. "gateway end SIGNAL"
// ends it; what it said on stderr is in the file "said", and its exit status after that.
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
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "serving on http://")
	if !ok {
		ts.Fatalf("it said %q (%v), and %q", line, err, ts.ReadFile("said"))
	}
	ts.Setenv("GATEWAY", addr)
}

// running is the gateway of a script.
type running struct{ cmd *exec.Cmd }

func (r *running) end(ts *testscript.TestScript, signal string) {
	if r.cmd == nil {
		return
	}
	cmd := r.cmd
	r.cmd = nil
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": os.Interrupt, "HUP": syscall.SIGHUP}
	ts.Check(cmd.Process.Signal(signals[signal]))
	err := cmd.Wait()
	said := cmd.Stderr.(*os.File)
	_, _ = said.WriteString("exit status " + exitOf(err) + "\n")
	ts.Check(said.Close())
}
