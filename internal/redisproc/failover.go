package redisproc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/redis/go-redis/v9"
)

// successor is the name of a replica, until it takes the place of its primary.
const successor = "replica"

// replica is a second server, which receives what the private one writes for as
// long as the link lasts.
type replica struct {
	process
	control *redis.Client
	link    *link
}

// Replicate gives the server a replica, which has everything when Replicate
// returns, and from then on what is written a moment later: replication is
// asynchronous. off ends the replica, if there is one.
func (s *Server) Replicate(ctx context.Context, on bool) error {
	p, err := s.owned("replicate")
	if err != nil {
		return err
	}
	if !on {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.release()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("it has not everything after %v", startTimeout))
	defer cancel()
	r, err := s.follow(ctx, p)
	if err == nil {
		if err = s.together(ctx, r); err != nil {
			err = errors.Join(err, s.Replicate(ctx, false))
		}
	}
	if err != nil {
		return fmt.Errorf("redis %s: replica: %w", s.endpoint, err)
	}
	return nil
}

// follow starts a replica and tells it whom to follow.
func (s *Server) follow(ctx context.Context, p *process) (*replica, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.killed:
		return nil, errors.New("private redis-server is killed; want it running, to replicate it")
	case p.replica != nil:
		return nil, errors.New("private redis-server has a replica; want one at a time")
	}
	l, err := newLink(func() (net.Conn, error) {
		return s.endpoint.dial(context.WithoutCancel(ctx), s.endpoint.network, s.endpoint.addrs[0])
	})
	if err != nil {
		return nil, err
	}
	r := &replica{process: process{path: p.path, name: successor, home: p.home}, link: l}
	at := endpoint{network: "unix", addrs: []string{p.socket(successor)}, dial: s.endpoint.dial}
	if err := r.start(ctx, at); err != nil {
		l.cut()
		return nil, err
	}
	r.control, p.replica = redis.NewClient(at.options(ClientOptions{}).Simple()), r
	if err := s.introduce(ctx, r); err != nil {
		return nil, errors.Join(err, p.release())
	}
	return r, nil
}

// introduce has the replica follow the server. The server sends a file: after a
// stream, as is usual otherwise, it would keep writes back until it hears from the
// replica, which is once a second. Settings come one by one, as servers before 7.0
// take them.
func (s *Server) introduce(ctx context.Context, r *replica) error {
	host, port, err := net.SplitHostPort(r.link.address())
	return errors.Join(
		err,
		s.tell(ctx, "replicate", "config", "set", "repl-diskless-sync", "no"),
		r.tell(ctx, "config", "set", "repl-diskless-load", "on-empty-db"),
		r.tell(ctx, "config", "set", "masterauth", r.link.secret),
		r.tell(ctx, "replicaof", host, port),
	)
}

func (r *replica) tell(ctx context.Context, args ...any) error {
	return r.control.Process(ctx, redis.NewCmd(ctx, args...))
}

// together waits until the replica has everything that had been written when it
// was called.
func (s *Server) together(ctx context.Context, r *replica) error {
	text, err := s.control.Info(ctx, "replication").Result()
	if err != nil {
		return err
	}
	written := number(fields(text)["master_repl_offset"])
	look := time.NewTicker(readyPoll)
	defer look.Stop()
	for {
		text, err := r.control.Info(ctx, "replication").Result()
		if err != nil {
			return err
		}
		info := fields(text)
		if info["master_link_status"] == "up" && number(info["slave_repl_offset"]) >= written {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-look.C:
		}
	}
}

// CutReplica parts the server and its replica, which has by then all that had
// been written when CutReplica was called, and receives nothing more.
func (s *Server) CutReplica(ctx context.Context) error {
	r, err := s.second("cut off")
	if err != nil {
		return err
	}
	err = s.together(ctx, r)
	r.link.cut()
	if err != nil {
		return fmt.Errorf("redis %s: replica: %w", s.endpoint, err)
	}
	return nil
}

// second is the replica that there must be.
func (s *Server) second(what string) (*replica, error) {
	p, err := s.owned("have a replica to " + what)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.replica == nil {
		return nil, fmt.Errorf("private redis-server has no replica; want one, to %s", what)
	}
	return p.replica, nil
}

// FailOver kills the server as a crash does and has its replica answer at its
// address, as behind one that moves. What the replica had not received is lost.
func (s *Server) FailOver(ctx context.Context) error {
	r, err := s.second("fail over to")
	if err != nil {
		return err
	}
	r.link.cut()
	if err := r.tell(ctx, "replicaof", "no", "one"); err != nil {
		return fmt.Errorf("redis %s: replica: %w", s.endpoint, err)
	}
	return s.process.giveWay(r)
}

// giveWay ends the process and puts the replica in its place.
func (p *process) giveWay(r *replica) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed || p.replica != r {
		return errors.New("private redis-server is killed; want it running, to fail over")
	}
	early := p.running()
	p.kill()
	p.child, p.replica = r.child, nil
	return errors.Join(early, r.control.Close(),
		os.Rename(p.socket(successor), p.socket(primary)), // listeners follow their socket
		os.Rename(p.log(successor), p.log(primary)))
}

// release ends the replica, if there is one; whoever calls holds mu.
func (p *process) release() error {
	r := p.replica
	if r == nil {
		return nil
	}
	p.replica = nil
	r.link.cut()
	early := r.running()
	r.kill()
	return errors.Join(early, r.control.Close())
}
