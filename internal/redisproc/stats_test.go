package redisproc

import (
	"testing"
	"time"
)

func TestCommandStats(t *testing.T) {
	stats, err := commandStats("# Commandstats\r\n" +
		"cmdstat_evalsha:calls=4,usec=50,usec_per_call=12.50,rejected_calls=0,failed_calls=0\r\n" +
		"cmdstat_script|load:calls=1,usec=76,usec_per_call=76.00\r\n")
	if err != nil {
		t.Fatal(err)
	}
	got := stats["evalsha"]
	if want := (CommandStat{Calls: 4, Time: 50 * time.Microsecond}); got != want {
		t.Errorf("evalsha is %v; want %v", got, want)
	}
	if got.MicrosPerCall() != 12.5 {
		t.Errorf("µs per call is %v; want 12.5", got.MicrosPerCall())
	}
	if len(stats) != 2 || stats["script|load"].Calls != 1 {
		t.Errorf("stats are %v; want evalsha and script|load", stats)
	}
	rest := got.Sub(CommandStat{Calls: 3, Time: 20 * time.Microsecond})
	if rest.Calls != 1 || rest.MicrosPerCall() != 30 {
		t.Errorf("difference is %v; want one call of 30 µs", rest)
	}
	if zero := (CommandStat{}).MicrosPerCall(); zero != 0 {
		t.Errorf("µs per call of no call is %v; want 0", zero)
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]string{
		"# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n":                     "redis 7.0.15",
		"# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\n": "valkey 8.1.0",
		"": "unknown",
	} {
		if got := version(text); got != want {
			t.Errorf("version is %q; want %q", got, want)
		}
	}
}

func FuzzCommandStats(f *testing.F) {
	f.Add("cmdstat_get:calls=1,usec=2,usec_per_call=2.00\r\n")
	f.Add("cmdstat_get:calls=-1,usec=99999999999999999999\n")
	f.Add("cmdstat_:\r\n:\n#")
	f.Fuzz(func(t *testing.T, text string) {
		stats, err := commandStats(text)
		if err != nil {
			return
		}
		for name, s := range stats {
			if s.Calls < 0 || s.Time < 0 || s.MicrosPerCall() < 0 {
				t.Fatalf("%q has %v; want nothing negative", name, s)
			}
		}
	})
}
