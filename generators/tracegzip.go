package generators

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// damage is an error of a file, and not of one of its lines.
type damage struct{ error }

func (d *damage) Unwrap() error { return d.error }

// plain returns what a stream holds as text, or says why it does not.
func plain(lines *bufio.Reader) (*bufio.Reader, error) {
	if magic, _ := lines.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(lines)
		if err != nil {
			return lines, &damage{fmt.Errorf("%w; want gzip whole, or text", err)}
		}
		lines = bufio.NewReaderSize(unzipped, maxLine)
	}
	start, _ := lines.Peek(16)
	for _, f := range []struct {
		at            int
		magic, is, by string
	}{
		{0, "\xfd7zXZ\x00", "compressed by xz", "xz -dc"},
		{0, "\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc"},
		{4, "1AY&SY", "compressed by bzip2", "bzip2 -dc"},
		{0, "\x04\x22\x4d\x18", "compressed by lz4", "lz4 -dc"},
		{0, "\x1f\x9d", "compressed by compress", "uncompress -c"},
		{0, "\x5d\x00\x00", "compressed by lzma", "xz -dc"},
		{0, "PK\x03\x04", "a zip archive", "unzip -p"},
		{0, "\xff\xfe", "UTF-16", "iconv -f UTF-16 -t UTF-8"},
		{0, "\xfe\xff", "UTF-16", "iconv -f UTF-16 -t UTF-8"},
	} {
		if len(start) >= f.at && bytes.HasPrefix(start[f.at:], []byte(f.magic)) {
			return lines, &damage{fmt.Errorf("file is %s; want text in UTF-8, plain or compressed by gzip, such as by %s", f.is, f.by)}
		}
	}
	return lines, nil
}

// damaged says what a reading error means.
func (r *reader) damaged(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("gzip: %w: the compressed text ends early, or is followed by something else; want all of it alone", err)
	case errors.Is(err, gzip.ErrHeader):
		err = errors.New("what follows is not gzip; want nothing behind the compressed text, such as by gzip -dc FILE | gzip > NEW")
	case errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		err = fmt.Errorf("%w; want the file undamaged", err)
	}
	return &damage{r.errorf("%w", err)}
}

// changed says that a file is not what it was when it was checked.
func (r *reader) changed() error {
	return &damage{r.errorf("file has changed; want it as it was when it was checked")}
}
