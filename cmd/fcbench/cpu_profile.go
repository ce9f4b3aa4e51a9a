package main

import (
	"errors"
	"fmt"
	"runtime/pprof"
)

// profileCPU writes a profile of this process to a file, if one is named, until stop is
// called.
func profileCPU(s streams, file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := openDestination(file, s.err)
	if err != nil {
		return nil, fmt.Errorf("--cpuprofile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
