package sctp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// closeRead implements Conn.CloseRead.
func (s *socket) closeRead() error {
	return s.control(func(fd uintptr) error {
		s.readClosed.Store(true) // first, for a read that meets the end
		return syscallError("shutdown", sys.Shutdown(fd, sys.SHUT_RD))
	})
}

// startShutdown implements Conn.StartShutdown.
func (s *socket) startShutdown() error {
	return s.control(func(fd uintptr) error {
		if s.end.Load() == nil {
			s.writeClosed.Store(true) // first, for a write that meets the end
		}
		err := s.sendShutdown(fd)
		s.wakeWriter()
		return err
	})
}

// sendShutdown begins to shut the association down.
func (s *socket) sendShutdown(fd uintptr) error {
	if s.peeled {
		err := sendEnd(fd, FutureAssoc, sys.SCTP_EOF, nil)
		var errno sys.Errno
		switch {
		case err == nil:
		case errors.As(err, &errno) && isEnd(errno): // sendmsg has taken the socket's error
			s.lost(errno)
			return nil
		case errors.As(err, new(*noAssocError)):
			return nil // as shutdown(2) of other sockets: it has ended already
		}
		return err
	}
	return syscallError("shutdown", sys.Shutdown(fd, sys.SHUT_WR))
}

// shutdownWait implements Conn.Shutdown. Closing before the peer has acknowledged
// would lose data now and then, however the input is drained: fragments in the
// reassembly queue cannot be read, and make close abort.
func (s *socket) shutdownWait(ctx context.Context) error {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	if !s.markClosed(cancel) {
		return net.ErrClosed
	}
	defer s.shutdownEnded()
	if err := ctx.Err(); err != nil {
		s.abortFile()
		return err
	}
	// Interrupt those that wait, and take the reading over.
	s.file.SetDeadline(past)
	s.rd.mu.Lock()
	defer s.rd.mu.Unlock()
	s.wr.mu.Lock()
	defer s.wr.mu.Unlock()
	s.file.SetDeadline(time.Time{})
	wake := func() { s.file.SetReadDeadline(past) }
	stop := context.AfterFunc(wait, wake)
	defer stop()

	// If the association is gone already, the queue tells how.
	s.raw.Control(func(fd uintptr) {
		if s.sendShutdown(fd) == nil {
			s.writeClosed.Store(true)
		}
	})
	if !s.rd.open.empty() {
		// The peer may have restarted amid this message: then the kernel holds the events
		// back, and wakes no reader when both ends shut down, but a writer.
		go func() {
			if s.raw.Write(gone) == nil {
				wake()
			}
		}()
	}
	err := s.rd.drain()
	for wait.Err() == nil && errors.Is(err, os.ErrDeadlineExceeded) {
		s.file.SetReadDeadline(time.Time{})
		if wait.Err() == nil {
			err = s.rd.drain()
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.abortFile()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return net.ErrClosed // Abort
	}
	if cerr := s.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// drain discards all input up to the end of the association. The caller holds the
// reader, and has closed the socket to everybody else.
func (r *reader) drain() error {
	b := make([]byte, 64<<10)
	r.next = nil
	for {
		r.begin(b, readStream, 0)
		err := r.s.raw.Read(r.fn)
		r.forget()
		if err != nil {
			return err
		}
		met := append([]result{{err: r.err}}, r.next...)
		r.next = nil
		for _, res := range met {
			_, goesOn := res.err.(*MessageError)
			switch {
			case res.err == io.EOF:
				return r.awaitGone()
			case res.err != nil && !goesOn:
				return res.err
			}
		}
	}
}

// awaitGone waits until the association is gone, behind the end of the input: that comes
// with the peer's SHUTDOWN or CloseRead, and the peer may not have acknowledged all yet. No
// event tells of it then.
func (r *reader) awaitGone() error {
	if err := r.s.raw.Read(gone); err != nil {
		return err
	}
	r.s.raw.Control(func(fd uintptr) {
		if errno := takeEnd(fd); errno != 0 {
			r.s.lost(errno)
		}
	})
	return r.s.endError("recvmsg")
}
