package sctp

import (
	"net"
	"net/netip"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// A sendOp is one message on its way, with memory and a function that are used again.
type sendOp struct {
	msg     sys.Msg
	fn      func(fd uintptr) // step
	b       []byte
	name    []byte
	control []byte
	errno   sys.Errno
	since   time.Time // when it first found no room

	peer  netip.AddrPort // if it is not zero, step looks who that is
	assoc AssocID        // and whether it is this one, if that is not zero
}

func newSendOp() *sendOp {
	op := new(sendOp)
	op.fn = op.step
	return op
}

// step sends the message, or asks which association the socket has with op.peer.
func (op *sendOp) step(fd uintptr) {
	if op.peer.IsValid() {
		k := sys.PAddrInfo{AssocID: int32(op.assoc), Addr: sys.StorageOf(op.peer)}
		_, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_GET_PEER_ADDR_INFO, sys.Bytes(&k))
		switch errno {
		case 0:
			op.assoc = AssocID(k.AssocID)
			return
		case sys.EACCES: // a path, of op.assoc if there is that, which has potentially failed
			_, errno = statusOf(fd, op.assoc)
		}
		if errno != 0 {
			op.assoc = FutureAssoc
		}
		return
	}
	const tries = 100 // for hints that came for all the associations of the socket
	op.errno = sys.EINTR
	for range tries {
		if _, op.errno = op.msg.Send(fd, op.b, op.name, op.control); !isHint(op.errno) {
			break
		}
	}
	op.msg.Release()
}

// newOp returns a sendOp that put takes back.
func (w *multiWriter) newOp() *sendOp { return w.pool.Get().(*sendOp) }

func (w *multiWriter) put(op *sendOp) {
	op.b, op.name, op.control, op.since = nil, nil, nil, time.Time{}
	w.pool.Put(op)
}

// try tries to send.
func (w *multiWriter) try(op *sendOp) error {
	if w.s.closed.Load() {
		return net.ErrClosed
	}
	if err := w.s.raw.Control(op.fn); err != nil {
		return w.s.pollError(err)
	}
	return nil
}

// assocAt returns the association with the peer at a, which is id if that is not zero. It
// returns zero if there is none.
func (w *multiWriter) assocAt(op *sendOp, a netip.AddrPort, id AssocID) AssocID {
	op.peer, op.assoc = a, id
	err := w.s.raw.Control(op.fn)
	op.peer = netip.AddrPort{}
	if err != nil {
		return FutureAssoc // closed
	}
	return op.assoc
}
