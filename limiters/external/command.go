package external

import (
	"errors"
	"fmt"
	"strings"
)

// shellOnly is what means something to a shell and is left alone here.
const shellOnly = "|&;<>(){}$`*?[]#~\n"

// split takes a command line apart into words, as a shell would: at white
// space, but for what stands in quotes or after a backslash. What else a shell
// would act on is refused rather than handed to the program.
func split(command string) ([]string, error) {
	s := splitter{rest: command}
	if strings.IndexByte(command, 0) >= 0 {
		s.err = errors.New("no zero byte, which no argument can hold")
	}
	for s.rest != "" && s.err == nil {
		s.step()
	}
	s.end()
	switch {
	case s.err != nil:
		return nil, fmt.Errorf("command is %q; want %w", command, s.err)
	case len(s.words) == 0:
		return nil, errors.New("command is empty; want a program, such as ./my-limiter")
	case s.words[0] == "":
		return nil, fmt.Errorf("command is %q; want a program as its first word", command)
	}
	return s.words, nil
}

type splitter struct {
	rest  string
	words []string
	word  []byte
	open  bool // a word has begun, if only with quotes
	err   error
}

func (s *splitter) step() {
	c := s.rest[0]
	s.rest = s.rest[1:]
	switch {
	case c == ' ' || c == '\t':
		s.end()
	case c == '\'':
		s.literal()
	case c == '"':
		s.quoted()
	case c == '\\':
		s.escaped()
	case strings.IndexByte(shellOnly, c) >= 0:
		s.err = fmt.Errorf("no %q outside of quotes: for what only a shell does, sh -c '…'", c)
	default:
		s.add(c)
	}
}

func (s *splitter) add(c ...byte) { s.word, s.open = append(s.word, c...), true }

func (s *splitter) end() {
	if s.open {
		s.words = append(s.words, string(s.word))
	}
	s.word, s.open = s.word[:0], false
}

// literal reads to the closing single quote.
func (s *splitter) literal() {
	text, rest, closed := strings.Cut(s.rest, "'")
	if !closed {
		s.err = errors.New("its ' closed")
	}
	s.add([]byte(text)...)
	s.rest = rest
}

// quoted reads to the closing double quote. Inside, a backslash is one unless a
// quote or another follows.
func (s *splitter) quoted() {
	s.open = true
	for s.rest != "" {
		c := s.rest[0]
		s.rest = s.rest[1:]
		switch {
		case c == '"':
			return
		case c == '$' || c == '`':
			s.err = fmt.Errorf("no %q inside of double quotes: for what only a shell does, sh -c '…'", c)
			return
		case c == '\\' && s.rest != "" && strings.IndexByte("\"\\$`", s.rest[0]) >= 0:
			s.escaped()
		default:
			s.add(c)
		}
	}
	s.err = errors.New(`its " closed`)
}

// escaped takes the next byte as it is.
func (s *splitter) escaped() {
	if s.rest == "" {
		s.err = errors.New(`something after its last \`)
		return
	}
	s.add(s.rest[0])
	s.rest = s.rest[1:]
}
