package targets

import (
	"runtime"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Mailbox brings the answers of workers to the loop of their lane. It takes as many
// as the lane has in flight, so that putting one in never waits.
type Mailbox struct {
	env     Env
	answers chan answer
	open    int // expected, and not yet handed over
	timer   *time.Timer
}

type answer struct {
	token uint32
	at    time.Duration
	resp  Response
}

// NewMailbox returns the mailbox of a lane.
func NewMailbox(env Env) *Mailbox {
	return &Mailbox{env: env, answers: make(chan answer, env.InFlight)}
}

// Expect says that one more answer is to come. Only the loop calls it.
func (m *Mailbox) Expect() { m.open++ }

// Put is called by whoever has the answer.
func (m *Mailbox) Put(token uint32, at time.Duration, r *Response) {
	m.answers <- answer{token, at, *r}
}

// pacedFor is how long before the next instant the loop stops listening for
// answers and waits by the pacer, which is more punctual.
const pacedFor = 2 * time.Millisecond

// Poll is that of an [Async].
func (m *Mailbox) Poll(now, until time.Duration, done Done) time.Duration {
	if m.take(done) || until <= now {
		return m.env.Clock()
	}
	now = m.env.Clock()
	left, plain := until-now, m.env.Time == results.Bubble
	switch {
	case m.open == 0 || (!plain && left <= pacedFor):
		runtime.Gosched() // let workers that became ready run before the thread sleeps
		now = m.env.Wait(now, until)
		m.take(done)
		return now
	case plain:
		m.listen(left, done)
	default:
		m.listen(left-pacedFor, done)
	}
	return m.env.Clock()
}

// take hands over the answers that are there.
func (m *Mailbox) take(done Done) (some bool) {
	for {
		select {
		case a := <-m.answers:
			m.hand(&a, done)
			some = true
		default:
			return some
		}
	}
}

// listen waits for one answer, no longer than left.
func (m *Mailbox) listen(left time.Duration, done Done) {
	if m.timer == nil {
		m.timer = time.NewTimer(left)
	} else {
		m.timer.Reset(left)
	}
	select {
	case a := <-m.answers:
		m.hand(&a, done)
		m.take(done)
	case <-m.timer.C:
	}
	m.timer.Stop()
}

func (m *Mailbox) hand(a *answer, done Done) {
	m.open--
	done(a.token, a.at, &a.resp)
}
