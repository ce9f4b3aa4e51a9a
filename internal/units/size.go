package units

// sizes are written in bytes. Both spellings of a thousand are in use, so both
// are read; kB is written.
var sizes = quantity{
	noun: "size",
	want: "a size in bytes, such as 512B, 4KiB or 1MB",
	unit: "B",
	scales: []scale{
		{"Ti", 1 << 40},
		{"T", 1e12},
		{"Gi", 1 << 30},
		{"G", 1e9},
		{"Mi", 1 << 20},
		{"M", 1e6},
		{"Ki", 1 << 10},
		{"k", 1e3},
		{"K", 1e3},
	},
}

// counts have no unit.
var counts = quantity{
	noun:   "count",
	want:   "a count, such as 500, 10_000, 10k or 1M",
	scales: decimalScales,
}

// ParseSize reads a number of bytes: bare, or with B, kB, KiB, MB, MiB, GB,
// GiB, TB or TiB, where k is 1000 and Ki is 1024. The B may be left out.
func ParseSize(text string) (Size, error) {
	n, err := sizes.parse(text)
	return Size(n), err
}

// String writes the size with the largest unit that divides it.
// [ParseSize] reads it back unchanged.
func (s Size) String() string { return formatScaled(int64(s), sizes.scales) + sizes.unit }

// MarshalText writes the size as String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the size as ParseSize does.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// ParseCount reads a number of things: 10000, 10_000, 10k, 1.5M.
func ParseCount(text string) (Count, error) {
	n, err := counts.parse(text)
	return Count(n), err
}

// String writes the count with the largest prefix that divides it.
// [ParseCount] reads it back unchanged.
func (c Count) String() string { return formatScaled(int64(c), counts.scales) }

// MarshalText writes the count as String does.
func (c Count) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the count as ParseCount does.
func (c *Count) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCount(string(text))
	return err
}
