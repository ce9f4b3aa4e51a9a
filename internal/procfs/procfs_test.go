package procfs

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"strconv"
	"testing"
	"testing/fstest"
	"time"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestSchedules(t *testing.T) {
	root := fstest.MapFS{
		"proc/7/task/7/schedstat":    file("115962 68062 2\n"),
		"proc/7/task/8/schedstat":    file("9223372036854775807 5 1\n"),
		"proc/7/task/9/schedstat":    file("0 0 0\n"),  // a kernel that does not count
		"proc/7/task/10/schedstat":   file(""),         // it ended meanwhile
		"proc/7/task/11/schedstat":   file("-1 x 0\n"), // nonsense
		"proc/7/task/12/status":      file("Name:\tx\n"),
		"proc/7/task/self/schedstat": file("1 1 1\n"),
	}
	got, err := Schedules(root, "7")
	want := map[int]Sched{7: {Ran: 115962, Waited: 68062}, 8: {Ran: 9223372036854775807, Waited: 5}}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("schedules are %v, %v; want %v", got, err, want)
	}
	if _, err := Schedules(root, "8"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v of a process that is not there; want that", err)
	}
}

func TestStat(t *testing.T) {
	const rest = " S 1 7 7 0 -1 4194560 1001 9 0 0 150 50 3 4 20 0 12 0 66042 104857600 2560 18446744073709551615 1 1 0 0 0 0 0 0\n"
	for name := range map[string]bool{"redis-server": true, "a b": true, ") S (": true, "(sd-pam)": true, "": true} {
		got, err := ParseStat([]byte("7 (" + name + ")" + rest))
		want := Stat{Name: name, State: 'S', CPU: 2 * time.Second, Threads: 12, Start: 66042, RSS: 2560}
		if err != nil || got != want {
			t.Errorf("stat of %q is %+v, %v; want %+v", name, got, err, want)
		}
	}
	for _, bad := range []string{"", "7", "7 (x", "7 x) S", "7 (x)", "7 (x) S 1 2", "7 (x) SS" + rest[2:], "7 (x) S 1 7 7 0 -1 4194560 1001 9 0 0 a 50 3 4 20 0 12 0 66042 104857600 2560 1"} {
		if got, err := ParseStat([]byte(bad)); !errors.Is(err, errFormat) {
			t.Errorf("stat %q is %+v, %v; want it refused", bad, got, err)
		}
	}
	for state, ended := range map[byte]bool{'R': false, 'S': false, 'D': false, 'T': false, 'Z': true, 'X': true} {
		if got := (Stat{State: state}).Ended(); got != ended {
			t.Errorf("state %c has ended: %v; want %v", state, got, ended)
		}
	}
}

func TestFilesAndSwitches(t *testing.T) {
	root := fstest.MapFS{
		"proc/7/fd/0": file(""), "proc/7/fd/1": file(""), "proc/7/fd/63": file(""),
		"proc/7/task/7/status": file("Name:\tx\nThreads:\t2\nvoluntary_ctxt_switches:\t150\nnonvoluntary_ctxt_switches:\t545\n"),
		"proc/7/task/8/status": file("voluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t2\n"),
		"proc/x/fd/0":          file(""), "proc/12/fd/0": file(""), "proc/-3/fd/0": file(""),
	}
	if n, err := Files(root, "7"); n != 3 || err != nil {
		t.Errorf("files are %d, %v; want 3", n, err)
	}
	got, err := ReadSwitches(root, "7")
	if want := (map[int]Switches{7: {150, 545}, 8: {1, 2}}); err != nil || !maps.Equal(got, want) {
		t.Errorf("switches are %v, %v; want %v", got, err, want)
	}
	all, err := Processes(root)
	if err != nil || len(all) != 2 {
		t.Errorf("processes are %v, %v; want 7 and 12", all, err)
	}
}

// TestThisProcess reads the real files.
func TestThisProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Logf("there is no /proc: %v", err)
		return
	}
	root, pid := os.DirFS("/"), strconv.Itoa(os.Getpid())
	s, err := ReadStat(root, pid)
	if err != nil || s.Threads < 1 || s.RSS < 1 || s.Start == 0 || s.Ended() {
		t.Errorf("stat is %+v, %v; want that of a process which runs", s, err)
	}
	if n, err := Files(root, pid); n < 3 || err != nil {
		t.Errorf("files are %d, %v; want at least 3", n, err)
	}
	if threads, err := ReadSwitches(root, pid); len(threads) < 1 || err != nil {
		t.Errorf("switches are of %d threads, %v; want some", len(threads), err)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add("7 (x) S 1 7 7 0 -1 4194560 1001 9 0 0 150 50 3 4 20 0 12 0 66042 104857600 2560 1")
	f.Add("()\x00 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseStat([]byte(text)); err == nil && !('A' <= s.State && s.State <= 'z') {
			t.Fatalf("%q reads as %+v", text, s)
		}
	})
}
