package hostinfo

import (
	"testing"
	"testing/fstest"
	"time"
)

// pod is a container as Kubernetes nests it: the quota stands at the pod, so
// the pod is throttled and the container within it counts nothing.
func pod(throttled string) cgroup {
	stat := func(usec string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("usage_usec 9000000\nuser_usec 8000000\nsystem_usec 1000000\n" +
			"nr_periods 70\nnr_throttled 3\nthrottled_usec " + usec + "\nnr_bursts 0\nburst_usec 0\n")}
	}
	return cgroup{fsys: fstest.MapFS{
		"cpu.stat":                            {Data: []byte("usage_usec 90000000\nuser_usec 80000000\nsystem_usec 10000000\n")},
		"kubepods/cpu.max":                    {Data: []byte("max 100000\n")},
		"kubepods/cpu.stat":                   stat("0"),
		"kubepods/pod1/cpu.max":               {Data: []byte("200000 100000\n")},
		"kubepods/pod1/cpu.stat":              stat(throttled),
		"kubepods/pod1/container/cpu.max":     {Data: []byte("max 100000\n")},
		"kubepods/pod1/container/cpu.stat":    stat("0"),
		"kubepods/pod1/other/cpu.max":         {Data: []byte("10000 100000\n")},
		"kubepods/pod1/other/cpu.stat":        stat("777777"),
		"kubepods/pod1/container/cgroup.type": {Data: []byte("domain\n")},
	}, dir: "kubepods/pod1/container"}
}

func TestCgroupTwo(t *testing.T) {
	if got := pod("0").quota(); got != 2 {
		t.Errorf("quota is %v; want 2, the limit of the pod", got)
	}
	if got := worst(pod("1000").throttled(), pod("5500").throttled()); got != 4500*time.Microsecond {
		t.Errorf("throttled is %v; want 4.5ms, that of the pod", got)
	}
}

// TestWorstIsOfOneGroup: a group that was throttled much before the window does
// not hide one that was throttled a little within it.
func TestWorstIsOfOneGroup(t *testing.T) {
	before := []time.Duration{time.Millisecond, time.Hour, 0}
	after := []time.Duration{3 * time.Millisecond, time.Hour, time.Millisecond}
	if got := worst(before, after); got != 2*time.Millisecond {
		t.Errorf("worst is %v; want 2ms", got)
	}
	if got := worst(nil, after); got != 0 {
		t.Errorf("worst is %v without a reading; want 0s", got)
	}
}

func TestCgroupOne(t *testing.T) {
	c := cgroup{fsys: fstest.MapFS{
		"cpu/cpu.cfs_quota_us":  {Data: []byte("50000\n")},
		"cpu/cpu.cfs_period_us": {Data: []byte("100000\n")},
		"cpu/cpu.stat":          {Data: []byte("nr_periods 9\nnr_throttled 1\nthrottled_time 7000\n")},
	}, dir: "."}
	if got := c.quota(); got != 0.5 {
		t.Errorf("quota is %v; want 0.5", got)
	}
	if got := worst([]time.Duration{0}, c.throttled()); got != 7*time.Microsecond {
		t.Errorf("throttled is %v; want 7µs", got)
	}
}

func TestNoCgroup(t *testing.T) {
	c := cgroup{fsys: fstest.MapFS{}, dir: "."}
	if c.quota() != 0 || worst(c.throttled(), c.throttled()) != 0 {
		t.Error("a machine without cgroups must have no quota and no throttling")
	}
	unlimited := cgroup{fsys: fstest.MapFS{"cpu/cpu.cfs_quota_us": {Data: []byte("-1\n")}, "cpu/cpu.cfs_period_us": {Data: []byte("100000\n")}}, dir: "."}
	if got := unlimited.quota(); got != 0 {
		t.Errorf("quota of -1 is %v; want 0, none", got)
	}
}

func TestMeterSeesWork(t *testing.T) {
	now := time.Unix(100, 0)
	m := NewMeter(func() time.Time { now = now.Add(3 * time.Second); return now })
	m.Open()
	var sink [][]byte
	for range 1000 {
		sink = append(sink, make([]byte, 4096))
	}
	m.Close()
	u := m.Usage()
	if u.Wall != 3*time.Second {
		t.Errorf("wall is %v; want 3s by the clock it was given", u.Wall)
	}
	if u.Allocs < 1000 {
		t.Errorf("allocs is %d after %d allocations", u.Allocs, len(sink))
	}
	if u.PeakRSS == 0 {
		t.Error("peak RSS is 0")
	}
}

func TestEnvironment(t *testing.T) {
	e := Read()
	if e.Go == "" || e.Cores < 1 || e.UsableCores() <= 0 {
		t.Errorf("environment is incomplete: %+v", e)
	}
	e.GOMAXPROCS, e.QuotaCores = 8, 1.5
	if e.UsableCores() != 1.5 {
		t.Errorf("usable cores is %v; want the quota's 1.5", e.UsableCores())
	}
}
