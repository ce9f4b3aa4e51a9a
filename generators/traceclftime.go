package generators

import (
	"bytes"
	"fmt"
	"time"
)

const clfLayout = "02/Jan/2006:15:04:05 -0700"

// clfTime reads a time such as 17/May/2015:10:05:03 +0000, in nanoseconds since 1970.
func clfTime(stamp []byte) (int64, error) {
	wrong := func() (int64, error) {
		return 0, fmt.Errorf("time is %q; want the form %s", stamp, clfLayout)
	}
	if len(stamp) != len(clfLayout) || stamp[2] != '/' || stamp[6] != '/' || stamp[11] != ':' ||
		stamp[14] != ':' || stamp[17] != ':' || stamp[20] != ' ' || stamp[21] != '+' && stamp[21] != '-' {
		return wrong()
	}
	month := bytes.Index([]byte("JanFebMarAprMayJunJulAugSepOctNovDec"), stamp[3:6])
	var f [7]int // day, year, hour, minute, second, zone hours, zone minutes
	for i, part := range [...][2]int{{0, 2}, {7, 11}, {12, 14}, {15, 17}, {18, 20}, {22, 24}, {24, 26}} {
		n, ok := digits(stamp[part[0]:part[1]])
		if !ok {
			return wrong()
		}
		f[i] = int(n)
	}
	if month < 0 || month%3 != 0 || f[1] < 1970 || f[1] > 2200 || f[2] > 23 || f[3] > 59 || f[4] > 60 || f[5] > 14 || f[6] > 59 {
		return wrong()
	}
	t := time.Date(f[1], time.Month(month/3+1), f[0], f[2], f[3], f[4], 0, time.UTC)
	if f[4] < 60 && t.Day() != f[0] {
		return wrong()
	}
	zone := int64(f[5]*3600 + f[6]*60)
	if stamp[21] == '-' {
		zone = -zone
	}
	return (t.Unix() - zone) * 1e9, nil
}
