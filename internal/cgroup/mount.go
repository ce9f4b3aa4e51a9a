package cgroup

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// mount is one line of /proc/self/mountinfo.
type mount struct {
	root    string // which group is mounted, as the reader's namespace calls it
	point   string // where, without the leading slash
	kind    string // of the file system
	options []string
}

type mounts []mount

// parseMounts reads the lines that are about control groups:
//
//	32 31 0:29 /pod/x /sys/fs/cgroup/cpu ro,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
func parseMounts(text string) (all mounts) {
	for line := range strings.Lines(text) {
		before, after, _ := strings.Cut(line, " - ")
		where, what := strings.Fields(before), strings.Fields(after)
		if len(where) < 5 || len(what) < 3 || what[0] != "cgroup" && what[0] != "cgroup2" {
			continue
		}
		all = append(all, mount{
			root: unescape(where[3]), point: strings.TrimPrefix(path.Clean(unescape(where[4])), "/"),
			kind: what[0], options: strings.Split(what[2], ","),
		})
	}
	return all
}

// unescape replaces \040 and the like, in which the kernel writes what would
// break its lines.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func (all mounts) unified() mounts {
	return all.which(func(m mount) bool { return m.kind == "cgroup2" })
}

func (all mounts) cpu() mounts {
	return all.which(func(m mount) bool { return m.kind == "cgroup" && slices.Contains(m.options, "cpu") })
}

func (all mounts) which(keep func(mount) bool) (some mounts) {
	for _, m := range all {
		if keep(m) {
			some = append(some, m)
		}
	}
	return some
}

// locate finds the directories of the group that is called where and of those
// above it, as far up as any of the mounts shows them; nil where none shows the
// group itself.
func locate(root fs.FS, among mounts, where, pid string) (longest []dir) {
	for _, m := range among {
		at, ok := m.find(root, where, pid)
		if !ok {
			continue
		}
		if up := m.upFrom(root, at); len(up) > len(longest) {
			longest = up
		}
	}
	return longest
}

// upFrom lists the group at a path below the mount, and those above.
func (m mount) upFrom(root fs.FS, at string) (all []dir) {
	version := 1
	if m.kind == "cgroup2" {
		version = 2
	}
	for ; ; at = path.Dir(at) {
		all = append(all, dir{root: root, path: path.Join(m.point, at), version: version})
		if at == "." {
			return all
		}
	}
}

// find returns the path below the mount of the group that is called where.
func (m mount) find(root fs.FS, where, pid string) (at string, ok bool) {
	climbs, rest := climb(where)
	rootClimbs, rootRest := climb(m.root)
	switch {
	case rootClimbs == climbs:
		if at, ok = within(rootRest, rest); ok && m.exists(root, at) {
			return at, true
		}
	case rootClimbs > climbs && rootRest == ".":
		// The namespace begins below the mount, and hides what is between.
		s := search{mount: m, root: root, rest: rest, pid: pid}
		if at, ok = s.below(".", rootClimbs-climbs); ok {
			return at, true
		}
	}
	return ".", m.holds(root, ".", pid) // whatever it is called outside
}

// within is the path from one group down to another.
func within(above, group string) (down string, ok bool) {
	if above == "." {
		return group, true
	}
	down, ok = strings.CutPrefix(group+"/", above+"/")
	return path.Clean(down), ok
}

// climb splits what a namespace calls a group into the number of levels up from
// the namespace's root and the path down from there.
func climb(group string) (levels int, rest string) {
	rest = strings.TrimPrefix(path.Clean("./"+strings.TrimPrefix(group, "/")), "/")
	for rest == ".." || strings.HasPrefix(rest, "../") {
		levels++
		rest = path.Clean(strings.TrimPrefix(strings.TrimPrefix(rest, ".."), "/"))
	}
	return levels, rest
}

func (m mount) exists(root fs.FS, at string) bool {
	_, err := fs.Stat(root, path.Join(m.point, at, procs))
	return err == nil
}

// procs lists the processes of a group.
const procs = "cgroup.procs"

// holds reports whether the process is in the group at a path below the mount.
func (m mount) holds(root fs.FS, at, pid string) bool {
	return slices.Contains(strings.Fields(read(root, path.Join(m.point, at, procs))), pid)
}

// search looks for the group of a process at a known depth below a mount.
type search struct {
	mount     mount
	root      fs.FS
	rest, pid string
	looked    int
}

// farthest bounds a search, in directories.
const farthest = 10_000

// below looks at all groups so many levels below at.
func (s *search) below(at string, levels int) (string, bool) {
	if levels == 0 {
		at = path.Join(at, s.rest)
		return at, s.mount.holds(s.root, at, s.pid)
	}
	entries, err := fs.ReadDir(s.root, path.Join(s.mount.point, at))
	if err != nil {
		return "", false
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if s.looked++; s.looked > farthest {
			return "", false
		}
		if found, ok := s.below(path.Join(at, e.Name()), levels-1); ok {
			return found, true
		}
	}
	return "", false
}
