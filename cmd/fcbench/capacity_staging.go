package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/guards"
	"github.com/fcbench/fcbench/internal/hooks"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/internal/units"
)

// stagingOptions are the flags of capacity that spare a target which others use too.
type stagingOptions struct {
	guards                            []string
	every, beat, reset                string
	within                            string // that --dead-man is touched
	resetWithin                       string
	bound                             string // --max-rate, where there is one
	asked                             []guards.Guard
	askEvery, beatWithin, resetAtMost time.Duration
	rampDown                          string
	fade                              time.Duration // that it is
}

func (o *stagingOptions) declare(f *pflag.FlagSet) {
	f.StringArrayVar(&o.guards, "guard", nil, "what has to hold before and during trials, or the search is given up: a command that ends with status 0, or 'prom:URL QUERY < NUMBER' (repeatable)")
	f.StringVar(&o.every, "guard-every", "1s", "how often guards are asked during a trial")
	f.StringVar(&o.beat, "dead-man", "", "file that has to be touched again and again, or - for standard input that has to stay open, or the search is given up")
	f.StringVar(&o.within, "dead-man-within", "10s", "how often the file of --dead-man has to be touched at least")
	f.StringVar(&o.rampDown, "ramp-down", "0s", "how long arrivals become fewer and fewer after a trial that may be an overload, and where the search is given up, in the place of none at once")
	f.StringVar(&o.reset, "reset-cmd", "", "command run before every trial that brings the target back to its first state; the search is given up when it fails")
	f.StringVar(&o.resetWithin, "reset-within", "1m", "how long --reset-cmd may take until it is killed, which is a failure")
}

// The intervals that guards may be asked at.
const (
	oftenest = 50 * time.Millisecond
	seldom   = time.Minute
)

// check reads the flags and says all that is wrong with them.
func (o *stagingOptions) check(f *pflag.FlagSet, doc *strictyaml.Node) (err error) {
	wrong := func(problem error) { err = errors.Join(err, problem) }
	for _, c := range []struct {
		flag, want string
		ok         bool
	}{
		{"guard-every", "--guard or --dead-man", len(o.guards) > 0 || o.beat != ""},
		{"dead-man-within", "--dead-man FILE", o.beat != "" && o.beat != "-"},
		{"reset-within", "--reset-cmd", o.reset != ""},
	} {
		if f.Changed(c.flag) && !c.ok {
			wrong(fmt.Errorf("--%s has no effect here; want it with %s", c.flag, c.want))
		}
	}
	for _, flag := range []string{"dead-man", "reset-cmd"} {
		if text := f.Lookup(flag).Value.String(); f.Changed(flag) && (strings.TrimSpace(text) == "" || strings.ContainsRune(text, 0)) {
			wrong(fmt.Errorf("--%s is blank, or holds a NUL; want something, or the flag left out", flag))
		}
	}
	var every, within, reset error
	o.askEvery, every = lengthOf("--guard-every", o.every)
	o.beatWithin, within = lengthOf("--dead-man-within", o.within)
	o.resetAtMost, reset = lengthOf("--reset-within", o.resetWithin)
	if every == nil && (o.askEvery < oftenest || o.askEvery > seldom) {
		every = fmt.Errorf("--guard-every is %v; want %v to %v", o.askEvery, oftenest, seldom)
	}
	if fade, err := units.ParseDuration(o.rampDown); err != nil || fade < 0 || fade.Std() > seldom {
		wrong(fmt.Errorf("--ramp-down is %q; want 0s to %v", o.rampDown, seldom))
	} else if o.fade = fade.Std(); o.fade > 0 && doc.Get("load").Get("model").String() == "closed" {
		wrong(errors.New("--ramp-down stands beside a closed loop, whose clients come one by one; want an open loop, or the flag left out"))
	}
	wrong(errors.Join(every, within, reset))
	wrong(o.parse(doc))
	return err
}

// parse reads the guards, which may ask whom the scenario may send to.
func (o *stagingOptions) parse(doc *strictyaml.Node) (err error) {
	var hosts []string
	for _, host := range doc.Get("allow_hosts").Items() {
		hosts = append(hosts, host.String())
	}
	dialer, err := dial.New(hosts)
	if err != nil {
		return nil // the scenario says so, with its place
	}
	for i, text := range o.guards {
		g, problem := guards.Parse(text, dialer)
		if problem != nil {
			err = errors.Join(err, fmt.Errorf("--guard %d of %d: %w", i+1, len(o.guards), problem))
			continue
		}
		o.asked = append(o.asked, g)
	}
	return err
}

// watch asks the guards; nil where there are none.
func (o *stagingOptions) watch(stdin io.Reader) *guards.Watch {
	all := o.asked
	switch o.beat {
	case "":
	case "-":
		all = append(all, guards.Connected(stdin))
	default:
		all = append(all, guards.Beating(o.beat, o.beatWithin))
	}
	if len(all) == 0 {
		return nil
	}
	return guards.New(o.askEvery, all...)
}

// resetError is a reset that failed.
type resetError struct{ why string }

func (e *resetError) Error() string { return e.why }

// resetting brings the target back to its first state.
func (o *stagingOptions) resetting() func(context.Context) error {
	if o.reset == "" {
		return nil
	}
	return func(ctx context.Context) error {
		printed, err := hooks.Shell(ctx, o.reset, o.resetAtMost)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case strings.TrimSpace(printed) == "":
			printed = "it printed nothing"
		}
		return &resetError{fmt.Sprintf("--reset-cmd %q: %v: %s", o.reset, err, strings.TrimSpace(printed))}
	}
}

// announce prints what is watched.
func (o *stagingOptions) announce(w io.Writer) {
	if o.bound != "" {
		fmt.Fprintf(w, "bound     max_rate %s: no second of any trial brings more\n", o.bound)
	}
	for _, g := range o.asked {
		fmt.Fprintf(w, "guard     %s\n", strings.TrimPrefix(g.String(), "--guard "))
	}
	if o.beat == "-" {
		fmt.Fprintln(w, "dead man  standard input has to stay open")
	} else if o.beat != "" {
		fmt.Fprintf(w, "dead man  %s has to be touched every %v at least\n", o.beat, o.beatWithin)
	}
	if len(o.asked) > 0 || o.beat != "" {
		fmt.Fprintf(w, "guarded   before trials and every %v of them; what cannot be asked %d times in a row counts as what does not hold\n", o.askEvery, guards.Times)
	}
	if o.fade > 0 {
		fmt.Fprintf(w, "ramp down over %v after trials of the ramp and the overload in the end, and where the search is given up\n", o.fade)
	}
	if o.reset != "" {
		fmt.Fprintf(w, "reset     %s, before every trial, within %v\n", o.reset, o.resetAtMost)
	}
}
