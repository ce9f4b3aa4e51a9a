package builtin

import (
	"slices"

	"github.com/fcbench/fcbench/internal/catalog"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/combine"
	"github.com/fcbench/fcbench/limiters/external"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/fcbench/fcbench/limiters/specimens"
	"github.com/fcbench/fcbench/limiters/thirdparty"
)

// Limiters are the rate limiters: all of the pages below.
func Limiters(env Env) catalog.Catalog[limiters.Limiter] {
	return catalog.New("limiter", slices.Concat(
		Local(env).Grouped("in this process"),
		OnRedis(env).Grouped("on Redis, shared by several processes"),
		Combined(env).Grouped("made of others, and your own"),
		Libraries(env).Grouped("libraries, as they are"),
		Specimens(env).Grouped("known to be bad: what verify finds"))...)
}

// Local are the algorithms in this process.
func Local(Env) catalog.Catalog[limiters.Limiter] {
	bucket, window := limiters.DefaultConfig(), limiters.WindowConfig{}
	return catalog.New("local limiter",
		catalog.Define("token-bucket", "tokens flow in at the rate, up to the burst", bucket, as(limiters.NewTokenBucket)),
		catalog.Define("leaky-bucket-meter", "what was admitted drains at the rate, and overflows at the burst", bucket, as(limiters.NewLeakyBucketMeter)),
		catalog.Define("leaky-bucket-queue", "a shaper: admits as the meter does, and lets go at the rate", bucket, as(limiters.NewLeakyBucketQueue)),
		catalog.Define("gcra", "one theoretical arrival time per key, moved by compare-and-swap", bucket, as(limiters.NewGCRA)).Recommend(),
		catalog.Define("fixed-window", "a count per aligned window", window, as(limiters.NewFixedWindow)),
		catalog.Define("sliding-window-log", "the time of every admission of the last window", window, as(limiters.NewSlidingWindowLog)),
		catalog.Define("sliding-window-counter", "two aligned counts, the older weighted by what is left of it in the trailing window", window, as(limiters.NewSlidingWindowCounter)),
		catalog.Define("concurrency", "so much held at once, until it is given back", limiters.ConcurrencyConfig{}, as(limiters.NewConcurrency)).Recommend(),
	)
}

// OnRedis are the same as Lua scripts, on the server's clock.
func OnRedis(env Env) catalog.Catalog[limiters.Limiter] {
	bucket, window := limiters.DefaultConfig(), limiters.WindowConfig{}
	return catalog.New("redis limiter",
		onRedis(env, "redis-token-bucket", "a token bucket", bucket, limiters.NewTokenBucket, redislua.NewTokenBucket),
		onRedis(env, "redis-leaky-bucket-meter", "a leaky bucket as a meter", bucket, limiters.NewLeakyBucketMeter, redislua.NewLeakyBucketMeter),
		onRedis(env, "redis-leaky-bucket-queue", "a leaky bucket as a queue: a shaper", bucket, limiters.NewLeakyBucketQueue, redislua.NewLeakyBucketQueue),
		onRedis(env, "redis-gcra", "GCRA", bucket, limiters.NewGCRA, redislua.NewGCRA).Recommend(),
		onRedis(env, "redis-fixed-window", "a count per aligned window", window, limiters.NewFixedWindow, redislua.NewFixedWindow),
		onRedis(env, "redis-sliding-window-log", "a log in a list", window, limiters.NewSlidingWindowLog, redislua.NewSlidingWindowLog),
		onRedis(env, "redis-sliding-window-log-zset", "a log in a sorted set, as most people write it", window, limiters.NewSlidingWindowLog, redislua.NewSlidingWindowLogZSET),
		onRedis(env, "redis-sliding-window-counter", "two aligned counts in one key", window, limiters.NewSlidingWindowCounter, redislua.NewSlidingWindowCounter),
		onRedis(env, "redis-concurrency", "so much held at once, by leases,", redislua.DefaultConcurrencyLimit(), concurrencyInProcess, redislua.NewConcurrency).Recommend(),
		onRedis(env, "redis-composite", "several buckets, all or nothing,", redislua.CompositeLimit{}, compositeInProcess, redislua.NewComposite),
	)
}

// Combined are made of other limiters.
func Combined(env Env) catalog.Catalog[limiters.Limiter] {
	return catalog.New("combined limiter",
		catalog.Define("composite", "several limits at once, all or nothing", compositeConfig{}, newComposite(env)),
		catalog.Define("switchable", "one limiter, and from given instants on others", switchableConfig{}, newSwitchable(env)),
		catalog.Define("instances", "gateways that share one limit: split, central or leased", combine.DefaultInstancesConfig(), as(combine.NewInstances)),
		catalog.Define("exec", "a program of yours, asked by lines of JSON", external.DefaultConfig(), newExternal(env)),
	)
}

// Libraries are rate limiters of others, as they are.
func Libraries(env Env) catalog.Catalog[limiters.Limiter] {
	bucket, window := limiters.DefaultConfig(), limiters.WindowConfig{}
	return catalog.New("library",
		catalog.Define("x-time-rate", "golang.org/x/time/rate", thirdparty.XTimeRateConfig{Config: bucket}, thirdparty.NewXTimeRate),
		catalog.Define("uber", "go.uber.org/ratelimit, a shaper", thirdparty.DefaultUberConfig(), thirdparty.NewUber),
		catalog.Define("sethvargo", "sethvargo/go-limiter, in memory", bucket, as(thirdparty.NewSethvargo)),
		catalog.Define("throttled", "throttled/throttled, in memory", thirdparty.DefaultThrottledConfig(), as(thirdparty.NewThrottled)),
		catalog.Define("ulule", "ulule/limiter, in memory", thirdparty.UluleConfig{}, as(thirdparty.NewUlule)),
		catalog.Define("failsafe-smooth", "failsafe-go, smooth", thirdparty.FailsafeSmoothConfig{}, thirdparty.NewFailsafeSmooth),
		catalog.Define("failsafe-bursty", "failsafe-go, bursty", thirdparty.FailsafeBurstyConfig{}, thirdparty.NewFailsafeBursty),
		catalog.Define("httprate", "go-chi/httprate", window, as(thirdparty.NewHttprate)),
		catalog.Define("slidingwindow", "RussellLuo/slidingwindow", thirdparty.SlidingwindowConfig{}, thirdparty.NewSlidingwindow),
		libraryOnRedis(env, "redis-rate", "go-redis/redis_rate", bucket, thirdparty.NewRedisRate),
		libraryOnRedis(env, "throttled-redis", "throttled/throttled on Redis", bucket, thirdparty.NewThrottledRedis),
		libraryOnRedis(env, "ulule-redis", "ulule/limiter on Redis", window, thirdparty.NewUluleRedis),
	)
}

// Specimens are known to be bad, or good for one thing only: they show what
// the others avoid, and what verify finds.
func Specimens(env Env) catalog.Catalog[limiters.Limiter] {
	bucket := limiters.DefaultConfig()
	return catalog.New("specimen",
		catalog.Define("ticker", "a channel that a ticker fills, for all keys", bucket, as(specimens.NewTicker)),
		catalog.Define("naive-lazy-bucket", "a lazy token bucket that forgets remainders", bucket, as(specimens.NewNaiveLazyBucket)),
		onRedis(env, "naive-redis-token-bucket", "the widespread token bucket that stores no time of refill", bucket, limiters.NewTokenBucket, redislua.NewNaiveTokenBucket),
	)
}
