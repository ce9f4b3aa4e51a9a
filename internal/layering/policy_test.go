// Package layering holds the rules of who may import what, as tests. This file
// is the policy; edit it when the design changes, never to make a build pass.
//
// The tests parse the source of the whole module themselves: asking the go
// command would hide a change from the test cache.
package layering

const module = "github.com/fcbench/fcbench"

// layers lists every package. A package imports only from lines above its own;
// packages on one line are strangers, except that a sub-package knows its parent.
var layers = [][]string{
	{"internal/whole", "internal/rounds"},
	{"internal/seed", "internal/units", "internal/nearest", "internal/child", "internal/environ", "internal/events", "internal/loglinear", "internal/ring", "internal/ownfault", "internal/cgroup", "internal/procfs", "internal/markup", "internal/respwords", "internal/punctual", "internal/plot", "internal/formats", "internal/junit", "internal/exitcode", "scenarios"},
	{"internal/strictyaml", "internal/catalog", "internal/dial", "internal/bubble", "internal/redistest", "internal/echo", "internal/stamp"},
	{"generators", "limiters", "results", "results/paired", "results/paired/worlds", "results/trend", "internal/oracle", "internal/redisproc", "internal/redisproc/redisproctest", "internal/rediskeys", "internal/hooks", "internal/prometheus", "internal/headroom"},
	{
		"pipelines", "pipelines/conformance", "pipelines/control", "limiters/redislua", "limiters/thirdparty", "limiters/combine", "limiters/failure", "limiters/specimens",
		"limiters/external", "limiters/conformance", "results/report", "results/compare", "results/imported", "internal/hostinfo", "internal/observe", "internal/guards",
		"internal/flawed", // of tests alone
	},
	{"targets", "targets/wire", "targets/conformance", "pipelines/pipelinestest", "internal/faults", "ci"},
	{"pipelines/sim", "pipelines/reactive", "pipelines/reactive/tck"},
	{"pipelines/live"},
	{"internal/runner"},
	{"internal/builtin", "internal/eventlog"},
	{"internal/scenario"},
	{"internal/gateway", "internal/gateway/arrivals"},
	{"internal/experiment", "internal/verify", "internal/doctor", "internal/doctor/selftest"},
	{"internal/capacity"},
	{"internal/capacity/simulated", "internal/capacity/trials", "internal/capacity/whatif", "internal/capacity/curves"},
	{"internal/gating"},
	{"cmd/fcbench", "ci/hdrlog", "ci/peers", "ci/typecheck"},
}

// owners says which packages may import a third-party module; "x/..." stands
// for x and the packages below it. A module that is not listed is not allowed.
var owners = map[string][]string{
	"github.com/HdrHistogram/hdrhistogram-go": {"results/...", "ci/hdrlog"},
	"github.com/RussellLuo/slidingwindow":     {"limiters/thirdparty"},
	"github.com/alicebob/miniredis/v2":        {"internal/redisproc"},
	"github.com/anishathalye/porcupine":       {"limiters/conformance"},
	"github.com/failsafe-go/failsafe-go":      {"limiters/thirdparty"},
	"github.com/go-chi/httprate":              {"limiters/thirdparty"},
	"github.com/go-redis/redis_rate/v10":      {"limiters/thirdparty"},
	"github.com/olekukonko/tablewriter":       {"results/report"},
	"github.com/redis/go-redis/v9":            {"limiters/redislua", "limiters/thirdparty", "internal/redisproc/...", "internal/redistest", "internal/rediskeys", "internal/builtin"},
	"github.com/sethvargo/go-limiter":         {"limiters/thirdparty"},
	"github.com/spf13/cobra":                  {"cmd/fcbench"},
	"github.com/spf13/pflag":                  {"cmd/fcbench"},
	"github.com/throttled/throttled/v2":       {"limiters/thirdparty"},
	"github.com/ulule/limiter/v3":             {"limiters/thirdparty"},
	"go.uber.org/ratelimit":                   {"limiters/thirdparty"},
	"go.yaml.in/yaml/v4":                      {"internal/strictyaml"},
	"golang.org/x/perf":                       {"results/report", "ci"},
	"golang.org/x/sys":                        {"internal/child", "internal/doctor/selftest", "internal/echo", "internal/gateway/...", "internal/hostinfo", "internal/observe", "internal/runner", "internal/stamp", "targets/wire"},
	"golang.org/x/term":                       {"cmd/fcbench"},
	"golang.org/x/time":                       {"limiters/thirdparty"},
}

// clockReaders may read the clock or wait for it. Everywhere else time is an argument.
var clockReaders = []string{
	"internal/runner", "targets", "pipelines/live", "limiters/specimens", "internal/redisproc", "internal/flawed", "internal/hostinfo", "internal/observe", "internal/child", "internal/hooks", "internal/guards", "internal/redistest", "internal/echo", "internal/stamp",
	"internal/dial", "internal/experiment", "internal/verify", "internal/doctor", "internal/doctor/selftest", "internal/gating", "internal/gateway", "internal/gateway/arrivals", "internal/capacity/trials", "cmd/fcbench", "ci/peers",
	"pipelines/reactive/tck", // waits in bubbles of testing/synctest alone
}

// clock is what reads or waits for the clock in package time.
var clock = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true,
	"AfterFunc": true, "Tick": true, "NewTimer": true, "NewTicker": true,
}

// Files and functions longer than this are listed, for a second look.
const (
	longFile     = 300
	longFunction = 35
)
