package sctp

import (
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/netsctp/sctp/internal/sys"
)

// Detach closes c and returns its socket, with the association, as an *os.File that another
// program can use: the standard input of an os/exec Cmd, say, or a C library's descriptor.
// The descriptor is blocking, nothing is subscribed to, and the notifications in front of
// unread data are gone; unread data stay. A notification that lies behind unread data stays,
// too: read what has come before Detach if there may be one, or let the program look at
// MSG_NOTIFICATION. What c had set as options stays as it is.
//
// Detach fails with EBUSY, and changes nothing, while a read or a write is under way, and
// amid a message of which a part was read. Unlike [Conn.File], whose file shares the socket
// with c, it leaves nothing to c: all calls return [net.ErrClosed] afterwards.
func (c *Conn) Detach() (*os.File, error) {
	f, err := c.sock().detach()
	return f, c.sock().opError("detach", err)
}

// Detach closes l and returns its socket, which goes on listening, as an *os.File that
// another program can use, for example under the protocol of systemd for the activation of
// sockets. The descriptor is blocking, and what is accepted from it is subscribed to nothing; an
// association that waited to be accepted by then may still have the events of its set-up.
// Detach fails with EBUSY while an Accept waits.
func (l *Listener) Detach() (*os.File, error) {
	f, err := l.sock().detach()
	return f, l.sock().opError("detach", err)
}

// detach implements Detach.
func (s *socket) detach() (*os.File, error) {
	if s.closed.Load() {
		return nil, net.ErrClosed
	}
	if !s.rd.mu.TryLock() {
		return nil, fmt.Errorf("a read or Accept is under way: %w", sys.EBUSY)
	}
	defer s.rd.mu.Unlock()
	if !s.wr.mu.TryLock() {
		return nil, fmt.Errorf("a write is under way: %w", sys.EBUSY)
	}
	defer s.wr.mu.Unlock()
	if !s.rd.open.empty() {
		return nil, fmt.Errorf("a message was read in part: read its end first: %w", sys.EBUSY)
	}
	f, err := s.dup()
	if err != nil {
		return nil, err
	}
	err = s.control(func(fd uintptr) error {
		if err := s.events.drop(fd); err != nil {
			return err
		}
		if s.raddr != nil {
			s.rd.drainEvents(fd)
		}
		return syscallError("fcntl", sys.SetNonblock(int(fd), false))
	})
	if err == nil {
		err = s.close()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// drop unsubscribes from everything, what the package needs itself included.
func (e *subscription) drop(fd uintptr) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return optEvents.setsockopt(fd, slices.Repeat([]byte{0}, e.size))
}

// drainEvents takes the notifications from the front of the queue.
func (r *reader) drainEvents(fd uintptr) {
	b := make([]byte, 4096)
	for sys.NotificationNext(fd) {
		for {
			_, flags, errno := r.msg.Recv(fd, b, false)
			if errno != 0 && !isHint(errno) || flags&sys.MSG_EOR != 0 {
				break
			}
		}
	}
	r.msg.Release()
}
