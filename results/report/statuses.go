package report

import (
	"cmp"
	"maps"
	"slices"
)

// mostStatuses is how many get a column of their own.
const mostStatuses = 4

// statusColumns count the answers of services by status: a column for each of
// the commonest, in their order, and one for all others. Where there is no room,
// those go first that are no surprise.
func statusColumns(rows []trial) []column {
	sums := map[string]uint64{}
	for _, t := range rows {
		for _, r := range t.repeats {
			for status, n := range r.Statuses {
				sums[status] += n
			}
		}
	}
	commonest := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b))
	})
	own := commonest
	if len(own) > mostStatuses {
		own = own[:mostStatuses-1]
	}
	slices.Sort(own)
	var columns []column
	for i, status := range own {
		rank := telling
		if status[0] == '2' { // which the count of ok tells as well
			rank = useful
		}
		columns = append(columns, column{
			Column: Column{Head: "status\n" + status, Rank: rank, Cut: i == 0}, read: withStatus(status), write: number,
		})
	}
	if len(own) < len(commonest) {
		columns = append(columns, column{Column: Column{Head: "other\nstatus", Rank: telling}, read: withoutStatus(own), write: number})
	}
	return columns
}

// withStatus counts a run's answers of one status, in runs that have any.
func withStatus(status string) reader {
	return func(r repeat) (float64, bool) { return float64(r.Statuses[status]), len(r.Statuses) > 0 }
}

// withoutStatus counts those of every status but some.
func withoutStatus(some []string) reader {
	return func(r repeat) (n float64, ok bool) {
		for status, count := range r.Statuses {
			if !slices.Contains(some, status) {
				n += float64(count)
			}
		}
		return n, len(r.Statuses) > 0
	}
}
