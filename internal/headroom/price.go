package headroom

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// Price is what an instance costs, and all that it needs for itself.
type Price struct {
	Currency string             `yaml:"currency"`
	PerHour  map[string]float64 `yaml:"per_hour"` // by what is paid for
}

// ReadPrice reads a file of prices, such as
//
//	currency: USD
//	per_hour: {server: 0.17, load balancer: 0.0225}
//
// Name is the file's in positions. All that is wrong is said at once.
func ReadPrice(name string, src []byte) (Price, error) {
	var p Price
	doc, err := strictyaml.Parse(name, src)
	if err != nil {
		return p, err
	}
	problems := strictyaml.Decode(doc, &p)
	if doc.Kind() != strictyaml.Map {
		return p, problems.Err()
	}
	if n := doc.Get("currency"); n == nil {
		problems = append(problems, doc.Problemf("currency is missing; want a word such as USD"))
	} else if len(problems) == 0 && !isWord(p.Currency) {
		problems = append(problems, n.Problemf("currency is %q; want a word such as USD", p.Currency))
	}
	prices := doc.Get("per_hour")
	if prices == nil || len(problems) == 0 && len(p.PerHour) == 0 {
		problems = append(problems, doc.Problemf("per_hour is missing; want what an instance costs in an hour, such as {server: 0.17}"))
	} else if prices.Kind() == strictyaml.Map {
		for what, n := range prices.All() {
			if v, ok := p.PerHour[what]; ok && !(v >= 0 && !math.IsInf(v, 1)) {
				problems = append(problems, n.Problemf("%s is %v; want a price of 0 or more", what, n))
			}
		}
		if len(problems) == 0 && !(p.Sum() > 0 && !math.IsInf(p.Sum(), 1)) {
			problems = append(problems, prices.Problemf("per_hour comes to %v; want more than 0", p.Sum()))
		}
	}
	return p, problems.Err()
}

// isWord reports whether a currency can stand beside a number.
func isWord(text string) bool {
	return text != "" && utf8.RuneCountInString(text) <= 8 && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) })
}

// Sum is the price of an instance and an hour.
func (p Price) Sum() (sum float64) {
	for _, v := range p.PerHour {
		sum += v
	}
	return sum
}

// String is the price of an instance and an hour with its currency.
func (p Price) String() string { return fmt.Sprintf("%.6g %s", p.Sum(), p.Currency) }
