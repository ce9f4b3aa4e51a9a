package gating

import (
	"errors"
	"io"
	"os"
)

// create opens a file that is kept, by what who runs the gate opens files with.
func (g *Gate) create(path string) (io.WriteCloser, error) {
	if g.Create != nil {
		return g.Create(path)
	}
	return os.Create(path)
}

// keepFile keeps what was made at one place at another.
func (g *Gate) keepFile(made, path string) error {
	text, err := os.ReadFile(made)
	if err != nil {
		return err
	}
	w, err := g.create(path)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return errors.Join(err, w.Close())
}
