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
	"github.com/fcbench/fcbench/results"
)

// Read gathers the environment.
func Read() results.Environment {
	e := results.Environment{
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

// usable is how many cores this process may keep busy under a quota.
func usable(quota float64) float64 {
	return results.Environment{GOMAXPROCS: runtime.GOMAXPROCS(0), Cores: runtime.NumCPU(), QuotaCores: quota}.UsableCores()
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
