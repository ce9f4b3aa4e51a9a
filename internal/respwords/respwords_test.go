package respwords_test

import (
	"testing"

	"github.com/fcbench/fcbench/internal/respwords"
)

func TestCommand(t *testing.T) {
	for want, words := range map[string][]string{
		"*1\r\n$4\r\nPING\r\n":                          {"PING"},
		"*2\r\n$4\r\nAUTH\r\n$0\r\n\r\n":                {"AUTH", ""},
		"*3\r\n$3\r\nSET\r\n$2\r\né\r\n$3\r\na\r\n\r\n": {"SET", "é", "a\r\n"},
	} {
		if got := string(respwords.Command(words...)); got != want {
			t.Errorf("%q is %q; want %q", words, got, want)
		}
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		dst = respwords.Append(respwords.AppendCount(dst[:0], 1), "PING")
	}); n != 0 {
		t.Errorf("a word allocates %v times; want none", n)
	}
}
