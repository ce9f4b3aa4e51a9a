package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// Made is a control group that this process made. It is to be removed when nobody
// lives there any more.
type Made struct{ path string }

const quotaPeriod = 100_000 // µs

// Below makes a group that may use so many cores, below that of the process, or
// else below the nearest one above which hands the controller on. Its name begins
// with prefix; those of the same prefix whose makers are gone are removed. root is
// where the file system that the group was read from is.
func (g Group) Below(root, prefix string, cores float64) (*Made, error) {
	errs := []error{errors.New("no control group can be made")}
	for _, d := range g.cpu {
		parent := filepath.Join(root, filepath.FromSlash(d.path))
		removeStale(root, parent, prefix)
		m := &Made{filepath.Join(parent, prefix+"-"+strconv.Itoa(os.Getpid()))}
		err := os.Mkdir(m.path, 0o755)
		if err == nil {
			if err = m.limit(d.version, cores); err == nil {
				return m, nil
			}
			err = errors.Join(err, m.Remove())
		}
		errs = append(errs, err)
	}
	return nil, joinLine(errs)
}

// joinLine is all errors in one line.
func joinLine(errs []error) error {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return errors.New(strings.Join(texts, ": "))
}

// limit sets the quota. The files are there if the controller is.
func (m *Made) limit(version int, cores float64) error {
	quota := int(cores * quotaPeriod)
	if version == 1 {
		return errors.Join(m.write("cpu.cfs_period_us", strconv.Itoa(quotaPeriod)), m.write("cpu.cfs_quota_us", strconv.Itoa(quota)))
	}
	return m.write("cpu.max", fmt.Sprintf("%d %d", quota, quotaPeriod))
}

func (m *Made) write(name, text string) error {
	f, err := os.OpenFile(filepath.Join(m.path, name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// Processes is the file that takes the number of a process which is to live in the
// group; 0 is whoever writes.
func (m *Made) Processes() string { return filepath.Join(m.path, procs) }

// Remove removes the group. It fails while somebody lives there, which who has just
// ended may seem to do for a moment.
func (m *Made) Remove() error { return os.Remove(m.path) }

// removeStale removes groups that others made who are gone. What cannot be removed
// is in use.
func removeStale(root, parent, prefix string) {
	entries, _ := os.ReadDir(parent) // where nothing can be seen, nothing is stale
	for _, e := range entries {
		pid, ok := strings.CutPrefix(e.Name(), prefix+"-")
		if _, err := strconv.Atoi(pid); !ok || err != nil {
			continue
		}
		if _, err := os.Stat(path.Join(root, "proc", pid)); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(filepath.Join(parent, e.Name()))
		}
	}
}
