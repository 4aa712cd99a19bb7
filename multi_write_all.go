package sctp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/netsctp/sctp/internal/sys"
)

// WriteAll sends b as one message to each association, one after the other. It returns the
// errors of those that failed, joined; an association that has ended is not an error. If
// info is nil the defaults of each association apply; otherwise its Assoc and Addr must be
// zero. WriteAll waits for room in the send buffer as WriteMsg does, with one limit for
// all associations together.
func (m *MultiConn) WriteAll(b []byte, info *SndInfo) error {
	if m.s == nil {
		return sys.EINVAL
	}
	op := m.wr.newOp()
	defer m.wr.put(op)
	op.data = payload{b: b}
	err := m.checkWrite(op)
	switch {
	case err != nil:
	case info != nil && (info.Assoc != FutureAssoc || info.Addr.IsValid()):
		err = invalidError("WriteAll with an Assoc or Addr: use WriteMsg")
	default:
		err = m.writeAll(op, info)
	}
	if err != nil {
		return m.writeError(nil, err)
	}
	return nil
}

// writeAll sends op's message to every association, one by one: the kernel's SCTP_SENDALL stops at
// the first that has no room, and does not tell which.
func (m *MultiConn) writeAll(op *sendOp, info *SndInfo) error {
	var ids []AssocID
	err := m.s.control(func(fd uintptr) (err error) { ids, err = assocIDs(fd); return err })
	for _, id := range ids {
		var e error
		if info == nil {
			e = m.wr.sendDefault(op, id)
		} else {
			to := *info
			to.Assoc = id
			e = m.wr.send(op, netip.AddrPort{}, &to)
		}
		if _, ended := e.(*noAssocError); e == nil || ended {
			continue
		}
		if e == net.ErrClosed {
			return e
		}
		err = errors.Join(err, fmt.Errorf("association %d: %w", id, e))
	}
	if err != nil {
		return &allError{err}
	}
	return nil
}

// An allError holds the errors of a message to all associations, joined.
type allError struct{ error }

func (e *allError) Unwrap() error { return e.error }

// Timeout reports whether one of them is a timeout, which a net.OpError asks its error
// itself.
func (e *allError) Timeout() bool {
	return errors.Is(e.error, os.ErrDeadlineExceeded) || errors.Is(e.error, sys.EAGAIN)
}
