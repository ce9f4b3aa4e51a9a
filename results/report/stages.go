package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/results"
)

const stagesCaption = "By stage, from the intervals of the run: p50 of the middle interval, p99 of the worst; " +
	"arrivals by when they were due, the rest by when they were answered."

// stage is a plateau of the arrivals, in the measured window.
type stage struct {
	name     string
	from, to time.Duration
}

// plateaus are the stages of the workload, where it has any, as far as they lie
// in the window.
func plateaus(r results.Run) (list []stage) {
	type stream struct {
		Arrivals struct {
			Kind   string
			Stages generators.Stages
		}
	}
	var workload struct {
		stream
		Streams []stream
	}
	if json.Unmarshal(r.Workload, &workload) != nil {
		return nil
	}
	for _, s := range append(workload.Streams, workload.stream) {
		if s.Arrivals.Kind != "stages" || len(list) > 0 {
			continue
		}
		at := -r.Protocol.Warmup.Std()
		for i, plateau := range s.Arrivals.Stages {
			from := at
			at += time.Duration(plateau.For)
			if at > 0 && from < time.Duration(r.MeasuredNS) {
				list = append(list, stage{fmt.Sprintf("%d: %v", i+1, plateau.Rate), max(0, from), at})
			}
		}
	}
	return list
}

// stages are the rows of the plateaus: stage by stage, each trial under it. A row
// is a trial whose runs have the intervals of that stage alone.
func (c comparison) stages() (rows []trial) {
	list := plateaus(c.runs[0])
	for i, s := range list {
		if i == len(list)-1 {
			s.to = 1<<63 - 1 // with what was answered after the window
		}
		for _, t := range c.trials {
			rows = append(rows, t.ofStage(s))
		}
	}
	return rows
}

func (t trial) ofStage(s stage) trial {
	row := trial{name: t.name, part: s.name}
	for _, r := range t.repeats {
		r.Intervals = slices.DeleteFunc(slices.Clone(r.Intervals), func(i results.Interval) bool {
			middle := time.Duration(i.TNS + i.WidthNS/2)
			return middle < s.from || middle >= s.to
		})
		row.repeats = append(row.repeats, r)
	}
	return row
}

func stageColumns(rows []trial) []column {
	count := func(head string, of func(results.Interval) uint64, rank int) column {
		return column{Column: Column{Head: head, Rank: rank}, optional: head == "other", read: counted(of), write: number}
	}
	which := column{Column: Column{Head: "stage", Text: true, Keep: true}, text: func(t trial) string { return Plain(t.part) }}
	return slices.Concat([]column{which}, nameColumns(rows), []column{
		count("offered", func(i results.Interval) uint64 { return i.Offered }, telling),
		count("ok", func(i results.Interval) uint64 { return i.OK }, always),
		count("rejected", func(i results.Interval) uint64 { return i.Rejected }, always),
		count("other", func(i results.Interval) uint64 { return i.Other }, telling),
		{Column: Column{Head: "most in\nflight", Rank: useful}, when: anyRun(concurrent), read: mostInFlight, shows: extremes, write: number},
		{Column: Column{Head: "response\np50", Cut: true}, read: middleP50, write: duration},
		{Column: Column{Head: "response\np99"}, read: worstP99, write: duration},
	})
}

// counted sums over the intervals.
func counted(of func(results.Interval) uint64) reader {
	return func(r repeat) (sum float64, ok bool) {
		for _, i := range r.Intervals {
			sum += float64(of(i))
		}
		return sum, true
	}
}

// middleP50 is the median of the intervals' medians, of those that had any ok.
func middleP50(r repeat) (float64, bool) {
	s, ok := results.SpreadOf(answeredIntervals(r, func(i results.Interval) *int64 { return i.P50NS }))
	return s.Median, ok
}

func worstP99(r repeat) (float64, bool) {
	s, ok := results.SpreadOf(answeredIntervals(r, func(i results.Interval) *int64 { return i.P99NS }))
	return s.Max, ok
}

func answeredIntervals(r repeat, of func(results.Interval) *int64) (values []float64) {
	if r.InProcess && !r.Virtual() || !r.timed() {
		return nil
	}
	for _, i := range r.Intervals {
		if ns := of(i); i.OK > 0 && ns != nil {
			values = append(values, float64(*ns))
		}
	}
	return values
}
