package wire

import (
	"fmt"
	"os"
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
