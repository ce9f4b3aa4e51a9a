package redisproc

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// owned returns the process of a private server, and refuses to do to any other
// what it is for.
func (s *Server) owned(what string) (*process, error) {
	switch s.info.Mode {
	case Private:
		return s.process, nil
	case Embedded:
		return nil, fmt.Errorf("redis is embedded in this process; want a private server to %s, install redis-server", what)
	}
	return nil, fmt.Errorf("redis %s was named by the user; want a private server to %s, which is started when none is named", s.endpoint, what)
}

// Kill ends the server at once, as a crash does. What it stored is lost.
func (s *Server) Kill() error {
	p, err := s.owned("kill")
	if err != nil {
		return err
	}
	return p.crash()
}

// Restart starts a killed server again, empty and at the same address, and
// returns when it accepts connections.
func (s *Server) Restart(ctx context.Context) error {
	p, err := s.owned("restart")
	if err != nil {
		return err
	}
	return p.restart(ctx, s.endpoint)
}

// Pause stops the server's process in its tracks: connections stay open and
// nothing answers. Resume lets it go on.
func (s *Server) Pause() error { return s.halt("pause", pause) }

// Resume ends a Pause.
func (s *Server) Resume() error { return s.halt("resume", resume) }

func (s *Server) halt(what string, signal func(*process) error) error {
	p, err := s.owned(what)
	if err != nil {
		return err
	}
	return p.signal(what, signal)
}

// Slow delays the reply to every command of the load by d, and a pipeline's
// replies once together; 0 ends it. The delay is in the connections of the
// clients that the server hands out, so that it is the same for every command
// and nothing else changes: commands are executed when they arrive, also those
// whose caller leaves before the reply.
func (s *Server) Slow(d time.Duration) error {
	if _, err := s.owned("slow down"); err != nil {
		return err
	}
	if d < 0 {
		return fmt.Errorf("delay is %v; want 0 or more", d)
	}
	s.delay.Store(int64(d))
	return nil
}

// FlushScripts makes the server forget all scripts.
func (s *Server) FlushScripts(ctx context.Context) error {
	return s.tell(ctx, "make forget its scripts", "script", "flush", "sync")
}

// ResetConnections closes all connections of the load from the server's side.
func (s *Server) ResetConnections(ctx context.Context) error {
	return s.tell(ctx, "reset connections of", "client", "kill", "type", "normal", "skipme", "yes")
}

// ReadOnly makes the server refuse writes with READONLY, as one does that lost
// its place as master; off ends it. It becomes a replica of a master at port 0,
// which can never answer, so it keeps what it has.
func (s *Server) ReadOnly(ctx context.Context, on bool) error {
	if on {
		return s.tell(ctx, "make read-only", "replicaof", "127.0.0.1", "0")
	}
	return s.tell(ctx, "make writable", "replicaof", "no", "one")
}

// OutOfMemory makes the server refuse writes with OOM; off ends it. Nothing is
// evicted.
func (s *Server) OutOfMemory(ctx context.Context, on bool) error {
	limit := "0" // none
	if on {
		limit = "1"
	}
	return s.tell(ctx, "starve of memory", "config", "set", "maxmemory-policy", "noeviction", "maxmemory", limit)
}

// tell sends a private server a command.
func (s *Server) tell(ctx context.Context, what string, args ...any) error {
	if _, err := s.owned(what); err != nil {
		return err
	}
	if err := s.control.Process(ctx, redis.NewCmd(ctx, args...)); err != nil {
		return fmt.Errorf("redis %s: %v: %w", s.endpoint, args, err)
	}
	return nil
}
