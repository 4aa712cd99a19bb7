package sctp

import (
	"errors"
	"fmt"
	"net/netip"
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

// StalledError says that a write to a one-to-many socket has waited in vain for room in
// the send buffer, which an association holds whose peer takes nothing. It is a timeout,
// and EAGAIN.
type StalledError struct {
	// Assoc is the association: [MultiConn.AbortAssoc] it, or give it a socket of its own
	// with [MultiConn.PeelOff]. It is zero if none is to be found: then the system has no
	// memory for SCTP (net.sctp.sctp_mem).
	Assoc AssocID

	// Waited says for how long.
	Waited time.Duration
}

func (e *StalledError) Error() string {
	if e.Assoc == 0 {
		return fmt.Sprintf("no memory to send for %v", e.Waited)
	}
	return fmt.Sprintf("no room to send for %v: association %d takes nothing", e.Waited, e.Assoc)
}

// Timeout returns true.
func (e *StalledError) Timeout() bool { return true }

// Unwrap returns EAGAIN.
func (e *StalledError) Unwrap() error { return sys.EAGAIN }
