package imported

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/results"
)

// requests are those of a file that has each of them.
type requests struct {
	from time.Time // that all instants are offsets from
	all  []results.Sample
}

// What a request may have taken, and how far from each other two may be.
const (
	mostTook = time.Hour
	mostSpan = 7 * 24 * time.Hour
)

// add notes a request that was sent at an instant and took so long.
func (q *requests) add(in *input, sent time.Time, took time.Duration, o results.Outcome, status int, cause string) error {
	if len(q.all) == 0 {
		q.from = sent
	}
	at := sent.Sub(q.from)
	switch {
	case took < 0 || took > mostTook:
		return in.wrong("a request took %v; want 0 to %v", took, mostTook)
	case at > mostSpan || at < -mostSpan:
		return in.wrong("a request was sent at %s, %v from the first; want all within %v", sent.Format(time.RFC3339), at, mostSpan)
	case status < 0 || status > 999:
		return in.wrong("status is %d; want 0 to 999", status)
	}
	q.all = append(q.all, results.Sample{Started: at, Done: at + took, Outcome: o, Status: uint16(status), Cause: cause})
	return nil
}

// run counts the requests as a loop would have that sent them.
func (q *requests) run(in *input, form string) (*results.Run, error) {
	if len(q.all) == 0 {
		return nil, in.wrong("there is no request; want %s's %s of a run that made some", in.tool, in.doc())
	}
	first := slices.MinFunc(q.all, func(a, b results.Sample) int { return cmp.Compare(a.Started, b.Started) }).Started
	for i := range q.all {
		s := &q.all[i]
		s.Started, s.Done = s.Started-first, s.Done-first
		s.Intended, s.Released = s.Started, s.Started
	}
	shard := results.NewShard(results.Options{})
	last := q.play(shard)
	m, err := results.Merge(results.Options{}, shard)
	if err != nil {
		return nil, err
	}
	run := in.header(form)
	run.StartedAt = q.from.Add(first).UTC()
	m.Fill(run, max(last, 1))
	run.Attempts = run.Offered
	run.Keys, run.Decisions = nil, nil                     // which nobody noted
	run.Latency.Response, run.Latency.SendDelay = nil, nil // nor when requests were due
	for i := range run.Intervals {
		run.Intervals[i].P50NS, run.Intervals[i].P99NS = nil, nil // which are of response times
	}
	return in.know(run, func(line map[string]any) {
		outcomes := line["outcomes"].(map[string]any)
		outcomes[results.Shed.String()], outcomes[results.Unsent.String()] = nil, nil // which no file tells of
	})
}

// play hands the requests to a shard in the order of time, and returns when the last was
// answered.
func (q *requests) play(to *results.Shard) (last time.Duration) {
	slices.SortStableFunc(q.all, func(a, b results.Sample) int { return cmp.Compare(a.Started, b.Started) })
	ends := make([]int, len(q.all))
	for i := range ends {
		ends[i] = i
	}
	slices.SortStableFunc(ends, func(i, k int) int { return cmp.Compare(q.all[i].Done, q.all[k].Done) })
	sent := 0
	for _, i := range ends {
		for sent < len(q.all) && q.all[sent].Started <= q.all[i].Done {
			to.Offer(q.all[sent].Intended, 0, 0, 1)
			sent++
		}
		to.Record(&q.all[i])
		last = q.all[i].Done
	}
	return last
}

// httpOutcome is what an answer of HTTP means here: 2xx and 3xx are ok, 429 and 503
// refusals; without an answer the status is 0.
func httpOutcome(status int, why string, timedOut bool) (results.Outcome, string) {
	switch {
	case timedOut:
		return results.TimedOut, "timeout"
	case status == 429, status == 503:
		return results.Rejected, strconv.Itoa(status)
	case status >= 200 && status < 400:
		return results.OK, ""
	case status == 0:
		return results.Failed, cmp.Or(why, "no answer")
	}
	return results.Failed, "status " + strconv.Itoa(status)
}
