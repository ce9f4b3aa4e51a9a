// Command stall is an HTTP service on loopback that freezes regularly: for
// -for at the end of every -every. It exists to prove that a measurement from
// the intended start sees the whole of a freeze.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "loopback address to listen on")
	every := flag.Duration("every", 10*time.Second, "time from one freeze to the next")
	length := flag.Duration("for", time.Second, "length of a freeze")
	after := flag.Duration("after", 10*time.Minute, "exit after so long")
	flag.Parse()
	if err := serve(*addr, *every, *length, *after); err != nil {
		fmt.Fprintln(os.Stderr, "stall:", err)
		os.Exit(1)
	}
}

func serve(addr string, every, length, after time.Duration) error {
	handler, err := freezing(every, length)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, after)
	defer cancel()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return errors.Join(fmt.Errorf("address is %s; want one on loopback", listener.Addr()), listener.Close())
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: handler}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// freezing answers at once, but for the last length of every period, when
// answers wait for its end. Periods begin with the first request, so that how
// many freezes a run meets does not depend on when it began.
func freezing(every, length time.Duration) (http.HandlerFunc, error) {
	if length <= 0 || length >= every {
		return nil, fmt.Errorf("for is %v; want more than 0s and less than every, %v", length, every)
	}
	start := sync.OnceValue(time.Now)
	return func(http.ResponseWriter, *http.Request) {
		if phase := time.Since(start()) % every; phase >= every-length {
			time.Sleep(every - phase)
		}
	}, nil
}
