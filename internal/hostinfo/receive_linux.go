package hostinfo

import (
	"errors"
	"math/rand/v2"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// receiver looks how late this process is while it runs.
type receiver struct {
	file  *os.File
	ended chan *loglinear.Histogram // one, when it has looked for the last time
}

// newReceiver begins to look; nil where the kernel gives it no timer.
func newReceiver() *receiver {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	r := &receiver{file: os.NewFile(uintptr(fd), "timerfd"), ended: make(chan *loglinear.Histogram, 1)}
	go r.look()
	return r
}

// look waits for one instant after the other, as the runtime waits for sockets.
// Distances are random, so that no rhythm of the load can hide from it.
func (r *receiver) look() {
	late := loglinear.New(scale)
	defer func() { r.ended <- late }()
	expirations := make([]byte, 8)
	for {
		due := monotonic() + receiveEvery/4 + rand.N(2*receiveEvery-receiveEvery/2)
		if r.arm(due) != nil {
			return
		}
		if _, err := r.file.Read(expirations); err != nil {
			return
		}
		late.Add(int64(monotonic() - due))
	}
}

// arm sets the instant at which there will be something to read.
func (r *receiver) arm(due time.Duration) error {
	conn, err := r.file.SyscallConn()
	if err != nil {
		return err
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(due))}
	controlErr := conn.Control(func(fd uintptr) {
		err = unix.TimerfdSettime(int(fd), unix.TFD_TIMER_ABSTIME, &spec, nil)
	})
	return errors.Join(err, controlErr)
}

func monotonic() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // the clock is there
	return time.Duration(ts.Nano())
}

// stop ends the looks.
func (r *receiver) stop() Receive {
	if r == nil {
		return Receive{}
	}
	_ = r.file.Close() // wakes who reads
	return summary(<-r.ended)
}
