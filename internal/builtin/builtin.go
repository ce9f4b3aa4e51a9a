// Package builtin lists every kind that exists, one line each. Nothing
// registers itself: what is not on this page is not in the program.
package builtin

import (
	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines/control"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// Env is what kinds need from outside. With the zero Env everything can be
// built and checked, but nothing that needs an outside can be used.
type Env struct {
	Redis      *redisproc.Server
	Client     redis.UniversalClient // one for all limiters on Redis, which leave it and their keys to whoever made it; nil: each has its own, of Redis
	Prefix     string                // of every Redis key of one run
	InjectTime bool                  // scripts take the run's time instead of the server's
	Carried    bool                  // limiters on Redis are asked by Carry, where that can be
	Dialer     *dial.Dialer
	Seed       uint64                     // of what a target draws for its requests
	Host       func() func() control.Host // what sensors of a pipeline ask, anew for every trial
}

// Processes are the arrival processes. Those of one catalog may read one pipe.
func Processes() catalog.Catalog[generators.Process] {
	return catalog.New("arrivals",
		catalog.Define("constant", "evenly spaced", generators.ConstantConfig{}, generators.NewConstant),
		catalog.Define("poisson", "independent: exponential gaps", generators.PoissonConfig{}, generators.NewPoisson).Recommend(),
		catalog.Define("burst", "on and off in turn, by default 50ms at ten times the mean and 450ms of silence", generators.BurstConfig{}, generators.NewBurst),
		catalog.Define("spike", "one plateau, by default ten times the base for a tenth of the run", generators.SpikeConfig{}, generators.NewSpike),
		catalog.Define("ramp", "a line, by default from 0 to twice the mean over the run", generators.RampConfig{}, generators.NewRamp),
		catalog.Define("stages", "plateaus, such as 30s@50,1m@200", generators.StagesConfig{}, generators.NewStages),
		catalog.Define("sine", "a wave around the mean, by default down to 0, each 10s", generators.SineConfig{}, generators.NewSine),
		catalog.Define("gaps", "bursts at given distances, over and over: locked to the edges of windows, sweeping them, or probing an interval", generators.GapsConfig{Size: 1}, generators.NewGaps),
		catalog.Define("trace", "a recorded access log, CSV, JSON Lines or event log, gzip or not", generators.DefaultTraceConfig(), generators.NewTrace),
	)
}

// Keys are the key laws.
func Keys() catalog.Catalog[generators.Keys] {
	return catalog.New("key law",
		catalog.Define("sequential", "keys in turn", generators.SequentialConfig{}, generators.NewSequential),
		catalog.Define("uniform", "all keys alike", generators.UniformConfig{}, generators.NewUniform),
		catalog.Define("zipf", "key i in proportion to 1/(i+1)^exponent", generators.ZipfConfig{}, generators.NewZipf).Recommend(),
		catalog.Define("scrambled-zipf", "zipf, its ranks spread over the key space", generators.ScrambledZipfConfig{}, generators.NewScrambledZipf),
		catalog.Define("hotset", "a share of the arrivals to a few hot keys, the rest to the others", generators.HotSetConfig{}, generators.NewHotSet),
		catalog.Define("hot-flip", "one hot key at a time, another one every so many arrivals", generators.HotFlipConfig{}, generators.NewHotFlip),
		catalog.Define("exponential", "key i in proportion to e^(-i/mean)", generators.ExponentialConfig{}, generators.NewExponential),
		catalog.Define("latest", "zipf by age: the newest key is the hottest", generators.LatestConfig{}, generators.NewLatest),
	)
}

// Costs are the laws of what an arrival costs, in tokens.
func Costs() catalog.Catalog[generators.Law] { return laws[units.Count]("cost law") }

// Sizes are the laws of payload sizes, in bytes.
func Sizes() catalog.Catalog[generators.Law] { return laws[units.Size]("size law") }

// Holds are the laws of how long what a limiter grants is held.
func Holds() catalog.Catalog[generators.Law] { return laws[units.Duration]("hold law") }

func laws[T generators.Amount](noun string) catalog.Catalog[generators.Law] {
	return catalog.New(noun,
		catalog.Define("constant", "always the same", generators.FixedConfig[T]{}, generators.NewFixed[T]),
		catalog.Define("uniform", "from min to max", generators.BetweenConfig[T]{}, generators.NewBetween[T]),
		catalog.Define("weighted", "a weighted list, such as 1=90,10=9,100=1", generators.WeightedListConfig[T]{}, generators.NewWeightedList[T]),
		catalog.Define("lognormal", "median × e^(sigma × normal), at most max", generators.LognormalConfig[T]{}, generators.NewLognormal[T]),
		catalog.Define("exponential", "without a memory, at most max", generators.ExponentialLawConfig[T]{}, generators.NewExponentialLaw[T]),
	)
}

// Targets are what else load can be sent to.
func Targets(env Env) catalog.Catalog[targets.Target] {
	return catalog.New("target",
		catalog.Define("noop", "nothing: what is measured is fcbench itself", struct{}{}, targets.NewNoop),
		catalog.Define("delay", "a simulated service: servers behind one bounded queue", targets.DelayConfig{Servers: 1, Queue: 1000}, targets.NewDelay),
		catalog.Define("http", "an HTTP service", wire.HTTPConfig{}, func(c wire.HTTPConfig) (targets.Target, error) {
			h, err := wire.NewHTTP(c, env.Dialer)
			if err == nil {
				h.Seed(env.Seed)
			}
			return asTarget(h, err)
		}),
		catalog.Define("tcp", "a service that answers each message by one, framed by line or by length", wire.TCPConfig{}, func(c wire.TCPConfig) (targets.Target, error) {
			return asTarget(wire.NewTCP(c, env.Dialer))
		}),
		catalog.Define("redis", "a command, or a script, on the Redis of the run or another", wire.RedisConfig{}, newRedis(env)),
	)
}
