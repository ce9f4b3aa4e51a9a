// Package cgroup follows a process through the control groups of Linux that it
// lives in, of version 1, 2 or both at once, and reads what they say of its CPU:
// the quota, how often and how long it was throttled, what it used, and who
// waited for a core.
//
// Every group above counts as well: a quota holds for all groups below it, but
// only the group that has the quota counts its throttling. In a container the
// groups above its own are hidden, and so are their quotas.
package cgroup

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// errUnseen says that the process lives in a group whose files are out of sight,
// so that nobody can say whether it has a quota.
var errUnseen = errors.New("the control group of the process is not visible")

// Group is where a process stands. The zero value is nowhere: there are no
// control groups, no quota and no throttling.
type Group struct {
	cpu     []dir // that control its CPU: its own, then those above
	unified []dir // of version 2, which may control nothing and still knows who waits
}

// dir is one group: a directory with its files.
type dir struct {
	root    fs.FS
	path    string
	version int
}

// Of returns the group of the process with the number pid. root is the file
// system as this process sees it; "proc" and "sys" are read. The error is
// errUnseen where the group exists and cannot be seen.
func Of(root fs.FS, pid int) (Group, error) {
	number := strconv.Itoa(pid)
	mounts := parseMounts(read(root, "proc/self/mountinfo"))
	var g Group
	v1, v2, found := memberships(read(root, "proc/"+number+"/cgroup"))
	if !found {
		return g, nil
	}
	g.unified = locate(root, mounts.unified(), v2, number)
	if v1 == "" {
		g.cpu = g.unified
	} else {
		g.cpu = locate(root, mounts.cpu(), v1, number)
	}
	if g.cpu == nil {
		return g, errUnseen
	}
	return g, nil
}

// memberships finds the paths of a process's groups: that of the hierarchy of
// version 1 which controls CPUs, "" where none does, and that of version 2.
func memberships(text string) (v1, v2 string, found bool) {
	for line := range strings.Lines(text) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) != 3 {
			continue
		}
		where := strings.TrimSuffix(parts[2], " (deleted)")
		switch {
		case parts[0] == "0" && parts[1] == "":
			v2, found = where, true
		case slices.Contains(strings.Split(parts[1], ","), "cpu"):
			v1, found = where, true
		}
	}
	return v1, v2, found
}

// Quota is the number of cores that the group may use: the smallest of its own
// and of those above; 0 for no limit.
func (g Group) Quota() (cores float64) {
	for _, d := range g.cpu {
		if q := d.quota(); q > 0 && (cores == 0 || q < cores) {
			cores = q
		}
	}
	return cores
}

func (d dir) quota() float64 {
	if d.version == 1 {
		return ratio(d.read("cpu.cfs_quota_us"), d.read("cpu.cfs_period_us"))
	}
	quota, period, _ := strings.Cut(d.read("cpu.max"), " ")
	return ratio(quota, period)
}

// ratio is quota/period, or 0 where the quota is "max", "-1" or absent.
func ratio(quota, period string) float64 {
	q, err1 := strconv.ParseFloat(strings.TrimSpace(quota), 64)
	p, err2 := strconv.ParseFloat(strings.TrimSpace(period), 64)
	if err1 != nil || err2 != nil || !(q > 0) || !(p > 0) {
		return 0
	}
	return q / p
}

// Throttling is how often a group ran into its quota. Both counts and the time
// go on from when the group was made.
type Throttling struct {
	Periods   uint64        // in which the group ran
	Throttled uint64        // of those, in how many it had to stop
	Time      time.Duration // stopped, summed over cores
}

// Throttling reads the counters of the group and of each above it.
func (g Group) Throttling() []Throttling {
	all := make([]Throttling, len(g.cpu))
	for i, d := range g.cpu {
		stat := numbers(d.read("cpu.stat"))
		all[i] = Throttling{Periods: stat["nr_periods"], Throttled: stat["nr_throttled"], Time: time.Duration(stat["throttled_time"])}
		if d.version == 2 {
			all[i].Time = time.Duration(stat["throttled_usec"]) * time.Microsecond
		}
	}
	return all
}

// Worst is what was added between two readings to the group that was stopped
// longest meanwhile, nothing if none was.
func Worst(before, after []Throttling) (most Throttling) {
	for i := range min(len(before), len(after)) {
		b, a := before[i], after[i]
		if a.Time < b.Time || a.Throttled < b.Throttled || a.Periods < b.Periods {
			continue // the group was made anew
		}
		added := Throttling{Periods: a.Periods - b.Periods, Throttled: a.Throttled - b.Throttled, Time: a.Time - b.Time}
		if added.Time > most.Time || added.Time == most.Time && added.Throttled > most.Throttled {
			most = added
		}
	}
	return most
}

// Waited is the time in which something in the group, and perhaps all of it,
// waited for a core, since the group was made. Only version 2 knows.
func (g Group) Waited() (time.Duration, bool) {
	if len(g.unified) == 0 {
		return 0, false
	}
	return Pressure(g.unified[0].read("cpu.pressure"))
}

// Pressure reads the time for which "some" waited from the kernel's account of
// pressure (PSI).
func Pressure(text string) (time.Duration, bool) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "some ") {
			continue
		}
		_, total, _ := strings.Cut(line, " total=")
		us, err := strconv.ParseInt(strings.TrimSpace(total), 10, 64)
		return time.Duration(us) * time.Microsecond, err == nil && us >= 0
	}
	return 0, false
}

// numbers reads lines of a name and a number.
func numbers(text string) map[string]uint64 {
	all := map[string]uint64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 63); err == nil {
			all[name] = n
		}
	}
	return all
}

func (d dir) read(file string) string { return read(d.root, path.Join(d.path, file)) }

// read returns a file's text without the space around it, "" where there is none.
func read(root fs.FS, file string) string {
	b, err := fs.ReadFile(root, file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
