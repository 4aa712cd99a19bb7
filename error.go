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

// AssocError says why an association ended, or could not be set up. It is between the
// *net.OpError of the call and the *os.SyscallError of the kernel:
//
//	var ae *sctp.AssocError
//	if errors.As(err, &ae) && ae.Cause == sctp.CauseOutOfResource {
//
// It unwraps to ECONNRESET after an ABORT from the peer, to ETIMEDOUT after the
// retransmission limit, to ECONNABORTED after a protocol violation, and to ECONNREFUSED or
// ETIMEDOUT if the association could not be set up.
type AssocError struct {
	Assoc AssocID
	State AssocChangeState // AssocCommLost, AssocCantStart or AssocRestart

	// Cause is the cause in the peer's ABORT. It is 0 if there was none, and until a read
	// has met the end.
	Cause Cause

	// Reason is the text that the peer sent with CauseUserAbort, if any: up to some 64 KiB, of
	// which Error quotes 256 bytes. Do not trust it.
	Reason []byte

	Err error // an *os.SyscallError
}

// maxReasonText is how much of the peer's words stands in a text.
const maxReasonText = 256

func (e *AssocError) Error() string {
	var b strings.Builder
	b.WriteString(e.Err.Error())
	if e.State == AssocRestart {
		b.WriteString(" (the peer restarted)")
	}
	if e.Cause != 0 {
		b.WriteString(" (" + e.Cause.String())
		if len(e.Reason) > 0 {
			reason := e.Reason[:min(len(e.Reason), maxReasonText)]
			b.WriteString(": " + strconv.QuoteToASCII(string(reason)))
			if len(reason) < len(e.Reason) {
				fmt.Fprintf(&b, " and %d bytes", len(e.Reason)-len(reason))
			}
		}
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap returns the *os.SyscallError.
func (e *AssocError) Unwrap() error { return e.Err }

// Timeout reports whether the peer has stopped answering.
func (e *AssocError) Timeout() bool { return errors.Is(e.Err, sys.ETIMEDOUT) }

// MessageError is an error of reading that concerns one message, or one association of a
// [MultiConn]. It does not end an iteration, and later reads go on. It is inside the
// *net.OpError of the call:
//
//	var one *sctp.MessageError
//	if errors.As(err, &one) {
//		log.Print(one.Info.Assoc, one.Err)
//		continue
//	}
//
// Err is EMSGSIZE if the message was longer than an iterator's limit and was skipped. It
// is EBADMSG if Read or ReadMsg had returned a part of the message and the rest does not
// come, because the peer gave it up, or because Messages, ReadWhole or ReadFrom has met
// it. It is an [*AssocError] if an association of a MultiConn could not be set up.
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

// StalledError is the error of a write to a one-to-many socket that has waited in vain for
// room in the send buffer: an association holds it whose peer takes nothing. It is a
// timeout, and EAGAIN.
type StalledError struct {
	// Assoc is the association: abort it with [MultiConn.AbortAssoc], or give it a socket
	// of its own with [MultiConn.PeelOff]. It is zero if there is none: then the system
	// has no memory for SCTP (net.sctp.sctp_mem).
	Assoc AssocID

	// Waited is how long the write has waited.
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
