package flawed

import (
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"strings"
)

// confused takes keys for one another.
func confused() map[string]Program {
	key := func(of func(key string) string) Program {
		return Program{asks: always(func(r *Request) { r.Key = of(r.Key) })}
	}
	cut := func(most int) Program { return key(func(k string) string { return k[:min(most, len(k))] }) }
	before := func(end string) Program {
		return key(func(k string) string { k, _, _ = strings.Cut(k, end); return k })
	}
	return map[string]Program{
		"keys in lower case":      key(strings.ToLower),
		"keys in upper case":      key(strings.ToUpper),
		"keys trimmed":            key(strings.TrimSpace),
		"keys cut at a zero byte": before("\x00"),
		"keys cut at a colon":     before(":"),
		"keys cut at a question":  before("?"),
		"keys cut at a tab":       before("\t"),
		"keys after an at":        key(func(k string) string { return k[strings.LastIndexByte(k, '@')+1:] }),
		"keys without plusses":    key(func(k string) string { return strings.ReplaceAll(k, "+", "") }),
		"keys of both ends":       key(func(k string) string { return k[:min(64, len(k))] + k[max(0, len(k)-64):] }),
		"keys made valid":         key(func(k string) string { return strings.ToValidUTF8(k, "\ufffd") }),
		"keys without a slash":    key(func(k string) string { return strings.TrimSuffix(k, "/") }),
		"keys without dashes":     key(func(k string) string { return strings.NewReplacer("-", "_").Replace(k) }),
		"keys as hash tags": key(func(k string) string {
			_, tag, _ := strings.Cut(k, "{")
			if tag, _, found := strings.Cut(tag, "}"); found && tag != "" {
				return tag
			}
			return k
		}),
		"keys by a hash of 16 bits": key(func(k string) string {
			h := fnv.New32a()
			h.Write([]byte(k))
			return fmt.Sprint(h.Sum32() & 0xffff)
		}),
		"keys by CRC-32":           key(func(k string) string { return fmt.Sprint(crc32.ChecksumIEEE([]byte(k))) }),
		"keys of their last bytes": key(func(k string) string { return k[max(0, len(k)-255):] }),
		"keys of 32 bytes":         cut(32),
		"keys of 64 bytes":         cut(64),
		"keys of 255 bytes":        cut(255),
		"keys of 1024 bytes":       cut(1024),
		"keys of 4 KiB":            cut(4096),
		"one bucket for all":       key(func(string) string { return "" }),
	}
}
