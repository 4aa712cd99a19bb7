package sctp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"github.com/netsctp/sctp/internal/sys"
)

// isEnd reports whether errno says that the association is lost.
func isEnd(errno sys.Errno) bool {
	return errno == sys.ECONNRESET || errno == sys.ECONNABORTED || errno == sys.ETIMEDOUT
}

// isHint reports whether a call that got errno is to be made again: a signal came, or a
// hint from the network. With IP_RECVERR Linux hands what ICMP says of a path to the next
// call, which then has done nothing, and the association goes on.
func isHint(errno sys.Errno) bool {
	switch errno {
	case sys.EINTR, sys.EHOSTUNREACH, sys.ENETUNREACH, sys.EHOSTDOWN, sys.ENOPROTOOPT, sys.EPROTO, sys.ECONNREFUSED:
		return true
	}
	return false
}

// syscallError returns errno as the failure of call, or nil.
func syscallError(call string, errno sys.Errno) error {
	if errno == 0 {
		return nil
	}
	return os.NewSyscallError(call, errno)
}

// invalidError says what is wrong with an argument; it is EINVAL, as the kernel
// would answer.
func invalidError(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, sys.EINVAL)...)
}

var (
	errTTL           = invalidError("partial reliability: policy TTL needs a positive TTL")
	errNoPolicy      = invalidError("partial reliability: TTL and Value need a Policy")
	errPRTTL         = invalidError("partial reliability: TTL is of the policy PRTTL only")
	errPRValue       = invalidError("partial reliability: Value is not of the policy PRTTL")
	errPolicy        = invalidError("partial reliability: unknown policy")
	errNoData        = invalidError("SCTP has no empty message")
	errNoDestination = fmt.Errorf("SndInfo names no association and no address: %w", sys.EDESTADDRREQ)
	errPeeledAddr    = invalidError("an association that was peeled off takes no SndInfo.Addr: use SetPrimaryAddr")
	errPartial       = fmt.Errorf("the peer gave up a message that was read in part: %w", os.NewSyscallError("recvmsg", sys.EBADMSG))
	errCut           = fmt.Errorf("the end of a message whose beginning was returned, and of whose rest another call has dropped some: %w", os.NewSyscallError("recvmsg", sys.EBADMSG))
)

// socketError explains why there is no socket.
func socketError(errno sys.Errno) error {
	err := os.NewSyscallError("socket", errno)
	switch errno {
	case sys.EPROTONOSUPPORT, sys.ESOCKTNOSUPPORT:
		return &noSCTPError{err}
	case sys.EPERM, sys.EACCES:
		return fmt.Errorf("%w (a seccomp filter or a security module refuses SCTP sockets, as those of containers may: it must allow protocol 132)", err)
	}
	return err
}

// noSCTPError is errors.ErrUnsupported with the way out.
type noSCTPError struct{ err error }

func (e *noSCTPError) Error() string {
	return e.err.Error() + " (this kernel has no SCTP: try modprobe sctp; the module may be in a package of its own, such as linux-modules-extra or kernel-modules-extra, or blocked in /etc/modprobe.d)"
}

func (e *noSCTPError) Unwrap() error { return e.err }

func (e *noSCTPError) Is(target error) bool { return target == errors.ErrUnsupported }

// A dialTimeoutError is what Dial returns when its own time is up: with the text of
// package net's, and both context.DeadlineExceeded and os.ErrDeadlineExceeded.
type dialTimeoutError struct{}

func (dialTimeoutError) Error() string { return "i/o timeout" }

func (dialTimeoutError) Timeout() bool { return true }

func (dialTimeoutError) Temporary() bool { return true }

func (dialTimeoutError) Is(target error) bool {
	return target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded
}

// contextError returns the error of a context that ended a dial.
func contextError(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return dialTimeoutError{}
	}
	return ctx.Err()
}

// A noAssocError says that a socket does not have an association.
type noAssocError struct{ assoc AssocID }

func (e *noAssocError) Error() string {
	if e.assoc == FutureAssoc {
		return "the association with this address is being shut down, or has just ended"
	}
	return "the socket has no association " + strconv.Itoa(int(e.assoc)) + " (it ended, was peeled off, or never was)"
}

func (e *noAssocError) Unwrap() error { return os.NewSyscallError("sendmsg", sys.ENOTCONN) }

// opError wraps err, which a call to s met; nil and io.EOF stay what they are.
func (s *socket) opError(op string, err error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
	case s == noSocket: // as package net's
		return sys.EINVAL
	}
	e := &net.OpError{Op: op, Net: s.network, Err: err}
	switch {
	case s.raddr != nil:
		e.Source, e.Addr = s.laddr, s.raddr
	case s.laddr != nil && s.many: // as package net's UDPConn
		e.Source = s.laddr
	case s.laddr != nil:
		e.Addr = s.laddr
	}
	return e
}
