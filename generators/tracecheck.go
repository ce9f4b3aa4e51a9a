package generators

// perMark is after how many lines a fingerprint is kept, to find out soon that
// a file is not what it was.
const perMark = 4096

// A fingerprint tells the lines of one reading of a file from those of another.
type fingerprint struct {
	hash  uint64
	lines int
	marks []uint64     // the hash after each perMark lines, of the first reading
	first *fingerprint // of the first reading, unless this is it
}

// add takes in a line. It returns false when the first reading is known to have
// held another one here or shortly before.
func (f *fingerprint) add(line []byte) bool {
	f.hash = fold(f.hash^hashText(line), digest3)
	f.lines++
	switch at := f.lines/perMark - 1; {
	case f.lines%perMark != 0:
	case f.first == nil:
		f.marks = append(f.marks, f.hash)
	default:
		return at < len(f.first.marks) && f.first.marks[at] == f.hash
	}
	return true
}

// whole reports whether what was added is all that the first reading held.
func (f *fingerprint) whole() bool {
	return f.first == nil || f.hash == f.first.hash && f.lines == f.first.lines
}
