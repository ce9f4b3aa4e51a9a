package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/spf13/pflag"
)

// inBackground starts this program again, which serves, and returns when it is ready.
// It is left running, in the process group of whoever called: the hooks of a scenario
// end theirs.
func (o *serveOptions) inBackground(s streams, args []string) error {
	if o.flags.Changed("arrival-stats") {
		return usage(errors.New("--background stands beside --arrival-stats, which prints what it found in the end; want it in the foreground"))
	}
	path, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(path, append([]string{"serve"}, append(o.again(), args...)...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		_, err = io.WriteString(s.out, line)
		return err
	}
	_ = cmd.Wait()
	return fail(max(cmd.ProcessState.ExitCode(), exitError), "") // why, it has said itself
}

// again is what the flags were, but for the one that sends it to the background.
func (o *serveOptions) again() (args []string) {
	o.flags.Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			if f.Name != "background" {
				args = append(args, "--"+f.Name+"="+v)
			}
		}
	})
	return append(args, "--")
}
