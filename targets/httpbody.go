package targets

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// largestBody is the largest file that is kept ready to be sent.
const largestBody = 64 << 20

// readBody reads a body from a file, which is read again for every run: one that
// can be read once only would be empty the second time.
func readBody(file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return "", fmt.Errorf("body_file: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("body_file is %s, a %s; want a regular file, which can be read for every run", file, kindOf(info.Mode()))
	case info.Size() > largestBody:
		return "", fmt.Errorf("body_file is %s of %d bytes; want at most %d", file, info.Size(), largestBody)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("body_file: %w", err)
	}
	return string(content), nil
}

func kindOf(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "directory"
	case mode&os.ModeNamedPipe != 0:
		return "pipe"
	}
	return "device or socket"
}

// inMemory is the largest payload that is kept ready.
const inMemory = 64 << 10

// payload returns size zeros. net/http knows readers of strings: it sends their
// first bytes along with the headers, in one write.
func (t *template) payload(size int) io.ReadCloser {
	if size <= len(t.zeros) {
		return io.NopCloser(strings.NewReader(t.zeros[:size]))
	}
	return io.NopCloser(io.LimitReader(zeros{}, int64(size)))
}

// nothing is an empty body that net/http does not know for one. It writes itself,
// because a buffer of 32 KiB would be made to copy it.
type nothing struct{}

func (nothing) Read([]byte) (int, error)         { return 0, io.EOF }
func (nothing) WriteTo(io.Writer) (int64, error) { return 0, nil }
func (nothing) Close() error                     { return nil }

// zeros is an endless payload.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
