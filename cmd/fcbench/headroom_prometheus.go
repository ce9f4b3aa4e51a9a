package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/headroom"
	"github.com/fcbench/fcbench/internal/prometheus"
)

// prometheusOptions are the flags that say what to ask which server.
type prometheusOptions struct {
	address           string
	query             string
	last, until, step string
	headers           []string
	allowHosts        []string

	wanted prometheus.Range
	client *prometheus.Client
}

func (p *prometheusOptions) declare(f *pflag.FlagSet) {
	f.StringVar(&p.address, "prometheus", "", "Prometheus to ask for the traffic, http://HOST:PORT, in the place of --traffic")
	f.StringVar(&p.query, "query", "", "what to ask it: one series in requests per second, such as 'sum(rate(http_requests_total[1m]))'")
	f.StringVar(&p.last, "last", "7d", "how long before --until to look at")
	f.StringVar(&p.until, "until", "", "instant to look at last, such as 2026-03-01T12:00:00Z (default now)")
	f.StringVar(&p.step, "step", "1m", "from one sample to the next; as long as the window of the query's rate, so that nothing falls between")
	f.StringArrayVarP(&p.headers, "header", "H", nil, "header of the question, 'Name: value' (repeatable)")
	f.StringArrayVar(&p.allowHosts, "allow-host", nil, "host beyond loopback that --prometheus may name (repeatable)")
}

// check reads the flags and says all that is wrong with them.
func (p *prometheusOptions) check(f *pflag.FlagSet) (err error) {
	if !f.Changed("prometheus") {
		for _, flag := range []string{"query", "last", "until", "step", "header", "allow-host"} {
			if f.Changed(flag) {
				err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with --prometheus", flag))
			}
		}
		return err
	}
	if strings.TrimSpace(p.query) == "" {
		err = errors.New("--query is missing; want one series in requests per second, such as 'sum(rate(http_requests_total[1m]))'")
	}
	err = errors.Join(err, p.span())
	dialer, problem := dial.New(p.allowHosts)
	err = errors.Join(err, problem)
	header, problem := headersOf(p.headers)
	if err = errors.Join(err, problem); dialer == nil {
		return err
	}
	if p.client, problem = prometheus.New(p.address, header, dialer); problem != nil {
		err = errors.Join(err, fmt.Errorf("--prometheus: %w", problem))
	}
	return err
}

// span reads the time to look at.
func (p *prometheusOptions) span() (err error) {
	until := time.Now()
	if p.until != "" {
		if until, err = time.Parse(time.RFC3339, p.until); err != nil {
			err = fmt.Errorf("--until is %q; want an instant such as 2026-03-01T12:00:00Z", p.until)
		}
	}
	last, problem := lengthOf("--last", p.last)
	err = errors.Join(err, problem)
	step, problem := lengthOf("--step", p.step)
	if err = errors.Join(err, problem); err != nil {
		return err
	}
	p.wanted = prometheus.Range{Query: p.query, From: until.Add(-last).Truncate(time.Millisecond), To: until.Truncate(time.Millisecond), Step: step}
	if err := p.wanted.Check(); err != nil {
		return fmt.Errorf("--step, --last: %w", err)
	}
	return nil
}

// headersOf reads "Name: value".
func headersOf(texts []string) (http.Header, error) {
	h := http.Header{}
	var err error
	for _, text := range texts {
		name, value, ok := strings.Cut(text, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(text, "\r\n") || strings.ContainsAny(name, " \t\"(),/;<=>?@[]{}\\") {
			err = errors.Join(err, errors.New("--header is no header; want 'Name: value'")) // and not shown, as it may be secret
			continue
		}
		h.Add(name, strings.TrimSpace(value))
	}
	return h, err
}

// observed asks, for at most half a minute.
func (p *prometheusOptions) observed(ctx context.Context) (*observedTraffic, error) {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := p.client.Range(within, p.wanted)
	name := "prometheus " + p.client.Address()
	var refused *prometheus.RefusedError
	var forbidden *dial.RefusedError
	switch {
	case errors.As(err, &refused) && (refused.Kind == "bad_data" || refused.Kind == "execution"), errors.As(err, &forbidden):
		return nil, usage(fmt.Errorf("%s: %w", name, err))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &observedTraffic{Source: name + ": " + p.query, Warnings: answer.Warnings, Infos: answer.Infos}
	samples, err := oneSeries(answer.Series)
	if err == nil {
		t.Traffic, err = headroom.Observe(samples)
	}
	if err == nil {
		if steps := int(p.wanted.To.Sub(p.wanted.From)/p.wanted.Step) + 1; steps > t.Intervals {
			t.Missing = steps - t.Intervals // at both ends too
		}
		t.Width = p.wanted.Step.Seconds()
	}
	return t, trafficFailure(nameEach(name, err))
}

// patience is how long a server may take to answer.
const patience = 30 * time.Second

// mostNamed is how many series are named where there is more than one.
const mostNamed = 5

// oneSeries are the samples of the only series.
func oneSeries(all []prometheus.Series) (samples []headroom.Sample, err error) {
	if len(all) == 0 {
		return nil, fmt.Errorf("the query finds no series: %w", headroom.ErrNoTraffic)
	}
	if n := len(all); n > 1 {
		var names []string
		for _, s := range all[:min(n, mostNamed)] {
			names = append(names, s.String())
		}
		if n > mostNamed {
			names = append(names, fmt.Sprintf("%d more", n-mostNamed))
		}
		return nil, fmt.Errorf("the query finds %d series: %s; want one, as by sum(…)", n, strings.Join(names, ", "))
	}
	for _, s := range all[0].Samples {
		samples = append(samples, headroom.Sample{At: float64(s.At.UnixMilli()) / 1e3, Stamp: s.At.Format(time.RFC3339Nano), Value: s.Value})
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("%s has no samples: %w", all[0], headroom.ErrNoTraffic)
	}
	return samples, nil
}
