package ci

import "fmt"

// pageColumns are those of the table of claims.
var pageColumns = [...]string{"claim", "verdict", "a", "b", "change", "interval", "margin", "p", "pairs"}

// table is that of all claims, in an order. On narrow paper each row is a card, which is
// why roles are said: what is set as a block is no table to some readers.
func (p *page) table(order []int) {
	p.Leaf("h2", "Claims", "id", "claims")
	p.In("table", func() {
		p.In("thead", func() {
			p.In("tr", func() {
				for _, name := range pageColumns {
					p.Leaf("th", name, "scope", "col", "role", "columnheader")
				}
			}, "role", "row")
		}, "role", "rowgroup")
		p.In("tbody", func() {
			for _, i := range order {
				p.In("tr", func() { p.row(i) }, "role", "row")
			}
		}, "role", "rowgroup")
	}, "role", "table", "aria-labelledby", "claims")
}

func (p *page) row(i int) {
	f := &p.v.Claims[i]
	p.In("th", func() {
		if f.sampled() {
			p.Leaf("a", f.ID, "href", "#"+anchor(i))
		} else {
			p.Text(f.ID)
		}
		if f.Reason != "" {
			p.Leaf("small", f.Reason)
		}
	}, "scope", "row", "role", "rowheader")
	p.In("td", func() { p.outcome(f.Verdict) }, "role", "cell", "data-label", pageColumns[1])
	for k, text := range f.cells() {
		if text != "" {
			p.Leaf("td", text, "role", "cell", "class", "number", "data-label", pageColumns[k+2])
		} else {
			p.Leaf("td", "", "role", "cell", "class", "none")
		}
	}
}

// cells are what the table has of a claim beside its name and its verdict.
func (f *Finding) cells() [7]string {
	c := [7]string{4: f.limit()}
	if f.N > 0 {
		c[0], c[1], c[2], c[3], c[6] = f.Value(f.A), f.Value(f.B), f.Text(f.Change), f.Interval(), fmt.Sprint(f.N)
	}
	if f.P < 1 {
		c[5] = fmt.Sprintf("%.2g", f.P)
	}
	return c
}

// anchor names the section of a claim.
func anchor(i int) string { return fmt.Sprintf("claim-%d", i+1) }
