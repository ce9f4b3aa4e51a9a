package selftest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// argument is the first argument of a process that is part of the self-test. It is
// no name that a user would give to anything.
const argument = "part-of-the-self-test"

// job is what such a process is to do: the second argument, as JSON.
type job struct {
	Confine confinement `json:"confine,omitzero"`
	Role    string      `json:"role"`
	Garbage bool        `json:"garbage,omitempty"`
	Args    []string    `json:"args,omitempty"`
}

// What such a process may be.
const (
	roleRun   = "run"   // fcbench with other arguments
	roleServe = "serve" // an HTTP service
	roleSpin  = "spin"  // a neighbour
)

// confinement is what a process may have.
type confinement struct {
	Nice  int    `json:"nice,omitempty"`
	CPUs  []int  `json:"cpus,omitempty"`
	Files uint64 `json:"files,omitempty"`
	Group string `json:"group,omitempty"` // the file that takes the processes of a control group
}

func (c confinement) none() bool {
	return c.Nice == 0 && len(c.CPUs) == 0 && c.Files == 0 && c.Group == ""
}

// command is the process for a job.
func (j job) command(self string) (*exec.Cmd, error) {
	args, err := j.arguments()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Args = args
	return cmd, nil
}

func (j job) arguments() ([]string, error) {
	text, err := json.Marshal(j)
	return []string{os.Args[0], argument, string(text)}, err
}

// Called reports whether this process is part of a self-test that [Run] made. A
// program asks before it looks at its arguments, and if so calls [Main].
func Called() bool { return len(os.Args) == 3 && os.Args[1] == argument }

// Main does what this process was started for, and returns its exit code. main is
// the program without its name.
func Main(main func(args []string) int) int {
	var j job
	err := json.Unmarshal([]byte(os.Args[2]), &j)
	if err == nil && !j.Confine.none() {
		err = j.again()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "self-test:", err)
		return 1
	}
	switch j.Role {
	case roleSpin:
		spin()
	case roleServe:
		err = answer(os.Stdin, os.Stdout)
	case roleRun:
		if j.Garbage {
			defer litter()()
		}
		return main(j.Args)
	default:
		err = fmt.Errorf("role is %q; want %s, %s or %s", j.Role, roleRun, roleServe, roleSpin)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "self-test:", err)
		return 1
	}
	return 0
}

// again becomes the program anew, under the confinement: threads that the runtime
// has started already would be outside of it.
func (j job) again() error {
	if err := j.Confine.apply(); err != nil {
		return err
	}
	j.Confine = confinement{}
	args, err := j.arguments()
	if err != nil {
		return err
	}
	return become(args)
}

// spin keeps a CPU busy until somebody kills it.
func spin() {
	for busy := 0; ; busy++ {
	}
}
