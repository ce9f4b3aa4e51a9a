package doctor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/echo"
	"github.com/fcbench/fcbench/internal/loglinear"
	"github.com/fcbench/fcbench/internal/runner"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// Receive is how late the answers of a service on loopback were taken, after the
// kernel had them: by fcbench, as the load goes on, and by a thread that does
// nothing but block in the kernel until the answer is there. Of the two, the
// second is the machine's part.
type Receive struct {
	Known                bool // else the system does not tell
	Rate                 units.Rate
	Answers, Missed      uint64
	P50, P99, Max        time.Duration // at most 1/32 too high
	ThreadP50, ThreadP99 time.Duration
}

const (
	askEvery = time.Millisecond // of both readers
	askMost  = 10_000           // questions of the thread
	scale    = loglinear.Scale(5)
)

// receive measures for about twice length.
func receive(ctx context.Context, length time.Duration) (r Receive, err error) {
	r.Rate = units.Rate{Count: int64(time.Second / askEvery), Per: time.Second}
	peer, err := echo.Start(ctx)
	if errors.Is(err, echo.ErrUnknown) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	defer peer.Close()
	r.Known = true
	asking := &asking{peer: peer, late: loglinear.New(scale)}
	defer asking.close()
	w, err := workload(r.Rate)
	if err != nil {
		return r, err
	}
	target := targets.Pooled(asking, targets.Info{}, 0)
	if _, _, err := measure(ctx, target, w, runner.Open(w.Schedule(length), 0), length, results.Real); err != nil {
		return r, err
	}
	asking.tell(&r)
	late, err := peer.Blocking(int(min(length/askEvery, askMost)), askEvery, time.Second)
	if err != nil {
		return r, err
	}
	slices.Sort(late)
	r.ThreadP50, r.ThreadP99 = rank(late, 50), rank(late, 99)
	return r, nil
}

// rank is a percentile of what is sorted, the smallest value that so many
// hundredths do not exceed.
func rank(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*percent+99)/100-1]
}

// asking is the caller of a service, with a connection for each request in flight.
type asking struct {
	peer *echo.Peer

	mu     sync.Mutex
	idle   []*echo.Reader
	late   *loglinear.Histogram
	missed uint64
}

// Do asks once.
func (a *asking) Do(ctx context.Context, _ targets.Clock, _ *targets.Request) targets.Response {
	reader, err := a.take()
	if err != nil {
		return targets.Failure(ctx, err)
	}
	late, err := reader.Ask(ctx)
	a.give(reader, late, err)
	if err != nil {
		return targets.Failure(ctx, err)
	}
	return targets.Response{Outcome: results.OK}
}

func (a *asking) take() (*echo.Reader, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.idle); n > 0 {
		reader := a.idle[n-1]
		a.idle = a.idle[:n-1]
		return reader, nil
	}
	return a.peer.Reader()
}

func (a *asking) give(reader *echo.Reader, late time.Duration, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.idle = append(a.idle, reader)
	if err != nil {
		a.missed++
		return
	}
	a.late.Add(int64(late))
}

func (a *asking) tell(r *Receive) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r.Answers, r.Missed = a.late.Count(), a.missed
	at := func(percent uint64) time.Duration {
		return time.Duration(a.late.At(loglinear.Quantile{Num: percent, Den: 100}))
	}
	r.P50, r.P99, r.Max = at(50), at(99), time.Duration(a.late.Max())
}

func (a *asking) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, reader := range a.idle {
		_ = reader.Close()
	}
}
