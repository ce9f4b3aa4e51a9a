package units

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// ParseShare reads a share of something, such as 0.02 or 2%, as exactly as it can be known:
// 0.7% is 7 of 1000, to which 0.7 / 100 would be no equal. Which shares make sense is for
// the caller to say.
func ParseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	number = strings.TrimSpace(number)
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("share is %q; want one such as 0.01 or 1%%", text)
	}
	if !percent {
		return v, nil
	}
	exact, ok := new(big.Rat).SetString(number)
	if !ok { // its exponent is beyond all measure, or it is no finite number
		return v / 100, nil
	}
	v, _ = exact.Quo(exact, big.NewRat(100, 1)).Float64()
	return v, nil
}
