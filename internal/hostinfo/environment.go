// Package hostinfo says what machine a run was made on and what the run cost
// it: facts that decide whether two runs may be compared and whether one may
// be believed.
package hostinfo

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
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
	QuotaCores float64 `json:"quota_cores,omitempty"` // cgroup CPU quota; 0 for none
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
		Clock:      contents("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
		QuotaCores: ownCgroup().quota(), ClockRead: clockRead(),
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

// UsableCores is how many cores this process may keep busy.
func (e Environment) UsableCores() float64 {
	cores := float64(e.GOMAXPROCS)
	if e.QuotaCores > 0 {
		cores = min(cores, e.QuotaCores)
	}
	return cores
}

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
func contents(file string) string {
	b, err := os.ReadFile(file)
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
