package external

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// TestPages does what the pages on own limiters and own pipelines say: it writes their
// files, runs their commands in their order, and holds their lines against the code.
func TestPages(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	bin := built(t, root)
	for page, want := range map[string]counted{
		"docs/own-limiter.md":  {commands: 6, files: 5, lines: 9, outputs: 1},
		"docs/own-pipeline.md": {commands: 3, files: 4, outputs: 1},
	} {
		t.Run(filepath.Base(page), func(t *testing.T) {
			if r := readPage(t, root, page, bin); r.counted != want {
				t.Errorf("%s gave %+v; want %+v, or the page is not read right", page, r.counted, want)
			}
		})
	}
}

// built is a folder with fcbench in it.
func built(t *testing.T, root string) (bin string) {
	t.Helper()
	bin = t.TempDir()
	build := exec.Command("go", "build", "-o", bin, "./cmd/fcbench")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building fcbench: %v\n%s", err, out)
	}
	return bin
}

func readPage(t *testing.T, root, page, bin string) *pageReader {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	r := newPageReader(t, root, page, bin)
	for _, b := range blocks(string(text)) {
		r.read(b)
	}
	return r
}

// A block is what stands between fences: its language, what else stands beside
// that, and its text.
type block struct{ language, name, text string }

func blocks(page string) (all []block) {
	for {
		_, rest, found := strings.Cut(page, "\n```")
		if !found {
			return all
		}
		head, rest, _ := strings.Cut(rest, "\n")
		text, rest, _ := strings.Cut(rest, "\n```")
		language, name, _ := strings.Cut(head, " ")
		all = append(all, block{language, name, text + "\n"})
		page = rest
	}
}

// pageReader is somebody with a module of their own, fcbench and a shell.
type pageReader struct {
	t           *testing.T
	page        string
	dir         string
	environment []string
	output      string // of the latest commands
	counted
}

// counted is how much of a page was read.
type counted struct{ commands, files, lines, outputs int }

func newPageReader(t *testing.T, root, page, bin string) *pageReader {
	r := &pageReader{t: t, page: page, dir: t.TempDir(), environment: append(os.Environ(),
		"PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "NO_COLOR=1",
	)}
	r.write("go.mod", "module example.com/mine\n\ngo 1.26\n\n"+
		"require github.com/fcbench/fcbench v0.0.0\n\nreplace github.com/fcbench/fcbench => "+root+"\n")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum")) // what is known of our modules needs no checksum database
	if err != nil {
		t.Fatal(err)
	}
	r.write("go.sum", string(sums))
	return r
}

func (r *pageReader) read(b block) {
	r.t.Helper()
	switch {
	case b.language == "json":
		for line := range strings.Lines(b.text) {
			r.compare(b.name, line)
		}
	case b.name != "":
		r.write(b.name, b.text)
		r.files++
	case b.language == "sh":
		r.run(b.text)
	case b.language == "output":
		r.outputs++
		if r.output != b.text {
			r.t.Errorf("%s says that this comes out:\n%sand this did:\n%s", r.page, b.text, r.output)
		}
	default:
		r.t.Errorf("%s has a block of %q, which nothing runs", r.page, b.language)
	}
}

func (r *pageReader) write(name, text string) {
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *pageReader) run(script string) {
	r.t.Helper()
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(r.t.Context(), "sh", "-e", "-c", script)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, r.environment, &out, &complaints
	if err := cmd.Run(); err != nil {
		r.t.Errorf("%s: %v\n%s%s%s", r.page, err, script, out.String(), complaints.String())
	}
	r.output = out.String()
	r.commands++
}

// compare holds a line of the protocol against what is sent and understood.
func (r *pageReader) compare(kind, line string) {
	r.t.Helper()
	r.lines++
	limit := limiters.Limit{Rate: 100, Period: time.Second, Burst: 20}
	info := limiters.Info{Algorithm: "token-bucket", Limit: limit}
	received := []byte(strings.TrimSuffix(line, "\n"))
	switch kind {
	case "hello":
		if got := string(appendHello(nil, info, "fcbench:1234:18c0b2f3:1:")); got != line {
			r.t.Errorf("%s says %sand sent is %s", r.page, line, got)
		}
	case "request":
		now, alice, odd := 1500*time.Millisecond, "alice", "\xff"
		if line != string(appendRequest(nil, now, alice, 1)) && line != string(appendRequest(nil, now, odd, 1)) {
			r.t.Errorf("%s has a request that is never sent: %s", r.page, line)
		}
	case "welcome":
		if strings.Contains(line, "windows") {
			info = limiters.Info{Algorithm: "fixed-window", Limit: limiters.Limit{Rate: 10, Period: time.Second}}
		}
		if _, err := readHello(received, info); err != nil && !strings.Contains(err.Error(), "cannot do that") {
			r.t.Error(err)
		}
	case "answer":
		if _, err := readAnswer(received); err != nil {
			r.t.Error(err)
		}
	default:
		r.t.Errorf("%s has lines of %q, which nobody sends", r.page, kind)
	}
}
