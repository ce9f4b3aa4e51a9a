package wire

import (
	"fmt"
	"os"
)

// largestBody is the largest file that is read.
const largestBody = 64 << 20

// readFile reads a file, which is read again for every run: one that can be read once
// only would be empty the second time. What names it in errors.
func readFile(what, file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", what, err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is %s, a %s; want a regular file, which can be read for every run", what, file, kindOf(info.Mode()))
	case info.Size() > largestBody:
		return "", fmt.Errorf("%s is %s of %d bytes; want at most %d", what, file, info.Size(), largestBody)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
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
