package runner

import "time"

// fade sends fewer and fewer of the arrivals that come next, so that what watches the
// target sees the load go. They belong to no window.
func (l *lane) fade() {
	if l.Fade == 0 || !l.partial && !l.FadeOut {
		return
	}
	l.fading = true
	from := l.now
	if !l.partial {
		from = l.Warmup + l.Window
	}
	for due, ok := l.source.Due(); ok && due < from+l.Fade && !l.session.ended.Load(); due, ok = l.source.Due() {
		if l.now < due {
			l.poll(due)
			continue
		}
		if !l.fresh {
			l.now, l.fresh = l.clock(), true
		}
		if l.unpolled >= pollEvery {
			l.poll(l.now)
		}
		if a := l.source.Take(); a.At >= from && stays(a.Seq, from+l.Fade-a.At, l.Fade) {
			l.release(a)
		}
	}
}

// stays reports whether an arrival is one of those that are still sent when so much is
// left of a fade. Multiples of the golden ratio are spread evenly, however many are taken.
func stays(seq uint64, left, of time.Duration) bool {
	const golden = 0x9E3779B97F4A7C15
	return float64(seq*golden>>11)/(1<<53) < float64(left)/float64(of)
}
