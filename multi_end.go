package sctp

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// sendEnd ends an association with SCTP_EOF, or with SCTP_ABORT and a reason for the
// peer.
func sendEnd(fd uintptr, id AssocID, flag uint16, reason []byte) error {
	msg := new(sys.OutMsg)
	*sys.AddCmsg[sys.SndInfo](msg, sys.SCTP_SNDINFO) = sys.SndInfo{Flags: flag, AssocID: int32(id)}
	for {
		_, errno := msg.Send(fd, reason, nil)
		switch errno {
		case sys.EINTR:
		case sys.EPIPE:
			return &noAssocError{id}
		default:
			return syscallError("sendmsg", errno)
		}
	}
}

// StartShutdown begins to shut an association down and does not wait: what was sent is
// delivered first. The outcome arrives as an AssocChange event. An association that is
// being set up is gone at once, without one. StartShutdown fails with ENOTCONN if the
// socket has no such association. [MultiConn.ShutdownAssoc] waits.
func (m *MultiConn) StartShutdown(id AssocID) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("shutdown", m.endAssoc(id, sys.SCTP_EOF, nil))
}

// AbortAssoc ends an association with an ABORT that tells the peer the reason, which may
// have some hundred bytes; nil means none. Undelivered data is lost. The outcome arrives
// as an AssocChange event. AbortAssoc fails with ENOTCONN if the socket has no such
// association.
func (m *MultiConn) AbortAssoc(id AssocID, reason []byte) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("close", m.endAssoc(id, sys.SCTP_ABORT, reason))
}

// ShutdownAssoc shuts an association down and waits until it has ended, as [Conn.Shutdown]
// does, whether or not anybody reads. It first takes the association from the socket, as
// [MultiConn.PeelOff] does and with the same errors: its unread input is discarded, and no
// event reports its end. If it returns nil, everything that was written was delivered to
// the peer's kernel. If ctx ends first, ShutdownAssoc aborts the association and returns
// the error of ctx. An association that is still being set up is aborted, and
// ShutdownAssoc fails with ECONNABORTED. The other associations go on.
func (m *MultiConn) ShutdownAssoc(ctx context.Context, id AssocID) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("shutdown", m.shutdownAssoc(ctx, id))
}

func (m *MultiConn) shutdownAssoc(ctx context.Context, id AssocID) error {
	if ctx.Err() != nil {
		if err := m.endAssoc(id, sys.SCTP_ABORT, nil); err != nil {
			return err
		}
		return ctx.Err()
	}
	if m.settingUp(id) {
		if err := m.endAssoc(id, sys.SCTP_ABORT, nil); err != nil {
			return err
		}
		return setupFailure(id, 0, sys.ECONNABORTED)
	}
	c, err := m.peelOff(id, spare)
	if err != nil {
		return err
	}
	return c.s.shutdownWait(ctx)
}

// settingUp reports whether an association is being set up.
func (m *MultiConn) settingUp(id AssocID) bool {
	st, errno := m.status(id)
	return errno == 0 && AssocState(st.State) < StateEstablished
}

// status returns the SCTP_STATUS of an association.
func (m *MultiConn) status(id AssocID) (st sys.Status, errno sys.Errno) {
	m.s.control(func(fd uintptr) error { st, errno = statusOf(fd, id); return nil })
	return st, errno
}

// Shutdown closes the socket gracefully: it accepts no more associations, shuts down the
// existing ones as soon as they are up, discards what their peers still send, waits until
// all have ended, and closes. If it returns nil, everything that was written was delivered
// to the peers' kernels; otherwise the error joins an [*AssocError] for each association
// that was lost. If ctx ends first, Shutdown aborts the remaining associations and returns
// the error of ctx. As soon as it is called, all other calls return [net.ErrClosed].
func (m *MultiConn) Shutdown(ctx context.Context) error {
	if m.s == nil {
		return sys.EINVAL
	}
	return m.s.opError("shutdown", m.shutdownAll(ctx))
}

func (m *MultiConn) shutdownAll(ctx context.Context) error {
	s := m.s
	if !s.markClosed(nil) {
		return net.ErrClosed
	}
	m.src.closed()
	m.wr.closed()
	// Interrupt those that read, and take the reading over.
	s.file.SetReadDeadline(past)
	s.rd.mu.Lock()
	defer s.rd.mu.Unlock()
	s.file.SetReadDeadline(time.Time{})
	stop := context.AfterFunc(ctx, func() { s.file.SetReadDeadline(past) })
	defer stop()

	if ctx.Err() == nil {
		d := drain{m: m, buf: make([]byte, 64<<10)}
		perr := s.raw.Read(d.step)
		d.msg.Release()
		switch {
		case perr == nil && d.err == nil:
			if err := s.file.Close(); err != nil {
				return err
			}
			return d.lost
		case ctx.Err() == nil:
			s.abortFile()
			return errors.Join(d.err, perr)
		}
	}
	s.abortFile()
	return ctx.Err()
}

// A drain shuts all associations of a socket down, and discards the input until they are
// gone.
type drain struct {
	m     *MultiConn
	msg   sys.InMsg
	buf   []byte
	known map[AssocID]bool // the associations, and whether each was told to shut down
	lost  error            // of associations
	err   error
}

// step does what can be done without waiting, and reports whether all is done.
func (d *drain) step(fd uintptr) bool {
	if d.known == nil {
		d.known = map[AssocID]bool{}
		sys.Listen(int(fd), 0)
		d.shutDown(fd)
	}
	for {
		n, flags, errno := d.msg.Recv(fd, d.buf, false)
		switch {
		case errno == sys.EAGAIN, errno == 0 && n == 0:
			return d.shutDown(fd) || d.err != nil
		case isHint(errno):
		case errno != 0:
			d.err = syscallError("recvmsg", errno)
			return true
		case flags&sys.MSG_NOTIFICATION != 0:
			if ev, ok := decodeEvent(d.buf[:n], d.m.s.zones).(*AssocChange); ok {
				d.ended(ev)
			}
		}
	}
}

// shutDown has the associations that are up shut down, and reports whether none is left.
// Of one that is not up yet Linux would drop what was written to it.
func (d *drain) shutDown(fd uintptr) (none bool) {
	ids, err := assocIDs(fd)
	if err != nil {
		d.err = err
		return true
	}
	for _, id := range ids {
		if st, errno := statusOf(fd, id); errno == 0 && !d.known[id] {
			d.known[id] = AssocState(st.State) >= StateEstablished && sendEnd(fd, id, sys.SCTP_EOF, nil) == nil
		}
	}
	return len(ids) == 0
}

// ended takes note of an association that was lost, and not before Shutdown was called.
func (d *drain) ended(ev *AssocChange) {
	var err *AssocError
	switch _, known := d.known[ev.Assoc]; {
	case !known:
		return
	case ev.State == AssocCantStart:
		d.m.src.mu.Lock()
		if c := d.m.src.setUps.take(ev.Assoc); c != nil {
			c.cause = ev.Cause
			err = c.failure(ev.Assoc)
		} else {
			err = setupFailure(ev.Assoc, ev.Cause, sys.ECONNREFUSED)
		}
		d.m.src.mu.Unlock()
	case ev.State == AssocCommLost:
		err = &AssocError{
			Assoc: ev.Assoc, State: ev.State, Cause: ev.Cause, Reason: abortReason(ev.Info),
			Err: os.NewSyscallError("recvmsg", d.m.s.errnoOf(ev)),
		}
	default:
		return
	}
	d.lost = errors.Join(d.lost, err)
}

// endAssoc implements StartShutdown and AbortAssoc.
func (m *MultiConn) endAssoc(id AssocID, flag uint16, reason []byte) error {
	// No reader, and no Connect, may meet the end of a set-up as if it had failed.
	m.s.rd.queue.Lock()
	defer m.s.rd.queue.Unlock()
	m.src.mu.Lock()
	defer m.src.mu.Unlock()
	err := m.s.control(func(fd uintptr) error {
		st, errno := statusOf(fd, id)
		err := sendEnd(fd, id, flag, reason)
		if err == nil && errno == 0 && AssocState(st.State) < StateEstablished {
			m.src.setUps.drop(id)
		}
		return err
	})
	m.wr.queue.all() // it has left room
	return err
}
