package selftest

import (
	"context"
	"errors"

	"github.com/fcbench/fcbench/internal/child"
)

// neighbourhood are processes that take a run's CPUs. They stand still until they
// arrive, so that a run begins in its time.
type neighbourhood []*child.Child

// neighbours starts those of one run.
func (b *bench) neighbours(d disturbance) (n neighbourhood, err error) {
	cpus := b.cpus
	if !d.everywhere {
		cpus = cpus[:min(1, len(cpus))]
	}
	for _, cpu := range cpus {
		for range d.neighbours {
			cmd, err := job{Role: roleSpin, Confine: confinement{CPUs: []int{cpu}}}.command(b.self)
			if err != nil {
				n.end()
				return nil, err
			}
			p, err := child.Start(cmd)
			if err != nil {
				n.end()
				return nil, err
			}
			n = append(n, p)
		}
	}
	if err := n.all(pause); err != nil {
		n.end()
		return nil, err
	}
	return n, nil
}

func (n neighbourhood) arrive() { _ = n.all(resume) } // who is gone is missed by the verdict
func (n neighbourhood) leave()  { _ = n.all(pause) }

func (n neighbourhood) all(do func(*child.Child) error) (err error) {
	for _, p := range n {
		err = errors.Join(err, do(p))
	}
	return err
}

func (n neighbourhood) end() {
	for _, p := range n {
		p.End(context.Background(), p.Kill, endWithin)
	}
}
