package observe

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/internal/cgroup"
)

// group is a control group, whose processes come and go.
type group struct {
	cgroup.Dir
	shared bool // this process lives in it too, so that its count of CPU time is of no use
}

func openGroup(root fs.FS, cpu func(int) (time.Duration, bool), name string) (*Observer, error) {
	dir, err := cgroup.Named(root, name)
	if err != nil {
		return nil, err
	}
	g := &group{Dir: dir, shared: slices.Contains(dir.Processes(), strconv.Itoa(os.Getpid()))}
	o := &Observer{root: root, what: "cgroup " + name, clock: cpu, group: g}
	for _, pid := range g.members() {
		_ = o.add(pid) // one that ends meanwhile is no mistake
	}
	if len(o.processes) == 0 {
		return nil, fmt.Errorf("cgroup %s holds no process; want one that does", name)
	}
	return o, nil
}

// members lists the processes of the group, this one left out.
func (g *group) members() (pids []int) {
	if g == nil {
		return nil
	}
	for _, field := range g.Processes() {
		if pid, err := strconv.Atoi(field); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// cpu is what the group has counted itself, processes included that are gone; 0
// where that does not help.
func (g *group) cpu() time.Duration {
	if g == nil || g.shared {
		return 0
	}
	return g.CPU()
}
