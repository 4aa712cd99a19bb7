package sctp

import (
	"net"
	"net/netip"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// A sendOp is one message on its way, with memory and a function that are used again.
type sendOp struct {
	s     *socket
	msg   sys.OutMsg
	fn    func(fd uintptr) // step
	data  payload
	errno sys.Errno
	since time.Time // when it first found no room

	path  netip.AddrPort // if it is not zero, it must be a path of assoc
	assoc AssocID

	wake chan struct{} // while it waits for room: it is to try
	sign uint64        // of the roomQueue, the last that it got
	room bool          // after an EAGAIN: the socket has room, the system has no memory

	plain  bool             // the owner has messages held back anyway
	held   bool             // its batch holds messages back
	holdFn func(fd uintptr) // toggleHold, once it was needed
}

func newSendOp(s *socket) *sendOp {
	op := &sendOp{s: s}
	op.fn = op.step
	return op
}

// step sends the message.
func (op *sendOp) step(fd uintptr) {
	if op.path.IsValid() && assocAt(fd, op.path, op.assoc) != op.assoc {
		op.errno = sys.ENOTCONN
		return
	}
	const tries = 100 // for hints that came for all the associations of the socket
	op.errno = sys.EINTR
	for range tries {
		if _, op.errno = op.msg.Send(fd, op.data.b, op.data.parts); !isHint(op.errno) {
			break
		}
	}
	op.room = op.errno == sys.EAGAIN && sys.Poll(fd)&sys.PollOut != 0
	op.msg.Release()
}

// begin begins with another destination for the message.
func (op *sendOp) begin() {
	op.msg.Reset()
	op.errno, op.path = 0, netip.AddrPort{}
}

// nobody can be no peer's address.
var nobody = [4]byte{255, 255, 255, 255}

// sendTo has the message sent to the association that has the address a. If there is none,
// the kernel would begin to set one up: without an id until the peer has answered, and on an
// end point that offers I-DATA it would hold the thread until then. But what it sets up has
// the address in SCTP_DSTADDRV4 too, which an association that is there ignores, and that is
// EINVAL.
func (op *sendOp) sendTo(a netip.AddrPort, family int) {
	op.msg.SetAddr(family, a)
	*sys.AddCmsg[[4]byte](&op.msg, sys.SCTP_DSTADDRV4) = nobody
}

// newOp returns a sendOp that put takes back.
func (w *multiWriter) newOp() *sendOp { return w.pool.Get().(*sendOp) }

func (w *multiWriter) put(op *sendOp) {
	op.data, op.since, op.path = payload{}, time.Time{}, netip.AddrPort{}
	op.plain = false
	w.pool.Put(op)
}

// try tries to send.
func (w *multiWriter) try(op *sendOp) error {
	if w.s.closed.Load() {
		return net.ErrClosed
	}
	if !op.held {
		w.s.hold.mu.RLock()
		defer w.s.hold.mu.RUnlock()
	}
	if err := w.s.raw.Control(op.fn); err != nil {
		return w.s.pollError(err)
	}
	return nil
}

// assocAt returns the association with the peer at a, or zero if there is none.
func (w *multiWriter) assocAt(a netip.AddrPort) (id AssocID) {
	w.s.control(func(fd uintptr) error { id = assocAt(fd, a, FutureAssoc); return nil })
	return id
}

// assocAt returns the association with the peer at a, which is id if that is not zero. It
// returns zero if there is none.
func assocAt(fd uintptr, a netip.AddrPort, id AssocID) AssocID {
	k := sys.PAddrInfo{AssocID: int32(id), Addr: sys.StorageOf(a)}
	_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_GET_PEER_ADDR_INFO, sys.Bytes(&k))
	switch errno {
	case 0:
		return AssocID(k.AssocID)
	case sys.EACCES: // a path, of id if there is that, which has potentially failed
		if _, errno := statusOf(fd, id); errno == 0 {
			return id
		}
	}
	return FutureAssoc
}
