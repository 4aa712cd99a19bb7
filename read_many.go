package sctp

import (
	"io"
	"net/netip"
	"sync"

	"github.com/netsctp/sctp/internal/sys"
)

// A manyAssocs is the source of a reader whose socket is one-to-many.
type manyAssocs struct {
	m *MultiConn

	mu     sync.Mutex
	setUps setUps // guarded by mu
}

func (a *manyAssocs) init(m *MultiConn) {
	a.m = m
}

func (a *manyAssocs) ended(uintptr) bool { return false }

func (a *manyAssocs) quiet() bool { return true }

func (a *manyAssocs) end(uintptr) error { return io.EOF } // somebody has shut the socket down

func (a *manyAssocs) failed(_ uintptr, errno sys.Errno) error { return syscallError("recvmsg", errno) }

func (a *manyAssocs) event(fd uintptr, ev Event, _ netip.AddrPort, show bool) error {
	switch ev := ev.(type) {
	case *AssocChange:
		a.m.wr.queue.all() // the end of an association leaves room
		if err := a.changed(ev); err != nil && !show {
			return err
		}
	case *SenderDry:
		a.m.wr.queue.all()
	}
	return nil
}

func (a *manyAssocs) paths(fd uintptr, id AssocID) []netip.Addr {
	peer, err := a.m.s.addrs(fd, &optPeerAddrs, id)
	if err != nil {
		return nil
	}
	return peer.IPs
}
