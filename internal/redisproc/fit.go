package redisproc

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// fit says why limiters cannot work on a server although it answers: it is a node
// of a cluster and refuses most keys, a sentinel, a replica that refuses writes,
// or a cluster that is down. What a server does not tell is no reason.
func (s *Server) fit(ctx context.Context, server map[string]string) error {
	e := s.endpoint
	if e.kind == cluster {
		return s.whole(ctx)
	}
	mode := server["redis_mode"]
	if mode == "" {
		mode = server["server_mode"] // Valkey
	}
	switch {
	case e.kind == sentinel:
		return nil // it found the master
	case mode == "cluster" || mode == "" && s.inCluster(ctx):
		return fmt.Errorf("it is a node of a cluster, and refuses keys that are at home elsewhere; want %s", e.elsewhere(cluster, ""))
	case mode == "sentinel":
		return fmt.Errorf("it is a sentinel, which stores nothing; want %s", e.elsewhere(sentinel, "/NAME-OF-THE-MASTER"))
	}
	return s.writable(ctx)
}

// elsewhere is the address as one of another kind.
func (e endpoint) elsewhere(k kind, path string) string {
	if e.network == "unix" {
		return e.withNetwork("tcp").as(k, false) + path
	}
	return e.as(k, e.tls != nil) + path
}

func (e endpoint) withNetwork(network string) endpoint {
	e.network, e.addrs = network, []string{"HOST:PORT"}
	return e
}

// inCluster asks a server that did not say what it is.
func (s *Server) inCluster(ctx context.Context) bool {
	return s.control.ClusterInfo(ctx).Err() == nil
}

// whole says what a cluster lacks.
func (s *Server) whole(ctx context.Context) error {
	text, err := s.control.ClusterInfo(ctx).Result()
	if err != nil {
		return heard(err)
	}
	info := fields(text)
	if state := info["cluster_state"]; state != "" && state != "ok" {
		return fmt.Errorf("the cluster is down (%s), %s of 16384 slots are served; want all of them", state, info["cluster_slots_ok"])
	}
	return nil
}

func (s *Server) writable(ctx context.Context) error {
	text, err := s.control.Info(ctx, "replication").Result()
	if err != nil {
		return heard(err)
	}
	info := fields(text)
	if info["role"] == "slave" && info["slave_read_only"] == "1" {
		return fmt.Errorf("it is a replica, which refuses writes; want its master, %s:%s", info["master_host"], info["master_port"])
	}
	return nil
}

// heard drops the error of a question that was answered, if only with a refusal:
// an account that may not ask is no reason to stop.
func heard(err error) error {
	var denied redis.Error
	if errors.As(err, &denied) {
		return nil
	}
	return err
}
