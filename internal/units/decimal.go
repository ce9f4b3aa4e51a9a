package units

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/whole"
)

// A decimal is a non-negative number read from text, kept exactly: num/den.
type decimal struct{ num, den int64 }

// A scale is a unit suffix and the number it stands for.
type scale struct {
	suffix string
	factor int64
}

// decimalScales are the prefixes of rates and counts, largest first. There is
// no lower-case m: it would be taken for milli by some and for million by others.
var decimalScales = []scale{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}}

// problem is the one shape of this package's errors.
func problem(what, text, want string, args ...any) error {
	return fmt.Errorf("%s is %q; want %s", what, text, fmt.Sprintf(want, args...))
}

// parseDecimal reads digits with an optional fraction at the start of text and
// returns what follows them. Single underscores may stand between digits.
// ok is false where there is no number or where it does not fit.
func parseDecimal(text string) (d decimal, rest string, ok bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '_' })
	if end < 0 {
		end = len(text)
	}
	number, rest := text[:end], text[end:]
	whole, fraction, dotted := strings.Cut(number, ".")
	if !isDigits(whole) || dotted && !isDigits(fraction) {
		return d, rest, false
	}
	fraction = strings.TrimRight(strings.ReplaceAll(fraction, "_", ""), "0")
	num, err := strconv.ParseInt(strings.ReplaceAll(whole, "_", "")+fraction, 10, 64)
	if err != nil || len(fraction) > 18 {
		return d, rest, false
	}
	return decimal{num, pow10(len(fraction))}.reduced(), rest, true
}

// isDigits reports whether s is one or more digits with single underscores between them.
func isDigits(s string) bool {
	return s != "" && s[0] != '_' && s[len(s)-1] != '_' &&
		!strings.Contains(s, "__") && !strings.Contains(s, ".")
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// times returns d × factor; ok is false on overflow.
func (d decimal) times(factor int64) (_ decimal, ok bool) {
	g := whole.GCD(d.den, factor)
	num, ok := multiply(d.num, factor/g)
	return decimal{num, d.den / g}, ok
}

func (d decimal) reduced() decimal {
	g := whole.GCD(d.num, d.den)
	return decimal{d.num / g, d.den / g}
}

// A quantity is a whole number that may be written with a scale and a unit.
type quantity struct {
	noun, want string // for messages
	unit       string // may be left out
	scales     []scale
}

// parse reads the quantity from text.
func (q quantity) parse(text string) (int64, error) {
	d, suffix, ok := parseDecimal(text)
	if !ok {
		return 0, problem(q.noun, text, "%s", notDecimal(text, q.want))
	}
	factor, ok := factorOf(strings.TrimSuffix(suffix, q.unit), q.scales)
	if !ok {
		return 0, problem(q.noun, text, "%s", q.want)
	}
	d, ok = d.times(factor)
	switch {
	case !ok:
		return 0, problem(q.noun, text, "at most %d", int64(math.MaxInt64))
	case d.den != 1:
		return 0, problem(q.noun, text, "a whole number")
	}
	return d.num, nil
}

// notDecimal says what was wanted where parseDecimal gave up.
func notDecimal(text, want string) string {
	switch {
	case strings.HasPrefix(text, "-"):
		return "0 or more"
	case text != "" && text[0] >= '0' && text[0] <= '9' && len(text) > 18:
		return "at most 18 digits"
	}
	return want
}

func factorOf(suffix string, scales []scale) (int64, bool) {
	if suffix == "" {
		return 1, true
	}
	for _, s := range scales {
		if s.suffix == suffix {
			return s.factor, true
		}
	}
	return 0, false
}

// formatScaled writes v with the first scale that divides it, or bare.
func formatScaled(v int64, scales []scale) string {
	for _, s := range scales {
		if v != 0 && v%s.factor == 0 {
			return strconv.FormatInt(v/s.factor, 10) + s.suffix
		}
	}
	return strconv.FormatInt(v, 10)
}

// multiply returns the product of two non-negative numbers; ok is false on overflow.
func multiply(a, b int64) (product int64, ok bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && lo <= math.MaxInt64
}
