package hostinfo

import (
	"io/fs"
	"iter"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// cgroup reads the CPU controller of one control group, of version 1 or 2.
type cgroup struct {
	fsys fs.FS  // the cgroup mount
	dir  string // of the group within it
}

// ownCgroup is the group that this process lives in, as far as it can be seen:
// inside a container the group's own path is not visible and its files stand at the root.
func ownCgroup() cgroup {
	c := cgroup{fsys: os.DirFS("/sys/fs/cgroup"), dir: "."}
	for line := range strings.Lines(contents("/proc/self/cgroup")) {
		if dir, ok := strings.CutPrefix(strings.TrimSpace(line), "0::/"); ok && dir != "" {
			if _, err := fs.Stat(c.fsys, path.Join(dir, "cpu.stat")); err == nil {
				c.dir = dir
			}
		}
	}
	return c
}

// quota is the number of cores the group may use; 0 for no limit. A limit on a
// group above holds as well.
func (c cgroup) quota() (cores float64) {
	for dir := range c.path() {
		if q := c.quotaOf(dir); q > 0 && (cores == 0 || q < cores) {
			cores = q
		}
	}
	return cores
}

// path ranges over the group and those above it, up to the root of the mount.
func (c cgroup) path() iter.Seq[string] {
	return func(yield func(string) bool) {
		for dir := c.dir; yield(dir) && dir != "."; dir = path.Dir(dir) {
		}
	}
}

func (c cgroup) quotaOf(dir string) float64 {
	if fields := strings.Fields(c.read(path.Join(dir, "cpu.max"))); len(fields) == 2 {
		return ratio(fields[0], fields[1])
	}
	return ratio(strings.TrimSpace(c.read(path.Join(dir, "cpu/cpu.cfs_quota_us"))),
		strings.TrimSpace(c.read(path.Join(dir, "cpu/cpu.cfs_period_us"))))
}

// throttled is how long the group, and each group above it, has been kept from
// running so far. A quota holds for all groups below it, but only the group that
// has the quota counts its throttling.
func (c cgroup) throttled() (all []time.Duration) {
	for dir := range c.path() {
		all = append(all, c.throttledOf(dir))
	}
	return all
}

func (c cgroup) throttledOf(dir string) time.Duration {
	if v, ok := c.stat(path.Join(dir, "cpu.stat"), "throttled_usec"); ok {
		return time.Duration(v) * time.Microsecond
	}
	v, _ := c.stat(path.Join(dir, "cpu/cpu.stat"), "throttled_time")
	return time.Duration(v)
}

// worst is the most by which any of the groups was throttled between two readings.
func worst(before, after []time.Duration) (most time.Duration) {
	for i := range min(len(before), len(after)) {
		most = max(most, after[i]-before[i])
	}
	return most
}

func (c cgroup) stat(file, name string) (int64, bool) {
	for line := range strings.Lines(c.read(file)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

func (c cgroup) read(file string) string {
	b, err := fs.ReadFile(c.fsys, file)
	if err != nil {
		return ""
	}
	return string(b)
}

// ratio is quota/period, or 0 where the quota is "max", "-1" or absent.
func ratio(quota, period string) float64 {
	q, err1 := strconv.ParseFloat(quota, 64)
	p, err2 := strconv.ParseFloat(period, 64)
	if err1 != nil || err2 != nil || q <= 0 || p <= 0 {
		return 0
	}
	return q / p
}
