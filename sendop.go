package sctp

import (
	"net"
	"net/netip"

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

	peer  netip.AddrPort // if it is not zero, step looks who that is
	assoc AssocID
}

func newSendOp() *sendOp {
	op := new(sendOp)
	op.fn = op.step
	return op
}

// step sends the message, or asks which association the socket has with op.peer.
func (op *sendOp) step(fd uintptr) {
	if op.peer.IsValid() {
		k := sys.PAddrInfo{Addr: sys.StorageOf(op.peer)}
		op.assoc = FutureAssoc
		if _, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_GET_PEER_ADDR_INFO, sys.Bytes(&k)); errno == 0 {
			op.assoc = AssocID(k.AssocID)
		}
		return
	}
	for op.errno = sys.EINTR; op.errno == sys.EINTR; {
		_, op.errno = op.msg.Send(fd, op.b, op.name, op.control)
	}
	op.msg.Release()
}

// newOp returns a sendOp that put takes back.
func (w *multiWriter) newOp() *sendOp { return w.pool.Get().(*sendOp) }

func (w *multiWriter) put(op *sendOp) {
	op.b, op.name, op.control = nil, nil, nil
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

// assocAt returns the association with the peer at a, zero if there is none.
func (w *multiWriter) assocAt(op *sendOp, a netip.AddrPort) AssocID {
	op.peer = a
	err := w.s.raw.Control(op.fn)
	op.peer = netip.AddrPort{}
	if err != nil {
		return FutureAssoc // closed
	}
	return op.assoc
}
