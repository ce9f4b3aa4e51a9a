package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/experiment"
	"github.com/fcbench/fcbench/internal/gateway"
	"github.com/fcbench/fcbench/internal/loglinear"
	"github.com/fcbench/fcbench/internal/strictyaml"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	flags      *pflag.FlagSet
	redis      string
	allowHosts []string
	sets       []string
	arrivals   string
	background bool
}

// serveFlags are those that are one value of the gateway's document each.
func serveFlags() []valueFlag {
	return []valueFlag{
		{"listen", "", "listen", "address to listen on (default 127.0.0.1:0, a free port on loopback)"},
		{"limiter", "", "limiter", "limiter in front, KIND:RATE:BURST or {kind: …} (see fcbench list limiters; default none)"},
		{"key", "", "key", "the limiter's key: header:NAME, query:NAME, path or remote (default remote)"},
		{"limit-headers", "", "headers", "fields about the limit: all, ratelimit, x-ratelimit or none (default all)"},
		{"service", "", "service", "how long a service takes, LAW:ARGUMENTS, such as exponential:2ms (default no time)"},
		{"servers", "", "servers", "requests in service at once; more wait (default one for each request)"},
		{"queue", "", "queue", "requests that wait at most; more are answered with 503 (default 1000)"},
		{"stall", "", "stall", "stand still for a time at the end of every period, FOR/EVERY, such as 1s/10s"},
		{"errors", "", "errors", "answer with errors: SHARE, SHARE:STATUS, or {share: …, status: …, at: …, for: …, every: …}"},
		{"body", "", "body", "bytes of an answer, LAW:ARGUMENTS, such as constant:1KiB (default none)"},
		{"close-every", "", "close_every", "answers after which a connection is closed (default never)"},
		{"idle-timeout", "", "idle_timeout", "time without a request after which a connection is closed (default never)"},
		{"seed", "", "seed", "seed of every random draw (default 1)"},
	}
}

func newServe(s streams) *cobra.Command {
	o := &serveOptions{}
	c := &cobra.Command{
		Use:   "serve [FILE]",
		Short: "Serve HTTP behind a limiter: a gateway to aim at",
		Long: `Serve is a service to send load to: HTTP/1.1 behind any limiter of the catalogue,
whose answers take what a law says. What the limiter refuses is answered with 429,
Retry-After and the fields RateLimit and RateLimit-Policy; what finds no place to
wait, and what a limiter that cannot decide does not let through, with 503.

When it is ready it says where on stdout: "serving on http://127.0.0.1:PORT". It
ends with SIGINT, SIGTERM or SIGHUP, and says on stderr what became of all requests.
/metrics has the same for Prometheus. A FILE in YAML says what the flags do, which
change what it says.

With --arrival-stats it is another service: it answers everything with 200, and says
in the end how far requests were from a grid of that rate, whoever sent them. What
was found so far is at /arrival-stats, as JSON; DELETE begins anew.`,
		Example: `  fcbench serve --limiter gcra:100/s:20 --key header:X-Api-Key
  fcbench serve --limiter redis-gcra:100/s:20 --redis 127.0.0.1:6379 --listen 127.0.0.1:8080
  fcbench serve --limiter '{kind: redis-gcra, rate: 10/s, burst: 5, on_error: open, deadline: 50ms}'
  fcbench serve --service lognormal:2ms:0.5 --servers 8 --queue 100 --stall 1s/10s --errors 5%
  fcbench serve --service weighted:1ms=95,50ms=5 --body constant:1KiB --close-every 100
  fcbench serve gateway.yaml --listen 127.0.0.1:9000
  fcbench serve --arrival-stats 10k/s`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if o.background {
				return o.inBackground(s, args)
			}
			if o.flags.Changed("arrival-stats") {
				return o.arrivalStats(c.Context(), s, strings.Join(args, ""))
			}
			return o.run(c.Context(), s, strings.Join(args, ""))
		},
	}
	o.declare(c.Flags())
	return c
}

// declare adds the flags of serve.
func (o *serveOptions) declare(flags *pflag.FlagSet) {
	o.flags = flags
	for _, v := range serveFlags() {
		o.flags.StringP(v.name, v.short, "", v.doc)
	}
	o.flags.StringVar(&o.arrivals, "arrival-stats", "", "answer with 200 and measure how far requests are from a grid of this rate (Linux)")
	o.flags.BoolVar(&o.background, "background", false, "return when it is ready, and leave it running: for the hooks of a scenario")
	o.flags.StringVar(&o.redis, "redis", "", "Redis of the limiter, host:port, socket path or URL (default: one of fcbench's own)")
	o.flags.StringArrayVar(&o.allowHosts, "allow-host", nil, "host beyond loopback that Redis may be on (repeatable)")
	o.flags.StringArrayVar(&o.sets, "set", nil, "set any value of the file, path=value")
}

func (o *serveOptions) run(ctx context.Context, s streams, file string) error {
	doc, err := o.document(file)
	if err != nil {
		return err
	}
	plan, err := gateway.NewPlan(doc)
	if err == nil {
		err = o.checkRedis(plan)
	}
	if err != nil {
		return usage(err)
	}
	w := newWorld(s, o.redis)
	ctx, stop := interruptible(ctx, s.err, func() { _ = w.Close() })
	defer stop()
	return errors.Join(o.serve(ctx, s, w, plan), w.Close())
}

// document is the file's, changed by the flags.
func (o *serveOptions) document(file string) (*strictyaml.Node, error) {
	doc := strictyaml.NewMap("flags")
	if file != "" {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, usage(err)
		}
		if doc, err = strictyaml.Parse(file, src); err != nil {
			return nil, err
		}
	}
	for _, v := range serveFlags() {
		if f := o.flags.Lookup(v.name); f.Changed {
			doc.Put(v.path, strictyaml.Value("--"+v.name, f.Value.String()))
		}
	}
	return doc, setPaths(o.sets, doc.Set)
}

// checkRedis refuses an address that was given and is none, or that nobody asks.
func (o *serveOptions) checkRedis(p *gateway.Plan) error {
	for _, flag := range []string{"redis", "allow-host"} {
		if o.flags.Changed(flag) && !p.NeedsRedis() {
			return fmt.Errorf("--%s has no effect here; want it with a limiter on Redis, such as --limiter redis-gcra:100/s:20", flag)
		}
	}
	return checkRedis(o.flags, o.redis)
}

// serve opens what is needed, says where it serves, and does until ctx ends.
func (o *serveOptions) serve(ctx context.Context, s streams, w *experiment.World, p *gateway.Plan) error {
	outside := gateway.Outside{Warn: s.say}
	if p.NeedsRedis() {
		dialer, err := dial.New(o.allowHosts)
		if err != nil {
			return usage(err)
		}
		if outside.Limiters.Redis, err = w.StartRedis(ctx, dialer); err != nil {
			return err
		}
	}
	outside.Limiters.Prefix = fmt.Sprintf("fcbench:%d:%x:serve:", os.Getpid(), time.Now().UnixNano())
	return serveOn(ctx, s, p, outside)
}

func serveOn(ctx context.Context, s streams, p *gateway.Plan, outside gateway.Outside) error {
	l, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", p.Listen, err)
	}
	if outside.Clock, err = gateway.NewClock(); err != nil {
		return errors.Join(err, l.Close())
	}
	g, err := gateway.New(ctx, p, outside)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if _, err = fmt.Fprintf(s.out, "serving on http://%s\n", l.Addr()); err != nil {
		err = errors.Join(err, l.Close())
	} else {
		err = g.Serve(ctx, l, p)
	}
	err = errors.Join(err, g.Close(context.WithoutCancel(ctx)))
	summarise(s.err, g.Counts())
	return err
}

// summarise says what became of all requests.
func summarise(w io.Writer, c *gateway.Counts) {
	fmt.Fprintf(w, "fcbench: served %d requests:", c.Requests())
	for o, n := range c.Outcomes() {
		if n > 0 || o == gateway.OK {
			fmt.Fprintf(w, " %s %d", o, n)
		}
	}
	fmt.Fprintln(w)
	for text, n := range c.Oddities() {
		if n > 0 {
			fmt.Fprintf(w, "fcbench: %s %d times\n", text, n)
		}
	}
	p50, _, n := c.Late(loglinear.Quantile{Num: 50, Den: 100})
	p99, most, _ := c.Late(loglinear.Quantile{Num: 99, Den: 100})
	if n > 0 {
		fmt.Fprintf(w, "fcbench: answers were ready after their service had ended by p50 %v, p99 %v, at most %v\n", p50, p99, most)
	}
}
