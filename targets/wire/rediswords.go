package wire

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// payloadPlace is the word that stands for a payload.
const payloadPlace = "{payload}"

// words are those of the command; of a script they follow its digest.
func (c RedisConfig) words() (words []string, script string, err error) {
	script = c.Script
	given := 0
	for _, is := range []bool{len(c.Command) > 0, c.Script != "", c.ScriptFile != ""} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		err = errors.New("command, script and script_file are " + map[bool]string{true: "all missing", false: "not one"}[given == 0] +
			"; want one of them, such as command: SET {key} 1")
	case c.ScriptFile != "":
		if script, err = readFile("script_file", c.ScriptFile); err == nil && strings.TrimSpace(script) == "" {
			err = fmt.Errorf("script_file is %s, which is empty; want a script", c.ScriptFile)
		}
	}
	switch {
	case script != "":
		keys := c.Keys
		if keys == nil {
			keys = []string{keyPlace}
		}
		words = slices.Concat([]string{strconv.Itoa(len(keys))}, keys, c.Args)
	case len(c.Keys)+len(c.Args) > 0 && given == 1 && err == nil:
		err = errors.New("keys and args stand beside a command; want them among its words")
	case len(c.Command) == 1:
		var bad error
		words, bad = split(c.Command[0])
		err = errors.Join(err, bad)
	default:
		words = slices.Clone(c.Command)
	}
	for i, word := range words {
		var bad error
		words[i], bad = fromEnvironment("command", word)
		err = errors.Join(err, bad)
		if rest := strings.ReplaceAll(word, payloadPlace, ""); rest != "" && rest != word {
			err = errors.Join(err, fmt.Errorf("word is %q; want %s alone", word, payloadPlace))
		}
	}
	if script == "" && len(words) > 0 {
		err = errors.Join(err, stateless(words))
	}
	return words, script, err
}

// split takes a text apart into words: between spaces, and as they are within ' or ",
// but for a backslash within ", which stands before a character as it is, or in \n, \r, \t.
func split(text string) (words []string, err error) {
	var word strings.Builder
	quote, begun, escaped := rune(0), false, false
	for _, r := range text {
		switch {
		case escaped:
			if i := strings.IndexRune("nrt", r); i >= 0 {
				r = rune("\n\r\t"[i])
			}
			word.WriteRune(r)
			escaped = false
		case quote == '"' && r == '\\':
			escaped = true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if begun {
				words, begun = append(words, word.String()), false
				word.Reset()
			}
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("command is %q, with a quote that is not closed; want it closed", text)
	}
	if begun {
		words = append(words, word.String())
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("command is %q; want words, such as SET {key} 1", text)
	}
	return words, nil
}

// stateless refuses commands that are not answered by one reply, or change what the
// connection's next one means.
func stateless(words []string) error {
	name := strings.ToUpper(words[0])
	switch name {
	case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR", "SYNC", "PSYNC":
		return fmt.Errorf("command is %s, which is not answered by one reply; want another", name)
	case "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "AUTH", "HELLO", "SELECT", "RESET", "QUIT", "CLIENT", "ASKING", "READONLY", "READWRITE":
		return fmt.Errorf("command is %s, which is about the connection; want one that is about keys", name)
	case "SCRIPT", "FUNCTION":
		return fmt.Errorf("command is %s, which is about the scripts that the server knows, also those of others; want a script, or a command that is about keys", name)
	case "SHUTDOWN", "DEBUG", "REPLICAOF", "SLAVEOF", "FAILOVER":
		return fmt.Errorf("command is %s, which ends or upsets the server; want another, or faults", name)
	}
	if strings.Contains(words[0], "{") {
		return fmt.Errorf("command is %s; want its name first, such as SET {key} 1", words[0])
	}
	return nil
}
