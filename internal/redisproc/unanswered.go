package redisproc

import (
	"errors"
	"io"
	"net"
	"slices"

	"github.com/redis/go-redis/v9"
)

// Unanswered reports that an error of a client is its server's, or of the way there: it
// did not answer, or only that it cannot do now what any command of a load would have it
// do. Whoever sent the command is not to blame.
func Unanswered(err error) bool {
	var network net.Error // a timeout, or a connection that is not there
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return true
	}
	return slices.ContainsFunc([]string{"LOADING", "OOM", "READONLY", "MISCONF", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS"}, func(state string) bool {
		return redis.HasErrorPrefix(err, state)
	})
}
