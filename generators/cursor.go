package generators

import (
	"strconv"
	"time"
)

// A cursor is a stream of a workload as one schedule goes through it.
type cursor struct {
	stream
	class    uint8
	table    *keyTable
	due      Times
	recorded Recorded // due, if it is a recording's
	at       time.Duration
	live     bool   // at is due; else the stream is at its end
	k        uint64 // arrivals so far
	read     uint64 // closed: records read of the recording since its start
	buffer   []byte // room for the name of a key
}

func (w *Workload) cursors() []cursor {
	cursors := make([]cursor, len(w.streams))
	for i, s := range w.streams {
		cursors[i] = cursor{stream: s, class: uint8(i), table: w.keys}
	}
	return cursors
}

// isRecorded reports whether keys or costs are as recorded.
func (c *cursor) isRecorded() bool {
	_, ok := c.process.(Recording)
	return ok && (c.keys == nil || c.cost == nil)
}

func (c *cursor) start(horizon time.Duration) {
	c.due = c.process.Times(c.times, horizon)
	c.recorded, _ = c.due.(Recorded)
	c.read = 0
}

// fill says who arrives, at what cost and how large.
func (c *cursor) fill(a *Arrival) {
	a.Class, a.Cost, a.Size = c.class, 1, 0
	if c.recorded != nil {
		a.Key, a.Cost = c.recorded.Record()
	}
	if c.keys != nil {
		c.fillKey(a, c.keys.Pick(c.keySeed, c.k))
	} else {
		a.KeyID, _ = c.table.find(a.Key)
	}
	if c.cost != nil {
		a.Cost = c.cost.Draw(c.costs, c.k)
	}
	if c.size != nil {
		a.Size = int(c.size.Draw(c.sizes, c.k))
	}
}

// fillKey names key i of the stream's law; a name that is not kept is made.
func (c *cursor) fillKey(a *Arrival, i uint64) {
	if a.KeyID = c.space.id(i); a.KeyID != NoKeyID {
		a.Key = c.table.name(a.KeyID)
		return
	}
	c.buffer = strconv.AppendUint(append(c.buffer[:0], c.prefix...), i, 10)
	a.Key = string(c.buffer)
}
