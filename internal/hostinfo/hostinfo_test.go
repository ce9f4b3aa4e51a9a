package hostinfo

import (
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fcbench/fcbench/internal/procfs"
)

// machine is a file system in which this process is a thread or two.
type machine struct{ fstest.MapFS }

func newMachine() machine {
	m := machine{fstest.MapFS{}}
	m.write("proc/"+strconv.Itoa(os.Getpid())+"/cgroup", "5:cpu,cpuacct:/a/b\n0::/u\n")
	m.write("proc/self/mountinfo", "30 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:15 - cgroup cgroup rw,cpu,cpuacct\n"+
		"26 25 0:22 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n")
	m.group("sys/fs/cgroup/cpu,cpuacct", "-1", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n")
	m.group("sys/fs/cgroup/cpu,cpuacct/a", "30000", "nr_periods 100\nnr_throttled 50\nthrottled_time 1000000\n")
	m.group("sys/fs/cgroup/cpu,cpuacct/a/b", "-1", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n")
	m.write("sys/fs/cgroup/unified/u/cgroup.procs", "")
	return m
}

func (m machine) write(file, text string) { m.MapFS[file] = &fstest.MapFile{Data: []byte(text)} }

func (m machine) group(path, quota, stat string) {
	m.write(path+"/cpu.cfs_quota_us", quota+"\n")
	m.write(path+"/cpu.cfs_period_us", "100000\n")
	m.write(path+"/cgroup.procs", "")
	m.write(path+"/cpu.stat", stat)
}

func (m machine) pressure(file, total string) {
	m.write(file, "some avg10=0.00 avg60=0.00 avg300=0.00 total="+total+"\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")
}

func (m machine) thread(id, text string) { m.write("proc/self/task/"+id+"/schedstat", text) }

func (m machine) meter() *Meter {
	now := time.Unix(100, 0)
	return newMeter(func() time.Time { now = now.Add(3 * time.Second); return now }, m)
}

// TestMeterFollowsItsGroup: a quota and throttling two levels above the root of a
// hierarchy of version 1, in the group above the process's own.
func TestMeterFollowsItsGroup(t *testing.T) {
	m := newMachine()
	m.pressure("proc/pressure/cpu", "1000")
	m.pressure("sys/fs/cgroup/unified/u/cpu.pressure", "70")
	meter := m.meter()
	meter.Open()
	m.group("sys/fs/cgroup/cpu,cpuacct/a", "30000", "nr_periods 136\nnr_throttled 81\nthrottled_time 2500000\n")
	m.pressure("proc/pressure/cpu", "1700")
	m.pressure("sys/fs/cgroup/unified/u/cpu.pressure", "75")
	meter.Close()
	u := meter.Usage()
	if u.Throttled != 1500*time.Microsecond || u.Periods != 36 || u.ThrottledPeriods != 31 {
		t.Errorf("throttled %v in %d of %d periods; want 1.5ms in 31 of 36", u.Throttled, u.ThrottledPeriods, u.Periods)
	}
	if u.Cores != 0.3 {
		t.Errorf("cores are %v; want the quota's 0.3", u.Cores)
	}
	if want := (Pressure{true, 700 * time.Microsecond}); u.Pressure != want {
		t.Errorf("pressure is %v; want %v", u.Pressure, want)
	}
	if want := (Pressure{true, 5 * time.Microsecond}); u.GroupPressure != want {
		t.Errorf("pressure in the group is %v; want %v", u.GroupPressure, want)
	}
}

// TestThreadsComeAndGo: born before or within the window, ended before it, within
// it, or in between two looks.
func TestThreadsComeAndGo(t *testing.T) {
	m := newMachine()
	m.thread("1", "50 1000 9")
	m.thread("2", "50 5000000 9")
	m.thread("3", "50 70 9")
	meter := m.meter()
	meter.Open()
	m.thread("1", "60 1400 9") // waits 400
	m.thread("4", "1 300 1")   // born
	m.thread("3", "70 90 9")   // waits 20
	m.thread("5", "0 0 0")     // born, and has not run
	meter.look()
	delete(m.MapFS, "proc/self/task/3/schedstat") // ends
	m.thread("4", "9 450 3")                      // 150 more
	m.thread("2", "1 7 1")                        // another that got its number
	m.thread("6", "5 600 1")                      // born
	meter.Close()
	want := RunQueue{Known: true, Waited: 400 + 450 + 20 + 7 + 600, Worst: 600, Threads: 5, Ended: 1}
	if got := meter.Usage().RunQueue; got != want {
		t.Errorf("run queue is %+v; want %+v", got, want)
	}
	meter.Open() // again
	m.thread("6", "5 601 1")
	meter.Close()
	if got := meter.Usage().RunQueue; got.Waited != 1 || got.Worst != 1 {
		t.Errorf("in a second window %+v; want a wait of 1", got)
	}
}

// TestWhatIsNotTold is not taken for good news.
func TestWhatIsNotTold(t *testing.T) {
	m := machine{fstest.MapFS{}}
	meter := m.meter()
	meter.Open()
	meter.look()
	meter.Close()
	u := meter.Usage()
	if u.RunQueue != (RunQueue{}) || u.Pressure.Known || u.GroupPressure.Known || u.Files != 0 || u.Throttled != 0 || u.Periods != 0 {
		t.Errorf("usage is %+v of a machine that tells nothing; want nothing known", u)
	}
	m.pressure("proc/pressure/cpu", "1000") // too late
	meter.Close()
	if u := meter.Usage(); u.Pressure.Known {
		t.Errorf("pressure is %+v; want it unknown without a first reading", u.Pressure)
	}
	if cores := float64(min(runtime.GOMAXPROCS(0), runtime.NumCPU())); u.Cores != cores {
		t.Errorf("cores are %v without a quota; want %v", u.Cores, cores)
	}
}

func TestFilesAreTheMostSeen(t *testing.T) {
	m := newMachine()
	m.write("proc/self/fd/0", "")
	meter := m.meter()
	meter.Open()
	for i := range 5 {
		m.write("proc/self/fd/"+strconv.Itoa(i), "")
	}
	meter.look()
	delete(m.MapFS, "proc/self/fd/3")
	meter.Close()
	if got := meter.Usage().Files; got != 5 {
		t.Errorf("files are %d; want 5, the most", got)
	}
}

// TestMeterSeesWork measures this process.
func TestMeterSeesWork(t *testing.T) {
	now := time.Unix(100, 0)
	m := NewMeter(func() time.Time { now = now.Add(3 * time.Second); return now })
	m.Open()
	var sink [][]byte
	for range 1000 {
		sink = append(sink, make([]byte, 4096))
	}
	runtime.GC()
	pipes, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	pipes.Close()
	u := m.Usage()
	if u.Wall != 3*time.Second {
		t.Errorf("wall is %v; want 3s by the clock it was given", u.Wall)
	}
	if u.Allocs < 1000 {
		t.Errorf("allocs is %d after %d allocations", u.Allocs, len(sink))
	}
	if u.GCs < 1 || u.GCPause <= 0 || u.GCCPU <= 0 {
		t.Errorf("collections are %d, which stopped all for %v and took %v; want all above 0", u.GCs, u.GCPause, u.GCCPU)
	}
	if u.PeakRSS == 0 {
		t.Error("peak RSS is 0")
	}
	if _, err := os.Stat("/proc/self/fd"); err == nil && (u.Files < 4 || u.FileLimit < u.Files || u.RunQueue.Threads < 2) {
		t.Errorf("%d of %d files, %d threads; want some", u.Files, u.FileLimit, u.RunQueue.Threads)
	}
}

func TestRunnable(t *testing.T) {
	buckets := []float64{math.Inf(-1), 0, 1e-6, 1e-3, 1, math.Inf(1)}
	of := func(counts ...uint64) golang {
		return golang{latency: &metrics.Float64Histogram{Counts: counts, Buckets: buckets}}
	}
	got := of(0, 1000, 98, 2, 0).runnable(of(0, 1000, 0, 0, 0))
	if want := (Runnable{Count: 100, P99: time.Second, Max: time.Second}); got != want {
		t.Errorf("runnable is %+v; want %+v", got, want)
	}
	got = of(0, 0, 99, 0, 1).runnable(of(0, 0, 0, 0, 0))
	if want := (Runnable{Count: 100, P99: time.Millisecond, Max: time.Second}); got != want {
		t.Errorf("runnable is %+v; want %+v, the beginning of what has no end", got, want)
	}
	if got := (golang{}).runnable(golang{}); got != (Runnable{}) {
		t.Errorf("runnable is %+v of nothing", got)
	}
	if got := of(0, 0, 0, 0, 0).runnable(of(0, 0, 0, 0, 0)); got != (Runnable{}) {
		t.Errorf("runnable is %+v of no goroutine", got)
	}
}

func TestEnvironment(t *testing.T) {
	e := Read()
	if e.Go == "" || e.Cores < 1 || e.UsableCores() <= 0 {
		t.Errorf("environment is incomplete: %+v", e)
	}
	for _, tt := range []struct {
		procs, cores int
		quota, want  float64
	}{{8, 8, 1.5, 1.5}, {8, 2, 0, 2}, {1, 8, 0, 1}, {2, 1, 0, 1}, {2, 4, 3, 2}} {
		e.GOMAXPROCS, e.Cores, e.QuotaCores = tt.procs, tt.cores, tt.quota
		if got := e.UsableCores(); got != tt.want {
			t.Errorf("usable cores are %v with %+v; want %v", got, tt, tt.want)
		}
	}
}

func BenchmarkReading(b *testing.B) {
	m := NewMeter(time.Now)
	for b.Loop() {
		m.Open()
	}
	threads, err := procfs.Schedules(os.DirFS("/"), self)
	b.ReportMetric(float64(len(threads)), "threads")
	if err != nil {
		b.Log(err)
	}
}
