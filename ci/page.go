package ci

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/internal/markup"
)

//go:embed page.css
var pageStyle string

// HTML writes the verdict as one page that needs nothing but itself: no network, no
// script, no font. What was given is text there, whatever it looks like.
func HTML(w io.Writer, v *Verdict) error {
	p := page{v: v}
	p.Document()
	p.In("html", func() {
		p.In("head", p.head)
		p.In("body", func() {
			p.In("header", p.header)
			p.In("main", p.main)
			p.In("footer", p.footer)
		})
	}, "lang", "en")
	_, err := io.WriteString(w, p.String()+"\n")
	return err
}

// page is the verdict as it is being written.
type page struct {
	markup.Writer
	v *Verdict
}

func (p *page) head() {
	p.Void("meta", "charset", "utf-8")
	p.Void("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
	p.Void("meta", "name", "color-scheme", "content", "light dark")
	p.Void("meta", "http-equiv", "Content-Security-Policy", "content", markup.PagePolicy)
	p.Leaf("title", fmt.Sprintf("%s: fcbench gate %s", p.v.Verdict, p.v.Gate))
	p.Style(markup.PageStyle + pageStyle)
}

func (p *page) header() {
	p.Leaf("p", "fcbench gate "+p.v.Gate, "class", "gate")
	p.In("h1", func() { p.outcome(p.v.Verdict) })
	p.Leaf("p", strings.TrimPrefix(p.v.Headline(), string(p.v.Verdict)+": "), "class", "lead")
	if !p.v.Finished {
		p.Leaf("p", "The gate did not finish.", "class", "lead")
	}
	p.list("Why", p.v.Reasons)
	p.In("dl", p.facts)
}

// outcome is a verdict in a word, and a sign and a colour beside it.
func (p *page) outcome(o Outcome) {
	look := map[Outcome][2]string{
		Pass: {"good", "✓"}, Improved: {"good", "✓"}, Accepted: {"doubt", "!"}, Inconclusive: {"doubt", "?"},
		Regressed: {"bad", "✗"}, Invalid: {"bad", "!"}, NoData: {"bad", "–"},
	}[o]
	p.In("span", func() {
		p.Leaf("span", look[1], "aria-hidden", "true", "class", "sign")
		p.Text(" " + strings.ReplaceAll(string(o), "_", " "))
	}, "class", "outcome "+look[0])
}

func (p *page) facts() {
	v := p.v
	fact := func(name, text string) {
		if text != "" {
			p.In("div", func() {
				p.Leaf("dt", name)
				p.Leaf("dd", text)
			})
		}
	}
	fact("a, before", v.A)
	fact("b, after", v.B)
	if v.Of > 0 {
		fact("pairs of runs", fmt.Sprintf("%d of at most %d, %d replaced", v.Pairs, v.Of, v.Replaced))
		fact("seed of the order", fmt.Sprint(v.Seed))
	}
	if v.Attempt > 1 {
		fact("attempt", fmt.Sprint(v.Attempt))
	}
	if v.Environment.Cores > 0 {
		fact("machine", machine(v.Environment))
	}
	if !v.Started.IsZero() {
		fact("started", v.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	fact("policy", v.Policy)
}

// list is one with a heading, where there is anything in it.
func (p *page) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	p.Leaf("h2", title)
	p.In("ul", func() {
		for _, one := range items {
			p.Leaf("li", one)
		}
	})
}

func (p *page) main() {
	order := p.order()
	if len(order) > 0 {
		p.table(order)
	}
	if len(p.v.Shifts) > 0 {
		p.shifts()
	}
	drawn := slices.DeleteFunc(order, func(i int) bool { return !p.v.Claims[i].sampled() })
	if len(drawn) > 0 {
		p.Leaf("h2", "Claim by claim")
		for _, i := range drawn {
			p.claim(i)
		}
	}
	p.list("Notes", p.v.notes())
}

// order is that of the claims on the page: the worst first.
func (p *page) order() (all []int) {
	for i := range p.v.Claims {
		all = append(all, i)
	}
	rank := func(i int) int { return slices.Index(worst[:], p.v.Claims[i].Verdict) }
	slices.SortStableFunc(all, func(i, k int) int { return rank(i) - rank(k) })
	return all
}

// sampled reports whether there are pairs to draw.
func (f *Finding) sampled() bool { return !f.Exact && f.N > 1 && len(f.Samples) > 1 }

func (p *page) footer() {
	if !slices.ContainsFunc(p.v.Claims, func(f Finding) bool { return f.sampled() }) {
		p.Leaf("p", "Written by fcbench gate.")
		return
	}
	p.Leaf("p", "Written by fcbench gate. A run is one dot; a pair is one run of each side, back to back, in random order. "+
		"An interval is of the change from a to b, as sure as what was spent when the gate looked last leaves it.")
}
