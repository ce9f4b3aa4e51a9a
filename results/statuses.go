package results

import (
	"fmt"
	"strconv"
	"strings"
)

// statuses counts answers by the status that the service gave them.
type statuses struct {
	counts []uint64 // by status; made with the first one
	beyond uint64   // of no status that HTTP can have
}

// statusEnd is beyond every status that HTTP can have: they have three digits.
const statusEnd = 1000

func (s *statuses) note(status uint16) {
	switch {
	case status == 0:
	case status >= statusEnd:
		s.beyond++
	default:
		if s.counts == nil {
			s.counts = make([]uint64, statusEnd)
		}
		s.counts[status]++
	}
}

func (s *statuses) add(other *statuses) {
	s.beyond += other.beyond
	if s.counts == nil && other.counts != nil {
		s.counts = make([]uint64, statusEnd)
	}
	for status, n := range other.counts {
		s.counts[status] += n
	}
}

// byName returns the counts of those that came; nil where none did.
func (s *statuses) byName() (named map[string]uint64) {
	put := func(name string, n uint64) {
		if n == 0 {
			return
		}
		if named == nil {
			named = map[string]uint64{}
		}
		named[name] = n
	}
	for status, n := range s.counts {
		put(strconv.Itoa(status), n)
	}
	put(otherCause, s.beyond)
	return named
}

// unreadRetries says how many refusals asked for a wait that was not understood:
// their callers did not come back, as if nothing had been said.
func (t *tally) unreadRetries() []string {
	if t.unread == 0 {
		return nil
	}
	return []string{fmt.Sprintf("retry-after: not understood in %d refusals, whose callers were not told when to come back; "+
		"want seconds, or a date in an answer that has a Date", t.unread)}
}

const (
	statusPrefix = "statuses."
	statusShare  = ".share"
)

// statusMetric is the metric at "statuses.404", "statuses.4xx" or either with
// ".share". Its run has a value as soon as any answer had a status.
func statusMetric(path string) (e entry, ok bool) {
	name, share := strings.CutSuffix(strings.TrimPrefix(path, statusPrefix), statusShare)
	if !strings.HasPrefix(path, statusPrefix) || !isStatus(name) {
		return entry{}, false
	}
	e.Metric = Metric{path, UnitCount, Neither, "answers with that status, or with one of its hundred"}
	if share {
		e.Unit, e.Doc = UnitShare, "likewise, as a share of offered"
	}
	e.get = func(run *Run) (float64, bool) {
		n, offered := float64(countStatuses(run.Statuses, name)), float64(run.Offered)
		switch {
		case share && offered > 0:
			n /= offered
		case share:
			return 0, false
		}
		return n, len(run.Statuses) > 0
	}
	return e, true
}

func countStatuses(all map[string]uint64, name string) (n uint64) {
	hundred, several := strings.CutSuffix(name, "xx")
	for status, count := range all {
		if status == name || several && strings.HasPrefix(status, hundred) && status != otherCause {
			n += count
		}
	}
	return n
}

// isStatus reports whether name is a status, or a digit and xx for a hundred of them.
func isStatus(name string) bool {
	digits, several := strings.CutSuffix(name, "xx")
	if want := 3; len(digits) != want && !(several && len(digits) == 1) {
		return false
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	return err == nil && (n >= 100 || several && 1 <= n && n <= 9)
}
