package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
	"github.com/fcbench/fcbench/limiters"
)

// MetricsPath is where the metrics are. Nothing limits them, and they are not counted.
const MetricsPath = "/metrics"

func (g *Gateway) metrics(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	g.counts.expose(w)
}

// expose writes the counts in the text format of Prometheus.
func (c *Counts) expose(w io.Writer) {
	head := func(name, kind, help string) { fmt.Fprintf(w, "# HELP %s %s\n# TYPE %[1]s %[3]s\n", name, help, kind) }
	head("fcbench_gateway_requests_total", "counter", "Requests, by what became of them.")
	for o := range Outcome(outcomes) {
		fmt.Fprintf(w, "fcbench_gateway_requests_total{outcome=%q} %d\n", o, c.Of(o))
	}
	head("fcbench_gateway_decisions_total", "counter", "Decisions, by who decided: the limiter (primary), or a policy where it did not.")
	for m := range limiters.Mode(modes) {
		fmt.Fprintf(w, "fcbench_gateway_decisions_total{mode=%q} %d\n", m, c.modes[m].Load())
	}
	for _, one := range []struct {
		name, help string
		value      uint64
	}{
		{"fcbench_gateway_limiter_failures_total", "Times that the limiter did not decide.", c.errors.Load()},
		{"fcbench_gateway_keyless_total", "Requests without a key, which share one.", c.keyless.Load()},
		{"fcbench_gateway_permits_lost_total", "Permits that could not be given back.", c.kept.Load()},
	} {
		head(one.name, "counter", one.help)
		fmt.Fprintf(w, "%s %d\n", one.name, one.value)
	}
	c.exposeTimes(w)
	c.exposeLateness(w)
}

func (c *Counts) exposeTimes(w io.Writer) {
	const name = "fcbench_gateway_request_seconds"
	fmt.Fprintf(w, "# HELP %s Time from the headers of a request to its answer.\n# TYPE %[1]s histogram\n", name)
	var sum uint64
	for i := range c.times {
		le := "+Inf"
		if i < len(bounds) {
			le = seconds(bounds[i])
		}
		sum += c.times[i].Load()
		fmt.Fprintf(w, "%s_bucket{le=%q} %d\n", name, le, sum)
	}
	fmt.Fprintf(w, "%s_sum %s\n%[1]s_count %[3]d\n", name, seconds(time.Duration(c.took.Load())), sum)
}

// exposeLateness writes how late answers were ready after their service ended.
func (c *Counts) exposeLateness(w io.Writer) {
	const name = "fcbench_gateway_late_seconds"
	fmt.Fprintf(w, "# HELP %s How late answers were ready after the end of their service.\n# TYPE %[1]s summary\n", name)
	var n uint64
	for _, q := range []loglinear.Quantile{{Num: 50, Den: 100}, {Num: 99, Den: 100}, {Num: 1, Den: 1}} {
		var late time.Duration
		late, _, n = c.Late(q)
		fmt.Fprintf(w, "%s{quantile=%q} %s\n", name, strconv.FormatFloat(float64(q.Num)/float64(q.Den), 'g', -1, 64), seconds(late))
	}
	c.mu.Lock()
	sum := c.all
	c.mu.Unlock()
	fmt.Fprintf(w, "%s_sum %s\n%[1]s_count %[3]d\n", name, seconds(sum), n)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }
