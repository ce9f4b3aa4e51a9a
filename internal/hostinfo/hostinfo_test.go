package hostinfo

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestCgroupTwo(t *testing.T) {
	c := cgroup{fsys: fstest.MapFS{
		"a/cpu.max":    {Data: []byte("200000 100000\n")},
		"a/b/cpu.max":  {Data: []byte("max 100000\n")},
		"a/b/cpu.stat": {Data: []byte("usage_usec 12\nnr_throttled 3\nthrottled_usec 4500\n")},
	}, dir: "a/b"}
	if got := c.quota(); got != 2 {
		t.Errorf("quota is %v; want 2, the limit of the group above", got)
	}
	if got := c.throttled(); got != 4500*time.Microsecond {
		t.Errorf("throttled is %v; want 4.5ms", got)
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
	if got := c.throttled(); got != 7*time.Microsecond {
		t.Errorf("throttled is %v; want 7µs", got)
	}
}

func TestNoCgroup(t *testing.T) {
	c := cgroup{fsys: fstest.MapFS{}, dir: "."}
	if c.quota() != 0 || c.throttled() != 0 {
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
