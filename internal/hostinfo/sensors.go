package hostinfo

import (
	"io/fs"
	"os"
	"runtime/metrics"
	"time"

	"github.com/fcbench/fcbench/internal/cgroup"
)

// Sensors say what this process is up to while it runs, at the cost of some
// microseconds and without stopping it.
type Sensors struct {
	millicores int64
	before     golang
}

// NewSensors returns sensors under the quota that there is now.
func NewSensors() *Sensors { return newSensors(os.DirFS("/")) }

func newSensors(root fs.FS) *Sensors {
	group, _ := cgroup.Of(root, os.Getpid())
	return &Sensors{int64(usable(group.Quota()) * 1000), readGolang()}
}

// Sense is what sensors say: of the whole life of the process, but for Runnable.
type Sense struct {
	CPU        time.Duration // user and system, by getrusage: the runtime's own account is as old as the latest collection
	Millicores int64         // that it may keep busy, under its quota
	GCs        uint64        // collections
	GC         time.Duration // CPU that they took, as of the latest
	Runnable   Runnable      // since they were asked last
}

// Read asks them.
func (s *Sensors) Read() Sense {
	now := readGolang()
	out := Sense{CPU: CPU(), Millicores: s.millicores, GCs: collections(), GC: now.gc, Runnable: now.runnable(s.before)}
	s.before = now
	return out
}

// collections are those there were.
func collections() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	if metrics.Read(sample); sample[0].Value.Kind() == metrics.KindUint64 {
		return sample[0].Value.Uint64()
	}
	return 0
}
