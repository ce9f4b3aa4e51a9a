package redislua_test

import (
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// examined is a kind with what it is examined under.
type examined struct {
	kind
	bucket limiters.Config
	limit  limiters.Limit
}

// TestConformance runs the suite at one odd limit of each sort; the models have
// the others. Under the race detector one kind of four does.
func TestConformance(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 8)
	var prefix prefixes
	var all []examined
	for _, k := range buckets() {
		all = append(all, examined{k, bucket(7, 3*time.Second, 10), limiters.Limit{Rate: 7, Period: 3 * time.Second, Burst: 10}})
	}
	for _, k := range windows() {
		all = append(all, examined{k, bucket(7, 3*time.Second, 7), limiters.Limit{Rate: 7, Period: 3 * time.Second}})
	}
	longLeases := bucket(5, 30*365*24*time.Hour, 5) // beyond all schedules
	all = append(all, examined{kind{"redis-concurrency", concurrency, nil}, longLeases, limiters.Limit{Burst: 5}})
	for _, k := range rounds.Some(all) {
		t.Run(k.name, func(t *testing.T) {
			fresh := func(t *testing.T) limiters.Limiter { return k.injected(t, client, k.bucket, prefix.next()) }
			options := conformance.Options{Granularity: time.Microsecond, Concurrent: true, Decisions: rounds.Of(1_000)}
			if k.name == "redis-composite" {
				options.Also = faster
			}
			conformance.Run(t, fresh, k.limit, options)
		})
	}
}

func TestCloseDeletesItsKeysOnly(t *testing.T) {
	client := redisproctest.Connect(t, redisproctest.Start(t), 1)
	each(t, func(t *testing.T, k kind) {
		prefix := `fcbench:[ab]*?\:`
		l := k.injected(t, client, bucket(1, time.Second, 5), prefix)
		for i := range 3_000 {
			allow(t, l, 0, strings.Repeat("k", i%7)+string(rune('a'+i%26))+string(rune(i)), 1)
		}
		others := []string{"fcbench:a:key", `fcbench:a\:key`, `fcbench:[ab]xy\:key`, "x" + prefix + "key", prefix[:len(prefix)-1]}
		for _, key := range others {
			if err := client.Set(t.Context(), key, "theirs", 0).Err(); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if left := client.DBSize(t.Context()).Val(); left != int64(len(others)) {
			t.Errorf("%d keys are left; want the %d of others", left, len(others))
		}
		if found := client.Exists(t.Context(), others...).Val(); found != int64(len(others)) {
			t.Errorf("%d of %d keys of others are left", found, len(others))
		}
	})
}

func TestCloseSweepsACluster(t *testing.T) {
	m := miniredis.RunT(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{m.Addr()}})
	defer client.Close()
	each(t, func(t *testing.T, k kind) {
		l := k.injected(t, client, bucket(1, time.Second, 5), "run:")
		for _, key := range []string{"a", "{b}", "c{}"} {
			allow(t, l, 0, key, 1)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := client.DBSize(t.Context()).Val(); left != 0 {
			t.Errorf("%d keys are left", left)
		}
	})
}

func TestConfigProblems(t *testing.T) {
	tests := []struct {
		config redislua.Config
		want   []string
	}{
		{redislua.Config{}, []string{"rate is not given", "burst is 0", `key prefix is ""`}},
		{redislua.Config{Config: bucket(1, time.Second, 1), Prefix: "run"}, []string{`key prefix is "run"; want`}},
		{redislua.Config{Config: bucket(1, time.Second, 1), Prefix: ":"}, []string{`key prefix is ":"; want`}},
		{redislua.Config{Config: bucket(1, time.Second, 1<<31+1<<28), Prefix: "run:"}, []string{"burst is 2415919104; want at most 2251799813 at a rate of 1/1s"}},
		{redislua.Config{Config: bucket(999_999_999_999_989, time.Duration(999_999_999_999_999), 1), Prefix: "run:"}, []string{"rate is 999999999999989/277h46m39.999999999s in lowest terms"}},
	}
	each(t, func(t *testing.T, k kind) {
		for _, tt := range tests {
			_, err := k.new(nil, tt.config)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%+v: %v; want %q", tt.config, err, want)
				}
			}
		}
	}, buckets()...)
}
