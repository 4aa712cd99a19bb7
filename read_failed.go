package sctp

import "github.com/netsctp/sctp/internal/sys"

// minFailedLimit is the least limit for the length of a message that failed: the send
// buffer that the message once fitted may have been made smaller since.
const minFailedLimit = 16 << 20

// A failedMessage puts the fragments of a message that failed together.
//
// The kernel reports a message when it has let go of its last fragment, and then all
// of them at once: in order, one behind the other, each with whether it was sent. So
// what a fragment does not belong to, and whatever comes that is no fragment, ends the
// message before it, without its end. A message that becomes longer than limit ends too.
type failedMessage struct {
	ev    *SendFailed // what there is of it; nil if there is none
	limit int         // of ev, in bytes
}

// add takes in a fragment with its DATA chunk flags, and returns the messages that it
// ends: the one before it, if that lacks its end, and its own.
func (f *failedMessage) add(fragment *SendFailed, flags uint16) (before, own *SendFailed) {
	if ev := f.ev; ev == nil || flags&sys.SCTP_DATA_FIRST_FRAG != 0 || !f.fits(fragment) {
		before = f.end()
		fragment.Truncated = flags&sys.SCTP_DATA_FIRST_FRAG == 0
		f.ev = fragment
	} else {
		ev.Data = append(ev.Data, fragment.Data...)
		ev.Sent = ev.Sent || fragment.Sent
	}
	if flags&sys.SCTP_DATA_LAST_FRAG != 0 {
		own, f.ev = f.ev, nil
	}
	return before, own
}

// fits reports whether fragment may be the next one.
func (f *failedMessage) fits(fragment *SendFailed) bool {
	return f.ev.Assoc == fragment.Assoc && f.ev.Info == fragment.Info && len(f.ev.Data)+len(fragment.Data) <= f.limit
}

// end returns the message whose end has not come, or nil.
func (f *failedMessage) end() *SendFailed {
	ev := f.ev
	if ev != nil {
		ev.Truncated = true
		f.ev = nil
	}
	return ev
}

// failedLimit returns the limit for the length of a message that failed.
func failedLimit(fd uintptr) int {
	n, _ := getInt(fd, sys.SOL_SOCKET, sys.SO_SNDBUF, "SO_SNDBUF")
	return max(n, minFailedLimit)
}
