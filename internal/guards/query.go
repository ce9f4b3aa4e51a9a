package guards

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/prometheus"
	"github.com/fcbench/fcbench/results"
)

// queried is what a guard begins with that is a query.
const queried = "prom"

const spelling = "'prom:http://HOST:PORT QUERY < NUMBER'"

// query holds while every series that is found compares as it says.
type query struct {
	client *prometheus.Client
	text   string
	op     string
	bound  float64
}

// newQuery reads URL QUERY COMPARISON NUMBER.
func newQuery(text string, d *dial.Dialer) (Guard, error) {
	address, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	client, err := prometheus.New(address, nil, d)
	asked, op, bound, problem := comparison(rest)
	if err = errors.Join(err, problem); err != nil {
		return nil, err
	}
	return &query{client, asked, op, bound}, nil
}

// comparison takes the last one of a text, and the number behind it.
func comparison(text string) (before, op string, bound float64, err error) {
	parts := regexp.MustCompile(`^(.*[^\s<>=!])\s*(<=|>=|==|!=|<|>)\s*([^\s<>=!]+)$`).FindStringSubmatch(strings.TrimSpace(text))
	if parts != nil {
		bound, err = strconv.ParseFloat(parts[3], 64)
	}
	if parts == nil || err != nil || math.IsNaN(bound) || math.IsInf(bound, 0) {
		return "", "", 0, fmt.Errorf("what it asks is %q; want a query, one of <, <=, >, >=, ==, != and a number, such as sum(rate(errors_total[1m])) < 5", strings.TrimSpace(text))
	}
	return strings.TrimSpace(parts[1]), parts[2], bound, nil
}

func (q *query) String() string {
	return fmt.Sprintf("--guard %s:%s %s %s %g", queried, q.client.Address(), q.text, q.op, q.bound)
}

// Ask asks for the values of this moment. A query that finds nothing, or no number, says
// nothing.
func (q *query) Ask(ctx context.Context) error {
	answer, err := q.client.Now(ctx, q.text)
	if err != nil {
		return err
	}
	if len(answer.Series) == 0 {
		return errors.New("the query finds no series")
	}
	var unknown error
	for _, s := range answer.Series {
		switch v := s.Samples[0].Value; {
		case math.IsNaN(v):
			unknown = fmt.Errorf("%s is no number", s)
		case !q.holds(v):
			return tripped(q, "%s is %g", s, v)
		}
	}
	return unknown
}

func (q *query) holds(v float64) bool { return results.Compare(q.op, v, v, q.bound) }
