package ci

import (
	"fmt"
	"io"
	"slices"
)

type (
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifFile struct {
		URI string `json:"uri"`
	}
	sarifPlace struct {
		Artifact sarifFile   `json:"artifactLocation"`
		Region   sarifRegion `json:"region"`
	}
	sarifLocation struct {
		Physical sarifPlace `json:"physicalLocation"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Name  string    `json:"name"`
		Short sarifText `json:"shortDescription"`
	}
	sarifResult struct {
		Rule        string            `json:"ruleId"`
		Index       int               `json:"ruleIndex"`
		Level       string            `json:"level"` // error, warning or note
		Message     sarifText         `json:"message"`
		Locations   []sarifLocation   `json:"locations"`
		Fingerprint map[string]string `json:"partialFingerprints"`
		Properties  map[string]any    `json:"properties"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
)

// SARIF writes a result for each claim that did not pass, at its line of the policy; a
// rule is a metric. Code scanning drops what has no place.
func SARIF(w io.Writer, v *Verdict) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "fcbench", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	findings := map[string]*Finding{}
	for i := range v.Claims {
		findings[v.Claims[i].ID] = &v.Claims[i]
	}
	for _, p := range v.problems() {
		metric, properties := "gate", map[string]any{"verdict": p.outcome}
		if f := findings[p.id]; f != nil {
			metric = f.Metric
			properties = map[string]any{"verdict": f.Verdict, "change": f.Change, "low": f.Low, "high": f.High, "p": f.P, "n": f.N}
		}
		index := run.rule(metric)
		run.Results = append(run.Results, sarifResult{
			Rule: run.Tool.Driver.Rules[index].ID, Index: index, Level: p.outcome.level(), Message: sarifText{p.text},
			Locations:   []sarifLocation{{sarifPlace{sarifFile{uri(v.Policy)}, sarifRegion{p.line}}}},
			Fingerprint: map[string]string{"fcbench/v1": fingerprintOf(v.Gate, p.id)}, Properties: properties,
		})
	}
	return indented(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// rule is the place of a metric among the rules.
func (r *sarifRun) rule(metric string) int {
	rules := &r.Tool.Driver.Rules
	if i := slices.IndexFunc(*rules, func(one sarifRule) bool { return one.Name == metric }); i >= 0 {
		return i
	}
	*rules = append(*rules, sarifRule{fmt.Sprintf("FCB%03d", len(*rules)+1), metric, sarifText{metric + " must not get worse"}})
	return len(*rules) - 1
}
