// Package hostinfo says what machine a run was made on and what the run cost
// it: facts that decide whether two runs may be compared and whether one may
// be believed.
package hostinfo

import (
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/cgroup"
)

// Environment is what two comparable runs have in common.
type Environment struct {
	Version    string  `json:"fcbench"`
	Revision   string  `json:"revision,omitempty"` // of fcbench; "+dirty" when built from changed files
	Go         string  `json:"go"`
	OS         string  `json:"os"`
	Arch       string  `json:"arch"`
	Kernel     string  `json:"kernel,omitempty"`
	CPU        string  `json:"cpu,omitempty"`
	Cores      int     `json:"cores"`
	GOMAXPROCS int     `json:"gomaxprocs"`
	QuotaCores float64 `json:"quota_cores,omitempty"`   // CPU quota: the smallest of the own cgroup and those above; 0 for none
	QuotaWhy   string  `json:"quota_unknown,omitempty"` // why nobody can say whether there is one; "" where it is known
	Clock      string  `json:"clocksource,omitempty"`
	ClockRead  float64 `json:"clock_read_ns"`   // what one look at the monotonic clock costs
	Redis      string  `json:"redis,omitempty"` // filled in by whoever started one
}

// Read gathers the environment.
func Read() Environment {
	e := Environment{
		Version: "(devel)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Cores: runtime.NumCPU(), GOMAXPROCS: runtime.GOMAXPROCS(0),
		Kernel: contents("/proc/sys/kernel/osrelease"), CPU: cpuModel(),
		Clock:     contents("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
		ClockRead: clockRead(),
	}
	group, err := cgroup.Of(os.DirFS("/"), os.Getpid())
	if e.QuotaCores = group.Quota(); err != nil {
		e.QuotaWhy = err.Error()
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		e.Version = info.Main.Version
		e.Revision = revision(info)
	}
	return e
}

// clockRead times the clock itself.
func clockRead() float64 {
	const readings = 1 << 15
	start := time.Now()
	for range readings {
		_ = time.Since(start)
	}
	return float64(time.Since(start)) / readings
}

// UsableCores is how many cores this process may keep busy: no more than
// GOMAXPROCS, than its affinity leaves it, and than its quota.
func (e Environment) UsableCores() float64 { return fewest(e.GOMAXPROCS, e.Cores, e.QuotaCores) }

func usable(quota float64) float64 { return fewest(runtime.GOMAXPROCS(0), runtime.NumCPU(), quota) }

func fewest(procs, cores int, quota float64) float64 {
	n := float64(min(procs, cores))
	if quota > 0 {
		n = min(n, quota)
	}
	return n
}

// CPU is the user and system time that this process has used.
func CPU() time.Duration { return spentNow().cpu }

func revision(info *debug.BuildInfo) (rev string) {
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value[:min(12, len(s.Value))] + rev
		case s.Key == "vcs.modified" && s.Value == "true":
			rev += "+dirty"
		}
	}
	return rev
}

// contents is a file without the space around it, or "" where there is none.
func contents(file string) string { return text(os.DirFS("/"), strings.TrimPrefix(file, "/")) }

func text(root fs.FS, file string) string {
	b, err := fs.ReadFile(root, file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func cpuModel() string {
	for line := range strings.Lines(contents("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
