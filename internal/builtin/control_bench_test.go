package builtin_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/pipelines"
)

// BenchmarkControl is what the decisions of each policy cost an item: it is offered, and
// one is taken, at twice as many offers as takes.
func BenchmarkControl(b *testing.B) {
	for _, kind := range builtin.Pipelines().Names() {
		b.Run(kind, func(b *testing.B) {
			name, decode := strictyaml.Part(strictyaml.NewScalar("bench", kind))
			policy, _, err := builtin.Pipelines().Build(name, decode)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			q, now := pipelines.NewQueue(policy), time.Duration(0)
			var it pipelines.Item
			for i := range b.N {
				now += 500 * time.Microsecond
				it = pipelines.Item{Token: uint32(i), Key: uint64(i % 10), Priority: uint8(i % 3), Size: 1024, Intended: now, Deadline: now + 100*time.Millisecond}
				q.Offer(now, &it)
				if i%2 == 0 || kind == "block" || kind == "unbuffered" { // at whose door they would wait for ever
					q.Take(now, &it)
					q.Served(now, 10*time.Millisecond)
				}
			}
		})
	}
}
