package layering

import (
	"slices"
	"testing"
)

func TestForgottenFindsConstructors(t *testing.T) {
	sources := []source{
		parseText(t, "limiters", `package limiters
type Limiter interface { Allow() }
type Bucket struct{}
func (*Bucket) Allow() {}
type Config struct{}
func NewListed() (Limiter, error) { return nil, nil }
func NewLost() (Limiter, error) { return nil, nil }
func NewLostBucket() (*Bucket, error) { return nil, nil }
type Generic[T any] struct{}
func (Generic[T]) Allow() {}
func NewLostGeneric[T any]() (*Generic[T], error) { return nil, nil }
func NewConfig() Config { return Config{} }
func NewWrapper(Limiter) Limiter { return nil }
func (Config) NewMethod() Limiter { return nil }
func helper() Limiter { return nil }
`),
		parseText(t, "limiters/redislua", `package redislua
import "`+module+`/limiters"
func NewLost() (limiters.Limiter, error) { return nil, nil }
`),
		parseText(t, "results", "package results\nfunc NewLost() int { return 0 }\n"),
		parseText(t, builtin, `package builtin
import l "`+module+`/limiters"
var _ = l.NewListed
`),
	}
	want := []string{"limiters.NewLost", "limiters.NewLostBucket", "limiters.NewLostGeneric", "limiters/redislua.NewLost"}
	if got := forgotten(sources); !slices.Equal(got, want) {
		t.Errorf("forgotten = %q; want %q", got, want)
	}
}
