//go:build !linux

package selftest

import (
	"errors"

	"github.com/fcbench/fcbench/internal/cgroup"
	"github.com/fcbench/fcbench/internal/child"
)

func (confinement) apply() error { return errors.ErrUnsupported }

func become([]string) error { return errors.ErrUnsupported }

func usableCPUs() []int { return nil } // nobody can be confined to one

func pause(*child.Child) error  { return nil } // there are no neighbours
func resume(*child.Child) error { return nil }

func quota(float64) (*cgroup.Made, error) { return nil, errors.ErrUnsupported }
