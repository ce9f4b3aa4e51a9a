//go:build unix && !linux

package child

func attributes() *attr { return &attr{Setpgid: true} }

// untilDead cannot tell: what a program leaves behind when it ends by itself is
// left alone.
func untilDead(int) bool { return false }
