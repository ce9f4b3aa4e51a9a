package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// prometheusCmd runs "prometheus VALUE…": what answers every query by one value after the
// other, and by the last one for ever, at $PROMETHEUS (a URL).
func prometheusCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: prometheus VALUE…")
	}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/query" || r.FormValue("query") == "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		n := int(asked.Add(1)) - 1
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,%q]}]}}`, args[min(n, len(args)-1)])
	}))
	ts.Defer(server.Close)
	ts.Setenv("PROMETHEUS", server.URL)
}

// documentedCmd runs "documented PAGE HEADING FILE [OLD=NEW]…": writes the commands of the
// first block under a heading of a page of docs, with some words replaced, as a script.
func documentedCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: documented PAGE HEADING FILE [OLD=NEW]…")
	}
	page, err := os.ReadFile(filepath.Join(ts.Getenv("DOCS"), args[0]))
	ts.Check(err)
	_, section, found := strings.Cut(string(page), "\n## "+args[1]+"\n")
	_, block, fenced := strings.Cut(section, "\n```\n")
	block, _, closed := strings.Cut(block, "\n```")
	if !found || !fenced || !closed || !strings.HasPrefix(block, "$ ") {
		ts.Fatalf("%s has no commands under %q", args[0], args[1])
	}
	block = strings.ReplaceAll("\n"+block, "\n$ ", "\n")
	for _, change := range args[3:] {
		old, now, _ := strings.Cut(change, "=")
		if !strings.Contains(block, old) {
			ts.Fatalf("the commands under %q have no %q", args[1], old)
		}
		block = strings.ReplaceAll(block, old, now)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(block+"\n"), 0o600))
}
