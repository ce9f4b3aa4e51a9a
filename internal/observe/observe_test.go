package observe

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/results"
)

// roleVariable makes the test binary play a process under load.
const roleVariable = "FCBENCH_TEST_SPENDS"

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		play()
		return
	}
	goleak.VerifyTestMain(m)
}

// spent is what the process under load spends on every word that it is sent.
const spent = 50 * time.Millisecond

func play() {
	words := bufio.NewScanner(os.Stdin)
	for words.Scan() {
		for end := burnt() + spent; burnt() < end; {
		}
		fmt.Println("done")
	}
}

func burnt() time.Duration {
	d, _ := cpuClock(os.Getpid())
	return d
}

// machine is a file system of made-up processes.
type machine struct {
	t   *testing.T
	dir string
}

func newMachine(t *testing.T) machine {
	m := machine{t, t.TempDir()}
	m.write("proc/self/stat", "")
	return m
}

func (m machine) root() fs.FS { return old{os.DirFS(m.dir).(fs.StatFS)} }

// old is a kernel before 6.2, whose directories of open files have no size.
type old struct{ fs.StatFS }

func (o old) Stat(name string) (fs.FileInfo, error) {
	info, err := o.StatFS.Stat(name)
	if err == nil && filepath.Base(name) == "fd" {
		info = sizeless{info}
	}
	return info, err
}

type sizeless struct{ fs.FileInfo }

func (sizeless) Size() int64 { return 0 }

func (m machine) write(name, text string) {
	m.t.Helper()
	name = filepath.Join(m.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) process(pid int, name string, state string, ticks, threads, pages int) {
	m.write(fmt.Sprintf("proc/%d/stat", pid), fmt.Sprintf("%d (%s) %s 1 7 7 0 -1 4194560 1001 9 0 0 %d 0 3 4 20 0 %d 0 66042 104857600 %d 18446744073709551615\n",
		pid, name, state, ticks, threads, pages))
}

func (m machine) switches(pid, thread, voluntary, involuntary int) {
	m.write(fmt.Sprintf("proc/%d/task/%d/status", pid, thread),
		fmt.Sprintf("Name:\tx\nvoluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n", voluntary, involuntary))
}

func (m machine) files(pid, n int) {
	for i := range n {
		m.write(fmt.Sprintf("proc/%d/fd/%d", pid, i), "")
	}
}

// between is an instant between two looks.
const between = lookEvery / 2

func coarse(int) (time.Duration, bool) { return 0, false }

func (m machine) observe(c Config) *Observer {
	m.t.Helper()
	o, err := c.open(m.root(), coarse)
	if err != nil {
		m.t.Fatal(err)
	}
	return o
}

func page() uint64 { return uint64(os.Getpagesize()) }

// TestSeveralByOneName: two are summed, peaks lie between Open and Close, one ends.
func TestSeveralByOneName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t)
		m.process(7, "nginx", "S", 100, 1, 1000)
		m.process(8, "nginx", "S", 50, 1, 500)
		m.process(9, "nginx", "Z", 50, 0, 0)
		m.process(12, "redis-server", "S", 999, 6, 99999)
		m.switches(7, 7, 10, 1)
		m.switches(8, 8, 20, 2)
		m.files(7, 5)
		o := m.observe(Config{Name: "nginx"})
		m.process(7, "nginx", "S", 120, 1, 1000) // before the window
		o.Open()
		time.Sleep(between)
		m.process(7, "nginx", "R", 150, 3, 4000) // 30 ticks
		time.Sleep(time.Second)
		m.process(7, "nginx", "S", 160, 1, 1200) // 10
		m.process(8, "nginx", "R", 60, 1, 500)   // 10
		m.switches(7, 7, 13, 2)
		m.switches(7, 70, 5, 0) // a thread that was born
		time.Sleep(time.Second)
		m.process(8, "nginx", "Z", 65, 1, 0) // 5, and the end
		time.Sleep(time.Second - between)
		o.Close()
		want := Usage{
			What: "nginx (2 processes)", Processes: 2, Wall: 3 * time.Second, CPU: 55 * 10 * time.Millisecond,
			PeakRSS: 4500 * page(), Threads: 4, Files: 5, Switches: Switches{8, 1},
			Ended: []End{{"nginx (pid 8)", 2*time.Second + lookEvery}},
		}
		got := o.Usage()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("usage is\n%+v; want\n%+v", got, want)
		}
		if err := o.Release(); err != nil {
			t.Error(err)
		}
	})
}

// TestAgain: a second window counts from its own beginning, without those that
// ended in the first.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t)
		m.process(7, "web", "S", 100, 2, 1000)
		m.process(8, "web", "S", 100, 2, 1000)
		o := m.observe(Config{Name: "web"})
		o.Open()
		m.write("proc/8/stat", "") // as a process that is gone reads
		o.Close()
		if got := o.Usage(); len(got.Ended) != 1 || got.CPU != 0 || got.Processes != 2 {
			t.Errorf("usage is %+v; want two processes, one of which ended", got)
		}
		m.process(7, "web", "S", 150, 2, 10)
		o.Open()
		m.process(7, "web", "S", 153, 1, 10)
		o.Close()
		got := o.Usage()
		if len(got.Ended) != 0 || got.CPU != 30*time.Millisecond || got.Processes != 1 || got.PeakRSS != 10*page() || got.What != "web (pid 7)" {
			t.Errorf("usage is %+v; want 30ms of one process", got)
		}
		o.Close() // once too often is no harm
		if err := o.Release(); err != nil {
			t.Error(err)
		}
	})
}

// TestGroup: processes join and leave a control group within the window.
func TestGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t)
		m.write("proc/self/mountinfo", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
		const web = "sys/fs/cgroup/web"
		m.write(web+"/cgroup.procs", "7\n")
		m.write(web+"/workers/cgroup.procs", "")
		m.process(7, "web", "S", 100, 1, 100)
		m.process(8, "web", "S", 3, 1, 100)
		o := m.observe(Config{Cgroup: "/web"})
		o.Open()
		time.Sleep(between)
		m.write(web+"/workers/cgroup.procs", "8\n"+strconv.Itoa(os.Getpid())+"\n")
		time.Sleep(3 * time.Second)
		m.process(7, "web", "S", 101, 1, 100)
		o.Close()
		got := o.Usage()
		if got.CPU != 40*time.Millisecond || got.Processes != 2 || got.PeakRSS != 200*page() || got.What != "cgroup /web (2 processes)" {
			t.Errorf("usage is %+v; want 10ms of the first and all 30ms of the one that joined", got)
		}
		if err := o.Release(); err != nil {
			t.Error(err)
		}
	})
}

// TestGroupThatCounts: what came and went between two looks is in the group's own
// count, which is of no use where fcbench is in the group itself.
func TestGroupThatCounts(t *testing.T) {
	for _, shared := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := newMachine(t)
			m.write("proc/self/mountinfo", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
			procs, want := "7\n", 750*time.Millisecond
			if shared {
				procs, want = "7\n"+strconv.Itoa(os.Getpid())+"\n", 20*time.Millisecond
			}
			m.write("sys/fs/cgroup/web/cgroup.procs", procs)
			m.write("sys/fs/cgroup/web/cpu.stat", "usage_usec 1000000\n")
			m.process(7, "web", "S", 100, 1, 100)
			o := m.observe(Config{Cgroup: "/sys/fs/cgroup/web"})
			o.Open()
			m.write("sys/fs/cgroup/web/cpu.stat", "usage_usec 1750000\n")
			m.process(7, "web", "S", 102, 1, 100)
			o.Close()
			if got := o.Usage().CPU; got != want {
				t.Errorf("shared %v: CPU is %v; want %v", shared, got, want)
			}
			if err := o.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	m := newMachine(t)
	m.process(7, "nginx", "S", 100, 1, 1000)
	m.process(8, "redis-server", "S", 50, 1, 500)
	m.process(9, "gone", "Z", 50, 1, 500)
	m.process(os.Getpid(), "fcbench", "R", 50, 1, 500)
	m.write("proc/8/cmdline", "/usr/bin/valkey-server\x00*:6379\x00")
	m.write("proc/self/mountinfo", "29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	m.write("sys/fs/cgroup/empty/cgroup.procs", "")
	for _, tt := range []struct {
		config Config
		want   string
	}{
		{Config{}, "observe is empty; want one of pid, name, cgroup"},
		{Config{PID: 7, Name: "nginx"}, "observe has pid and name; want one of them"},
		{Config{PID: 7, Name: "nginx", Cgroup: "/x"}, "observe has pid and name and cgroup"},
		{Config{PID: -7}, "pid is -7; want the number of a process"},
		{Config{PID: 77}, "pid 77 is no process; want one that runs"},
		{Config{PID: 9}, "pid 9 is a process that has ended; want one that runs"},
		{Config{PID: os.Getpid()}, "fcbench itself"},
		{Config{Name: "ngnix"}, `name "ngnix" is no process that runs; want one such as nginx, redis-server`},
		{Config{Name: "gone"}, "is no process that runs"},
		{Config{Name: "fcbench"}, "is no process that runs"},
		{Config{Name: "/usr/sbin/nginx"}, `want that of a program without its directory, such as nginx`},
		{Config{Cgroup: "/none"}, `cgroup "/none" is not there`},
		{Config{Cgroup: "/empty"}, "cgroup /empty holds no process"},
	} {
		if o, err := tt.config.open(m.root(), coarse); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, %v; want %q", tt.config, o, err, tt.want)
		}
	}
	o := m.observe(Config{Name: "valkey-server"})
	if got := o.String(); got != "redis-server (pid 8)" {
		t.Errorf("valkey-server is %s; want the process with that program", got)
	}
	if err := o.Release(); err != nil {
		t.Error(err)
	}
	if _, err := (Config{PID: 7}).open(os.DirFS(t.TempDir()), coarse); err == nil || !strings.Contains(err.Error(), "no /proc") {
		t.Errorf("without /proc: %v; want that said", err)
	}
}

func TestCost(t *testing.T) {
	u := Usage{
		What: "nginx (2 processes)", Processes: 2, Wall: 2 * time.Second, CPU: time.Second, PeakRSS: 5, Threads: 6, Files: 7,
		Switches: Switches{8, 9}, Ended: []End{{"nginx (pid 8)", time.Second}},
	}
	want := &results.TargetCost{
		Observed: "nginx (2 processes)", Processes: 2, CPUNSPerOp: 1e6, CPUShare: 0.5, PeakRSSBytes: 5, Threads: 6, FDs: 7,
		VoluntarySwitches: 8, InvoluntarySwitches: 9, Ended: []results.TargetEnd{{Process: "nginx (pid 8)", AtNS: 1e9}},
	}
	if got := u.Cost(1000); !reflect.DeepEqual(got, want) {
		t.Errorf("cost is %+v; want %+v", got, want)
	}
	if got := (Usage{}).Cost(0); got.CPUNSPerOp != 0 || got.CPUShare != 0 {
		t.Errorf("cost of nothing is %+v; want 0", got)
	}
}

// TestRealProcess observes one that spends a known time, and then one that ends.
func TestRealProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Logf("there is no /proc: %v", err)
		return
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), roleVariable+"=1")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(out)
	spend := func() {
		t.Helper()
		if _, err := io.WriteString(in, "on\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	spend()
	o, err := New(Config{PID: child.Process.Pid})
	if err != nil {
		t.Fatal(err)
	}
	spend()
	o.Open()
	spend()
	o.Close()
	u := o.Usage()
	if u.CPU < spent*9/10 || u.CPU > 3*spent/2 || u.PeakRSS < 1<<19 || u.Threads < 1 || u.Files < 3 || u.Switches.Voluntary < 1 || len(u.Ended) != 0 {
		t.Errorf("usage is %+v; want about %v of a process that has memory, threads, files and waited", u, spent)
	}
	o.Open()
	spend()
	in.Close()
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	o.Close()
	u = o.Usage()
	if len(u.Ended) != 1 || !strings.Contains(u.Ended[0].Process, fmt.Sprint(child.Process.Pid)) || u.Ended[0].After > u.Wall {
		t.Errorf("usage is %+v; want the end of the process", u)
	}
	if err := o.Release(); err != nil {
		t.Error(err)
	}
}
