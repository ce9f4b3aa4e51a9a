package layering

import (
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// step is an instruction of a Dockerfile.
type step struct {
	name  string
	words []string
}

// steps reads a Dockerfile: comments, empty lines and lines that go on are understood,
// and nothing else needs to be.
func steps(text string) (all []step) {
	text = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if words := strings.Fields(line); len(words) > 0 {
			all = append(all, step{words[0], words[1:]})
		}
	}
	return all
}

func read(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestImage: what the Dockerfile builds upon is pinned, and new enough; what it copies
// and builds is there; the first image is left behind, but for what was built.
func TestImage(t *testing.T) {
	found := steps(read(t, "Dockerfile"))
	for _, complaint := range image(found, needed(t), func(name string) bool {
		_, err := os.Stat(filepath.Join(root, name))
		return err == nil
	}) {
		t.Errorf("Dockerfile: %s", complaint)
	}
}

// needed is the version of Go that go.mod asks for.
func needed(t *testing.T) string {
	t.Helper()
	for line := range strings.Lines(read(t, "go.mod")) {
		if v, ok := strings.CutPrefix(line, "go "); ok {
			return strings.TrimSpace(v)
		}
	}
	t.Fatal("go.mod names no version of Go")
	return ""
}

// image says what is wrong with a Dockerfile of two images.
func image(steps []step, goVersion string, exists func(string) bool) (complaints []string) {
	say := func(words ...string) { complaints = append(complaints, strings.Join(words, " ")) }
	images, built := 0, ""
	for _, s := range steps {
		switch s.name {
		case "FROM":
			images++
			name, tag, _ := strings.Cut(s.words[0], ":")
			if strings.Count(tag, ".") < 2 {
				say("builds upon", s.words[0]+"; want a pinned version, such as alpine:3.22.1")
			}
			if v, _, _ := strings.Cut(tag, "-"); name == "golang" && version.Compare("go"+v, "go"+goVersion) < 0 {
				say("builds by Go", v+"; want", goVersion, "at least")
			}
		case "COPY":
			from, what := "", s.words
			if flag, ok := strings.CutPrefix(what[0], "--from="); ok {
				from, what = flag, what[1:]
			}
			for _, name := range what[:len(what)-1] {
				if from == "" && !exists(name) || from != "" && name != built {
					say("copies", name+", which is not there")
				}
			}
		case "RUN":
			if i := slices.Index(s.words, "build"); i >= 0 {
				built = s.words[slices.Index(s.words, "-o")+1]
				if program := s.words[len(s.words)-1]; !exists(program + "/main.go") {
					say("builds", program+", which is no program")
				}
			}
		case "WORKDIR", "USER", "EXPOSE", "ENTRYPOINT", "CMD":
		default:
			say(s.name, "is no instruction")
		}
	}
	if images != 2 || built == "" {
		say("want two images, in the first of which a program is built")
	}
	return complaints
}

func TestImageRules(t *testing.T) {
	const good = "# a\nFROM golang:1.26.8 AS build\nCOPY go.mod \\\n  ./\nRUN go build -o /x ./x\nFROM alpine:3.1.1\nCOPY --from=build /x /bin/\nCMD [\"x\"]\n"
	for was, is := range map[string]string{
		"": "", ":1.26.8": ":1.26", "1.26.8": "1.25.9", "go.mod": "no.mod", "./x": "./y", "build /x": "build /y", "CMD": "CND",
		"FROM alpine:3.1.1\n": "", "RUN go build -o /x ./x\n": "",
	} {
		complaints := image(steps(strings.Replace(good, was, is, 1)), "1.26.0", func(name string) bool { return name == "go.mod" || name == "./x/main.go" })
		if (len(complaints) > 0) != (was != "") {
			t.Errorf("with %q for %q: %q", is, was, complaints)
		}
	}
}
