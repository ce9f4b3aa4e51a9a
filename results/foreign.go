package results

import (
	"bytes"
	"strings"
)

// foreign says what a file is that begins with head and cannot be a result file,
// and what would be right; "" of one that may be.
func foreign(head []byte) string {
	for _, kind := range []struct{ begins, is, want string }{
		{"\x1f\x8b", "compressed with gzip", "it unpacked: gunzip"},
		{"\x28\xb5\x2f\xfd", "compressed with zstd", "it unpacked: unzstd"},
		{"\xfd7zXZ", "compressed with xz", "it unpacked: unxz"},
		{"BZh", "compressed with bzip2", "it unpacked: bunzip2"},
		{"PK\x03\x04", "a zip archive", "what is in it"},
		{"\xff\xfe", "UTF-16 text, as the > of some shells writes", "UTF-8: -o FILE writes it"},
		{"\xfe\xff", "UTF-16 text", "UTF-8: -o FILE writes it"},
		{"scenario,trial,", "the csv format, for spreadsheets", resultFile},
		{"Unit ", "the gobench format, for benchstat", resultFile},
		{"#[fcbench", "the hlog format, an HdrHistogram log", resultFile},
		{"#[", "a table of percentiles, such as the hgrm format", resultFile},
		{"### ", "the markdown format", resultFile},
		{"<", "a page", resultFile},
		{"[", "a JSON array, such as the json format, for other tools", resultFile},
		{"name:", "a scenario", "what fcbench run makes of it: run FILE -o result.jsonl"},
	} {
		if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte(kind.begins)) {
			return "file is " + kind.is + "; want " + kind.want
		}
	}
	first, _, several := strings.Cut(string(bytes.TrimSpace(head)), "\n")
	switch {
	case bytes.IndexByte(head, 0) >= 0:
		return "file is binary; want " + resultFile
	case several && strings.TrimSpace(first) == "{":
		return "file is a JSON document over several lines; want " + resultFile
	}
	return ""
}

const resultFile = "the result file that run -o FILE writes, one run per line"

// byteOrderMark is what some editors put before UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")
