package gating

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// flat reads a CPU profile as runtime/pprof writes it, and says how many ns were spent
// in each function itself.
func flat(profile []byte) (map[string]float64, error) {
	z, err := gzip.NewReader(bytes.NewReader(profile))
	if err != nil {
		return nil, fmt.Errorf("it is no profile: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("it is no whole profile: %w", err)
	}
	p := profileParts{lines: map[uint64]uint64{}, names: map[uint64]uint64{}}
	if err := fields(text, p.part); err != nil {
		return nil, err
	}
	return p.flat(), nil
}

// profileParts are those of a profile that say what was spent where.
type profileParts struct {
	samples []profileSample
	lines   map[uint64]uint64 // the innermost function of a location
	names   map[uint64]uint64 // of functions, as places among the texts
	texts   []string
}

type profileSample struct{ location, ns uint64 }

func (p *profileParts) part(number int, value uint64, body []byte) error {
	switch number {
	case 2:
		return p.sample(body)
	case 4:
		return p.location(body)
	case 5:
		return p.function(body)
	case 6:
		p.texts = append(p.texts, string(body))
	}
	return nil
}

// sample reads one: where it was, innermost first, and its values, of which the last is ns.
func (p *profileParts) sample(body []byte) error {
	var places, values []uint64
	err := fields(body, func(number int, value uint64, packed []byte) (err error) {
		switch number {
		case 1:
			places, err = numbers(places, value, packed)
		case 2:
			values, err = numbers(values, value, packed)
		}
		return err
	})
	if len(places) > 0 && len(values) > 0 {
		p.samples = append(p.samples, profileSample{places[0], values[len(values)-1]})
	}
	return err
}

// location reads one: its first line is that of the innermost function.
func (p *profileParts) location(body []byte) error {
	var id, function uint64
	lines := 0
	err := fields(body, func(number int, value uint64, line []byte) error {
		switch {
		case number == 1:
			id = value
		case number == 4 && lines == 0:
			lines++
			return fields(line, func(number int, value uint64, _ []byte) error {
				if number == 1 {
					function = value
				}
				return nil
			})
		}
		return nil
	})
	p.lines[id] = function
	return err
}

func (p *profileParts) function(body []byte) error {
	var id, name uint64
	err := fields(body, func(number int, value uint64, _ []byte) error {
		switch number {
		case 1:
			id = value
		case 2:
			name = value
		}
		return nil
	})
	p.names[id] = name
	return err
}

func (p *profileParts) flat() map[string]float64 {
	all := map[string]float64{}
	for _, s := range p.samples {
		name := "unknown"
		if at := p.names[p.lines[s.location]]; at > 0 && at < uint64(len(p.texts)) {
			name = p.texts[at]
		}
		all[name] += float64(s.ns)
	}
	return all
}

var errCutOff = errors.New("it is cut off or no profile")

// fields calls do for each field of a message in the encoding of protocol buffers, with
// its number, and its value or its bytes.
func fields(message []byte, do func(number int, value uint64, body []byte) error) error {
	for len(message) > 0 {
		key, n := binary.Uvarint(message)
		if n <= 0 {
			return errCutOff
		}
		message = message[n:]
		var value uint64
		var body []byte
		switch key & 7 {
		case 0:
			if value, n = binary.Uvarint(message); n <= 0 {
				return errCutOff
			}
		case 1:
			n = 8
		case 2:
			size, head := binary.Uvarint(message)
			if head <= 0 || size > uint64(len(message)-head) {
				return errCutOff
			}
			body, n = message[head:head+int(size)], head+int(size)
		case 5:
			n = 4
		default:
			return errCutOff
		}
		if n > len(message) {
			return errCutOff
		}
		message = message[n:]
		if err := do(int(key>>3), value, body); err != nil {
			return err
		}
	}
	return nil
}

// numbers appends those of a repeated field: one, or many that are packed.
func numbers(to []uint64, value uint64, packed []byte) ([]uint64, error) {
	if packed == nil {
		return append(to, value), nil
	}
	for len(packed) > 0 {
		v, n := binary.Uvarint(packed)
		if n <= 0 {
			return to, errCutOff
		}
		to, packed = append(to, v), packed[n:]
	}
	return to, nil
}
