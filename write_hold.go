package sctp

import (
	"sync"

	"github.com/netsctp/sctp/internal/sys"
)

// A hold has the kernel hold small messages back, so that it bundles them into packets:
// SCTP_NODELAY is off while all but the last of them are sent (Nagle's algorithm). What is
// held back when the last cannot be sent leaves with the peer's next SACK. MSG_MORE would
// hold back more, but that leaves only with a further message, which may never come.
type hold struct {
	mu    sync.RWMutex // held meanwhile; who minds SCTP_NODELAY holds it for reading
	known tristate     // SCTP_NODELAY, as the owner wants it
	value int32        // for the kernel to read and write
}

// A hold costs two system calls. That pays for three messages or more, and for messages of
// which a packet can have several.
const (
	minHeld = 3
	maxHeld = 2048
)

// begin begins to hold messages back, and reports whether end must follow: not if the
// socket's owner has them held back anyway. If lent is true, others than the package may
// have set SCTP_NODELAY.
func (h *hold) begin(fd uintptr, lent bool) bool {
	h.mu.Lock()
	if h.on(fd, lent) {
		return true
	}
	h.mu.Unlock()
	return false
}

// on is begin for who holds mu.
func (h *hold) on(fd uintptr, lent bool) bool {
	if h.known == unknown || lent {
		h.read(fd)
	}
	return h.known == yes && h.set(fd, 0)
}

// end has what comes sent at once again, and what is held back with it.
func (h *hold) end(fd uintptr) {
	h.off(fd)
	h.mu.Unlock()
}

func (h *hold) off(fd uintptr) { h.set(fd, 1) }

func (h *hold) read(fd uintptr) {
	h.known = no
	if _, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_NODELAY, sys.Bytes(&h.value)); errno == 0 && h.value != 0 {
		h.known = yes
	}
}

func (h *hold) set(fd uintptr, value int32) bool {
	h.value = value
	return sys.Setsockopt(fd, sys.SOL_SCTP, sys.SCTP_NODELAY, sys.Bytes(&h.value)) == 0
}
