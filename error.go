package sctp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// AssocError says why an association ended, or could not be set up. It stands
// between the *net.OpError of the call and the *os.SyscallError of the kernel:
//
//	var ae *sctp.AssocError
//	if errors.As(err, &ae) && ae.Cause == sctp.CauseOutOfResource {
//
// After an ABORT from the peer it unwraps to ECONNRESET, after the retransmission
// limit to ETIMEDOUT, after a protocol violation to ECONNABORTED, and if the
// association could not be set up to ECONNREFUSED or ETIMEDOUT.
type AssocError struct {
	Assoc AssocID
	State AssocChangeState // AssocCommLost, AssocCantStart or AssocRestart

	// Cause is what the peer's ABORT gave as its reason, 0 if it gave none, or if
	// only a writer has met the end so far: the cause comes in through a read.
	Cause Cause

	// Reason holds the peer's own words, where Cause is CauseUserAbort and it had
	// any. They are the peer's: do not trust them.
	Reason []byte

	Err error // an *os.SyscallError
}

func (e *AssocError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
	if e.State == AssocRestart {
		b.WriteString(" (the peer restarted)")
	}
	if e.Cause != 0 {
		b.WriteString(" (" + e.Cause.String())
		if len(e.Reason) > 0 {
			b.WriteString(": " + strconv.QuoteToASCII(string(e.Reason)))
		}
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap returns the *os.SyscallError.
func (e *AssocError) Unwrap() error { return e.Err }

// Timeout reports whether the peer did not answer any more.
func (e *AssocError) Timeout() bool { return errors.Is(e.Err, sys.ETIMEDOUT) }

// MessageError is an error of reading that concerns one message, or one association of a
// [MultiConn]. It does not end an iteration, and other reads go on: any other error of an
// iterator is its last. It stands in the *net.OpError of the call:
//
//	var one *sctp.MessageError
//	if errors.As(err, &one) {
//		log.Print(one.Info.Assoc, one.Err)
//		continue
//	}
//
// Err is EMSGSIZE if the message was longer than an iterator's limit and was skipped. It is
// EBADMSG if the rest of a message of which Read or ReadMsg had returned a part does not come,
// because the peer gave it up, or because Messages, ReadWhole or ReadFrom has met it. It is an
// [*AssocError] if an association could not be set up that a MultiConn had begun.
type MessageError struct {
	Info RcvInfo        // of the message; if it concerns an association, only Assoc is set
	Addr netip.AddrPort // the peer's
	Err  error
}

func (e *MessageError) Error() string {
	switch _, ok := e.Err.(*AssocError); {
	case e.Info.Assoc == 0:
		return e.Err.Error()
	case ok:
		return fmt.Sprintf("association %d: %v", e.Info.Assoc, e.Err)
	}
	return fmt.Sprintf("association %d, stream %d: %v", e.Info.Assoc, e.Info.Stream, e.Err)
}

// Unwrap returns Err.
func (e *MessageError) Unwrap() error { return e.Err }

// Timeout reports whether Err is a timeout: the peer of an association that was to be set up
// did not answer.
func (e *MessageError) Timeout() bool {
	t, ok := e.Err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

// givenUp is the error of a message of which a part was returned.
func givenUp(info RcvInfo, addr netip.AddrPort) *MessageError {
	return &MessageError{Info: info, Addr: addr, Err: errPartial}
}

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
	if errno == sys.EPROTONOSUPPORT || errno == sys.ESOCKTNOSUPPORT {
		return &noSCTPError{err}
	}
	return err
}

// noSCTPError is errors.ErrUnsupported with the way out.
type noSCTPError struct{ err error }

func (e *noSCTPError) Error() string {
	return e.err.Error() + " (this kernel has no SCTP: try modprobe sctp; the module may be in a package of its own, such as linux-modules-extra or kernel-modules-extra)"
}
func (e *noSCTPError) Unwrap() error        { return e.err }
func (e *noSCTPError) Is(target error) bool { return target == errors.ErrUnsupported }

// A dialTimeoutError is what Dial returns when its own time is up: with the text of
// package net's, and both context.DeadlineExceeded and os.ErrDeadlineExceeded.
type dialTimeoutError struct{}

func (dialTimeoutError) Error() string   { return "i/o timeout" }
func (dialTimeoutError) Timeout() bool   { return true }
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

// millis converts d for the kernel, rounded up so that what is not zero stays so.
func millis(d time.Duration) (uint32, error) {
	ms := d / time.Millisecond
	if d%time.Millisecond > 0 {
		ms++
	}
	if d < 0 || ms > 1<<32-1 {
		return 0, invalidError("duration %v is out of range", d)
	}
	return uint32(ms), nil
}
