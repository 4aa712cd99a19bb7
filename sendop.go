package sctp

import (
	"net"
	"net/netip"

	"github.com/netsctp/sctp/internal/sys"
)

// A sendOp is one message on its way, with memory and functions that are used again.
type sendOp struct {
	msg     sys.Msg
	send    func(fd uintptr) // trySend
	b       []byte
	name    []byte
	control []byte
	errno   sys.Errno

	find  func(fd uintptr) // lookUp
	peer  netip.AddrPort
	assoc AssocID
}

func newSendOp() *sendOp {
	op := new(sendOp)
	op.send, op.find = op.trySend, op.lookUp
	return op
}

func (op *sendOp) trySend(fd uintptr) {
	for op.errno = sys.EINTR; op.errno == sys.EINTR; {
		_, op.errno = op.msg.Send(fd, op.b, op.name, op.control)
	}
	op.msg.Release()
}

// lookUp asks which association the socket has with op.peer, zero if none.
func (op *sendOp) lookUp(fd uintptr) {
	k := sys.PAddrInfo{Addr: sys.StorageOf(op.peer)}
	op.assoc = FutureAssoc
	if _, errno := sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_GET_PEER_ADDR_INFO, sys.Bytes(&k)); errno == 0 {
		op.assoc = AssocID(k.AssocID)
	}
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
	if err := w.s.raw.Control(op.send); err != nil {
		return w.s.pollError(err)
	}
	return nil
}

// assocAt returns the association with the peer at a, zero if there is none.
func (w *multiWriter) assocAt(op *sendOp, a netip.AddrPort) AssocID {
	op.peer = a
	if w.s.raw.Control(op.find) != nil {
		return FutureAssoc // closed
	}
	return op.assoc
}
