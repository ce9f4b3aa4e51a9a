package cgroup

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// Dir is one control group by itself, whoever lives in it.
type Dir struct{ dir }

// Named finds a control group by its directory, such as
// /sys/fs/cgroup/system.slice/nginx.service, or by its path within a hierarchy,
// /system.slice/nginx.service.
func Named(root fs.FS, name string) (Dir, error) {
	mounts := parseMounts(read(root, "proc/self/mountinfo"))
	relative := strings.TrimPrefix(path.Clean("/"+name), "/")
	for _, m := range append(mounts.unified(), mounts.which(func(m mount) bool { return m.kind == "cgroup" })...) {
		at, ok := strings.CutPrefix(relative+"/", m.point+"/")
		for _, at := range [...]string{path.Clean(at), relative} {
			if ok && m.exists(root, at) {
				return Dir{m.upFrom(root, at)[0]}, nil
			}
			ok = true
		}
	}
	return Dir{}, fmt.Errorf("cgroup %q is not there; want the path of a control group such as /system.slice/nginx.service", name)
}

// Processes lists the numbers of the processes in the group and in those below.
func (d Dir) Processes() (pids []string) {
	_ = fs.WalkDir(d.root, d.path, func(at string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			pids = append(pids, strings.Fields(read(d.root, path.Join(at, procs)))...)
		}
		return nil
	})
	return pids
}

// CPU is the time that the group has spent, processes included that are gone; 0
// where the group does not count it.
func (d Dir) CPU() time.Duration {
	if us, ok := numbers(d.read("cpu.stat"))["usage_usec"]; ok {
		return time.Duration(us) * time.Microsecond
	}
	ns, _ := strconv.ParseInt(d.read("cpuacct.usage"), 10, 64)
	return time.Duration(ns)
}
