package pipelines

import "time"

// door is where those wait whom a policy has no room for, in the order in which
// they came. All have the patience of one policy, so that they also give up in it.
type door struct{ ring[waiter] }

type waiter struct {
	item  Item
	until time.Duration
}

func (d *door) push(it *Item, until time.Duration) { *d.ring.push() = waiter{*it, until} }
func (d *door) first() *waiter                     { return d.at(0) }
func (d *door) pop() *waiter                       { return d.popFront() }
