package cgroup

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// tree makes a file system of texts by path.
func tree(parts ...map[string]string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, part := range parts {
		for name, text := range part {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return files
}

const pid = 4711

func process(groups, mountinfo string) map[string]string {
	return map[string]string{"proc/4711/cgroup": groups, "proc/self/mountinfo": mountinfo}
}

// one is a group of version 1, with a quota in µs of 100 ms.
func one(path, quota, procs, stat string) map[string]string {
	return map[string]string{
		path + "/cpu.cfs_quota_us": quota + "\n", path + "/cpu.cfs_period_us": "100000\n",
		path + "/cgroup.procs": procs, path + "/cpu.stat": stat,
	}
}

// two is a group of version 2.
func two(path, max, procs, stat string) map[string]string {
	return map[string]string{path + "/cpu.max": max + "\n", path + "/cgroup.procs": procs, path + "/cpu.stat": stat}
}

const (
	calm  = "nr_periods 0\nnr_throttled 0\nthrottled_time 0\nnr_bursts 0\nburst_time 0\n"
	calm2 = "usage_usec 90000000\nuser_usec 80000000\nsystem_usec 10000000\n"
	other = "17 0 0:4 / /proc rw,nosuid - proc proc rw\n23 27 0:22 / /sys rw - sysfs sysfs rw\n"

	systemdHybrid = other +
		"25 23 0:21 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755\n" +
		"26 25 0:22 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n" +
		"27 25 0:23 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,xattr,name=systemd\n" +
		"31 25 0:28 / /sys/fs/cgroup/cpuset rw,nosuid shared:16 - cgroup cgroup rw,cpuset\n" +
		"30 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:15 - cgroup cgroup rw,cpu,cpuacct\n"
	systemdUnified = other + "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
)

// TestForms holds the ways in which kernels and containers show groups.
func TestForms(t *testing.T) {
	const v1 = "sys/fs/cgroup/cpu,cpuacct"
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		quota float64
		err   error
	}{
		{"no control groups", tree(), 0, nil},
		{"1: nested, the quota is its own", tree(process("4:memory:/m\n3:cpu,cpuacct:/a/b\n1:name=systemd:/a\n0::/u\n", systemdHybrid),
			one(v1, "-1", "1\n", calm), one(v1+"/a", "-1", "", calm), one(v1+"/a/b", "30000", "4711\n", calm)), 0.3, nil},
		{"1: the smallest above counts", tree(process("3:cpuacct,cpu:/a/b/c\n", systemdHybrid),
			one(v1, "-1", "", calm), one(v1+"/a", "50000", "", calm), one(v1+"/a/b", "200000", "", calm), one(v1+"/a/b/c", "-1", "4711\n", calm)), 0.5, nil},
		{"1: a neighbour's does not", tree(process("3:cpu,cpuacct:/a\n", systemdHybrid),
			one(v1, "-1", "", calm), one(v1+"/a", "-1", "4711\n", calm), one(v1+"/ab", "10000", "", calm)), 0, nil},
		{"1: a container shows its own group as the root, by the name it has outside", tree(
			process("3:cpu,cpuacct:/docker/0a1b\n", other+"30 25 0:27 /docker/0a1b /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"),
			one(v1, "150000", "4711\n", calm)), 1.5, nil},
		{"1: and groups within it", tree(
			process("3:cpu,cpuacct:/docker/0a1b/x/y\n", other+"30 25 0:27 /docker/0a1b /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"),
			one(v1, "150000", "", calm), one(v1+"/x", "25000", "", calm), one(v1+"/x/y", "-1", "4711\n", calm)), 0.25, nil},
		{"1: the name outside says nothing of the mount", tree(
			process("3:cpu,cpuacct:/kubepods/pod1/c1\n", other+"30 25 0:27 /docker/0a1b /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"),
			one(v1, "150000", "1\n4711\n", calm)), 1.5, nil},
		{"2: nested", tree(process("0::/user.slice/app.service\n", systemdUnified),
			two("sys/fs/cgroup/user.slice", "max 100000", "", calm2), two("sys/fs/cgroup/user.slice/app.service", "200000 100000", "4711\n", calm2)), 2, nil},
		{"2: the pod's quota holds for its containers", tree(process("0::/kubepods/pod1/c\n", systemdUnified),
			two("sys/fs/cgroup/kubepods", "max 100000", "", calm2), two("sys/fs/cgroup/kubepods/pod1", "50000 20000", "", calm2),
			two("sys/fs/cgroup/kubepods/pod1/c", "max 100000", "4711\n", calm2), two("sys/fs/cgroup/kubepods/pod1/d", "1000 100000", "", calm2)), 2.5, nil},
		{"2: a namespace of its own", tree(process("0::/\n", other+"29 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate\n"),
			two("sys/fs/cgroup", "75000 100000", "4711\n", calm2)), 0.75, nil},
		{"hybrid: version 2 has the controller, version 1 others", tree(process("5:name=systemd:/s\n4:memory:/m\n0::/u\n",
			other+"26 25 0:22 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n31 25 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"),
			two("sys/fs/cgroup/unified/u", "60000 100000", "4711\n", calm2)), 0.6, nil},
		{"hybrid: version 1 has it, and version 2 is not asked", tree(process("1:cpu:/\n0::/u\n",
			other+"26 25 0:22 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n31 25 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"),
			one("sys/fs/cgroup/cpu", "-1", "4711\n", calm), two("sys/fs/cgroup/unified/u", "60000 100000", "4711\n", calm2)), 0, nil},
		{"a namespace that begins below the mount: what is between has no name", tree(
			process("1:cpu:/leaf\n0::/\n", other+"32 31 0:29 /../.. /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"),
			one("sys/fs/cgroup/cpu", "-1", "1\n", calm), one("sys/fs/cgroup/cpu/x", "-1", "", calm), one("sys/fs/cgroup/cpu/x/leaf", "1000", "9\n", calm),
			one("sys/fs/cgroup/cpu/x/ns/leaf", "90000", "4711\n", calm), one("sys/fs/cgroup/cpu/x/ns", "40000", "", calm),
			one("sys/fs/cgroup/cpu/y/ns/leaf", "2000", "99\n", calm)), 0.4, nil},
		{"a process beside the namespace", tree(
			process("0::/../sister\n", other+"32 31 0:29 /.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
			two("sys/fs/cgroup", "max 100000", "", calm2), two("sys/fs/cgroup/sister", "20000 100000", "4711\n", calm2)), 0.2, nil},
		{"two mounts: the one that shows more", tree(process("0::/a/b\n",
			other+"32 31 0:29 /a /mnt/part rw - cgroup2 cgroup2 rw\n33 31 0:29 / /mnt/whole rw - cgroup2 cgroup2 rw\n"),
			two("mnt/part/b", "max 100000", "4711\n", calm2), two("mnt/part", "max 100000", "", calm2), two("mnt/whole/a", "max 100000", "", calm2),
			two("mnt/whole/a/b", "max 100000", "4711\n", calm2), two("mnt/whole", "80000 100000", "", calm2)), 0.8, nil},
		{"a mount point and a group with blanks", tree(process("0::/my group:x\n", other+"32 31 0:29 / /mnt/c\\040g rw - cgroup2 cgroup2 rw\n"),
			two("mnt/c g/my group:x", "10000 100000", "4711\n", calm2)), 0.1, nil},
		{"a group that is being removed", tree(process("0::/gone (deleted)\n", systemdUnified), two("sys/fs/cgroup", "max 100000", "", calm2)), 0, errUnseen},
		{"nothing mounted", tree(process("3:cpu,cpuacct:/a\n0::/\n", other)), 0, errUnseen},
		{"the mount is somebody else's", tree(process("0::/pod/x\n", other+"32 31 0:29 /pod/y /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
			two("sys/fs/cgroup", "10000 100000", "12\n", calm2)), 0, errUnseen},
		{"out of the namespace, out of sight", tree(process("0::/../../x\n", other+"32 31 0:29 /.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
			two("sys/fs/cgroup", "10000 100000", "12\n", calm2)), 0, errUnseen},
		{"nonsense", tree(process("\n:::\n0\n", "a b c - d\n - cgroup\n")), 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g, err := Of(tt.files, pid)
			if got := g.Quota(); got != tt.quota || !errors.Is(err, tt.err) {
				t.Errorf("quota is %v, %v; want %v, %v", got, err, tt.quota, tt.err)
			}
		})
	}
}

func TestQuotaForms(t *testing.T) {
	for max, want := range map[string]float64{
		"max 100000": 0, "max": 0, "": 0, "50000 100000": 0.5, "1000 1000000": 0.001, "400000 100000": 4,
		"0 100000": 0, "-1 100000": 0, "100000 0": 0, "NaN 1": 0, "x y": 0,
	} {
		g, _ := Of(tree(process("0::/\n", systemdUnified), two("sys/fs/cgroup", max, "4711\n", calm2)), pid)
		if got := g.Quota(); got != want {
			t.Errorf("quota of %q is %v; want %v", max, got, want)
		}
	}
}

// TestThrottling: the quota stands at the pod, so the pod is throttled and the
// container within it counts nothing.
func TestThrottling(t *testing.T) {
	stat := func(periods, throttled, usec string) string {
		return calm2 + "nr_periods " + periods + "\nnr_throttled " + throttled + "\nthrottled_usec " + usec + "\nnr_bursts 0\nburst_usec 0\n"
	}
	files := func(pod string) fstest.MapFS {
		return tree(process("0::/pod/c\n", systemdUnified), two("sys/fs/cgroup", "", "", calm2),
			two("sys/fs/cgroup/pod", "30000 100000", "", pod), two("sys/fs/cgroup/pod/c", "max 100000", "4711\n", stat("0", "0", "0")))
	}
	read := func(f fstest.MapFS) []Throttling {
		g, err := Of(f, pid)
		if err != nil {
			t.Fatal(err)
		}
		return g.Throttling()
	}
	got := Worst(read(files(stat("70", "3", "1000"))), read(files(stat("106", "34", "5500"))))
	if want := (Throttling{Periods: 36, Throttled: 31, Time: 4500 * time.Microsecond}); got != want {
		t.Errorf("throttled %+v; want %+v, that of the pod", got, want)
	}
}

func TestThrottlingOfVersionOne(t *testing.T) {
	const v1 = "sys/fs/cgroup/cpu,cpuacct"
	g, err := Of(tree(process("3:cpu,cpuacct:/a/b\n", systemdHybrid), one(v1, "-1", "", calm), one(v1+"/a", "-1", "", calm),
		one(v1+"/a/b", "30000", "4711\n", "nr_periods 36\nnr_throttled 31\nthrottled_time 2179084467\n")), pid)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := Worst(make([]Throttling, 3), g.Throttling()), (Throttling{Periods: 36, Throttled: 31, Time: 2179084467}); got != want {
		t.Errorf("throttled %+v; want %+v", got, want)
	}
}

// TestWorstIsOfOneGroup: a group that was throttled much before the window does
// not hide one that was throttled a little within it.
func TestWorstIsOfOneGroup(t *testing.T) {
	of := func(times ...time.Duration) (all []Throttling) {
		for _, d := range times {
			all = append(all, Throttling{Time: d})
		}
		return all
	}
	before, after := of(time.Millisecond, time.Hour, 0, time.Hour), of(3*time.Millisecond, time.Hour, time.Millisecond, 0)
	if got := Worst(before, after).Time; got != 2*time.Millisecond {
		t.Errorf("worst is %v; want 2ms", got)
	}
	if got := Worst(nil, after); got != (Throttling{}) {
		t.Errorf("worst is %v without a reading; want nothing", got)
	}
	if got := Worst([]Throttling{{}}, []Throttling{{Periods: 2, Throttled: 1}}); got.Throttled != 1 {
		t.Errorf("worst is %+v; want what was too short for the clock", got)
	}
}

func TestPressure(t *testing.T) {
	files := tree(process("1:cpu:/a\n0::/u\n", systemdHybrid), map[string]string{
		"sys/fs/cgroup/cpu,cpuacct/a/cgroup.procs": "4711\n", "sys/fs/cgroup/unified/u/cgroup.procs": "4711\n",
		"sys/fs/cgroup/unified/u/cpu.pressure": "some avg10=0.00 avg60=0.13 avg300=0.52 total=87150862\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=5\n",
	})
	g, err := Of(files, pid)
	if waited, ok := g.Waited(); err != nil || !ok || waited != 87150862*time.Microsecond {
		t.Errorf("waited is %v, %v, %v; want that of version 2", waited, ok, err)
	}
	if waited, ok := (Group{}).Waited(); ok || waited != 0 {
		t.Errorf("waited is %v where there are no groups", waited)
	}
	for _, text := range []string{"", "full avg10=0 total=1", "some avg10=0", "some total=-1", "some total=x"} {
		if d, ok := Pressure(text); ok {
			t.Errorf("pressure of %q is %v; want none", text, d)
		}
	}
}

func FuzzOf(f *testing.F) {
	f.Add("3:cpu,cpuacct:/a/b\n0::/u\n", systemdHybrid)
	f.Add("0::/../../x\n", "32 31 0:29 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	f.Fuzz(func(t *testing.T, groups, mountinfo string) {
		files := tree(process(groups, mountinfo), one("sys/fs/cgroup/cpu,cpuacct/a/b", "1000", "4711\n", calm))
		g, _ := Of(files, pid)
		if q := g.Quota(); q != 0 && q != 0.01 {
			t.Fatalf("quota is %v; want that of the only group, or none", q)
		}
	})
}

func TestNamed(t *testing.T) {
	files := tree(map[string]string{"proc/self/mountinfo": systemdHybrid},
		two("sys/fs/cgroup/unified/web", "max 100000", "7\n8\n", calm2), two("sys/fs/cgroup/unified/web/worker", "max 100000", "9\n", calm2),
		one("sys/fs/cgroup/cpu,cpuacct/db", "-1", "12\n", calm), map[string]string{"sys/fs/cgroup/cpu,cpuacct/db/cpuacct.usage": "123456789\n"},
		two("sys/fs/cgroup/unified", "", "1\n", calm2))
	for name, want := range map[string]struct {
		pids string
		cpu  time.Duration
	}{
		"/web": {"[7 8 9]", 90 * time.Second}, "web/": {"[7 8 9]", 90 * time.Second}, "/sys/fs/cgroup/unified/web/worker": {"[9]", 90 * time.Second},
		"/db": {"[12]", 123456789}, "/sys/fs/cgroup/cpu,cpuacct/db": {"[12]", 123456789}, "/": {"[1 7 8 9]", 90 * time.Second},
	} {
		d, err := Named(files, name)
		if got := fmt.Sprint(d.Processes()); err != nil || got != want.pids || d.CPU() != want.cpu {
			t.Errorf("%s holds %s and spent %v, %v; want %s, %v", name, got, d.CPU(), err, want.pids, want.cpu)
		}
	}
	for _, name := range []string{"/none", "/sys/fs/cgroup", "../../etc", "/sys/fs/cgroup/unified/none"} {
		if _, err := Named(files, name); err == nil || !strings.Contains(err.Error(), "is not there; want the path of a control group") {
			t.Errorf("%s: %v; want it refused", name, err)
		}
	}
}
