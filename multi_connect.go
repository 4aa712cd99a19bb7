package sctp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/netsctp/sctp/internal/sys"
)

// Connect sets up an association with the peer at raddr, several IPs of which are one
// multihomed peer, and waits until it is up. Messages and events of the other associations
// keep coming meanwhile, for whoever reads. If nobody reads and the receive buffer is
// full, set-ups take seconds. If ctx ends first, the set-up is aborted and leaves nothing
// behind; afterwards ctx has no effect. Several calls may wait at the same time. If
// AssocChange is subscribed to, the outcome also arrives as an event.
//
// Connect fails
//
//   - with ECONNREFUSED if the peer refuses and with ETIMEDOUT if it does not answer, both over an [*AssocError], which has the peer's cause if a reader has met it. Without a cause the kernel does not tell the two apart: a set-up that fails before the kernel's tries can have run out was refused;
//   - with ECONNABORTED if StartShutdown or AbortAssoc ends the set-up;
//   - with EISCONN if there is an association with the peer already, and with EALREADY if one is being set up;
//   - with EADDRNOTAVAIL while there is one that was peeled off, or that belongs to another socket on this port;
//   - with EINVAL if the port is 0.
func (m *MultiConn) Connect(ctx context.Context, raddr *Addr) (AssocID, error) {
	if m.s == nil {
		return 0, sys.EINVAL
	}
	if raddr == nil {
		return 0, m.connectError(nil, &net.AddrError{Err: "missing address"})
	}
	var first error
	for _, peer := range m.wr.reachable(raddr) {
		id, err := m.connect(ctx, peer)
		if err == nil {
			return id, nil
		}
		if first == nil {
			first = err
		}
	}
	return 0, m.connectError(raddr, first)
}

// StartConnect begins to set up an association with the peer at raddr and does not wait.
// Messages that are sent to it go out when it is up. The outcome arrives as an AssocChange
// event; if that is not subscribed to, a later read returns the failure as a
// [*MessageError]. At most 4096 failures are kept while nobody reads. A refusal without a
// cause that is read late may be reported as ETIMEDOUT: the kernel does not say when it
// came. StartConnect itself fails in the same ways as Connect.
func (m *MultiConn) StartConnect(raddr *Addr) (AssocID, error) {
	if m.s == nil {
		return 0, sys.EINVAL
	}
	id, _, err := m.start(raddr, nil, false)
	if err != nil {
		return 0, m.connectError(raddr, err)
	}
	return id, nil
}

func (m *MultiConn) connectError(raddr *Addr, err error) error {
	return &net.OpError{Op: "dial", Net: m.s.network, Source: m.s.laddr, Addr: optionalAddr(raddr), Err: explainInUse(err)}
}

// start begins a set-up. With wake the caller waits for its outcome. With now, a peer that
// has refused by then, as one on this host does, is an error.
func (m *MultiConn) start(raddr *Addr, wake func(), now bool) (id AssocID, c *connecting, err error) {
	switch {
	case raddr == nil:
		return 0, nil, &net.AddrError{Err: "missing address"}
	case raddr.Port == 0:
		return 0, nil, invalidError("no peer is at port 0: %v", raddr)
	}
	raddr = m.reachable(raddr)
	if err := m.wr.checkFamily(raddr.IPs...); err != nil {
		return 0, nil, err
	}
	err = m.s.control(func(fd uintptr) (err error) { raddr, err = m.s.zonesIn(fd, raddr); return err })
	if err != nil {
		return 0, nil, err
	}
	c = &connecting{raddr: AddrFrom(raddr.Port, slices.Clone(raddr.IPs)...), wake: wake}
	peer := sys.AppendSockaddrs(nil, m.wr.family, raddr.Port, raddr.IPs)
	// No reader may meet the outcome before it is known whose it is.
	m.s.rd.queue.Lock()
	defer m.s.rd.queue.Unlock()
	m.src.mu.Lock()
	defer m.src.mu.Unlock()
	err = m.s.control(func(fd uintptr) error {
		c.least = leastTimeout(fd)
		c.start = time.Now()
		n, errno := sys.Connectx(fd, peer)
		if errno != 0 && errno != sys.EINPROGRESS {
			return syscallError("connect", errno)
		}
		id = AssocID(n)
		if now {
			if _, errno := statusOf(fd, id); errno != 0 {
				return c.failure(id)
			}
		}
		m.src.setUps.add(fd, id, c)
		return nil
	})
	return id, c, err
}

// reachable returns a, or a loopback address that it stands for if it is unspecified, and
// that the system has a route to.
func (m *MultiConn) reachable(a *Addr) *Addr {
	if !a.isWildcard() {
		return a
	}
	as := m.wr.reachable(a)
	for _, a := range as[:len(as)-1] {
		if m.s.noRoute(nil, a) == 0 {
			return a
		}
	}
	return as[len(as)-1]
}

// leastTimeout returns the time before which no set-up of the socket fails because
// nobody answers.
func leastTimeout(fd uintptr) time.Duration {
	var rto sys.RTOInfo
	var init sys.InitMsg
	sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_RTOINFO, sys.Bytes(&rto))
	sys.Getsockopt(fd, sys.SOL_SCTP, sys.SCTP_INITMSG, sys.Bytes(&init))
	more := min(2*rto.Initial, max(rto.Initial, uint32(init.MaxInitTimeo)))
	return duration(rto.Initial) + time.Duration(init.MaxAttempts)*duration(more)
}

// connect implements Connect. It waits on a descriptor of its own: that gets its edge
// while nobody reads, whatever lies unread in front. A reader that takes the outcome from
// the queue interrupts the wait.
func (m *MultiConn) connect(ctx context.Context, raddr *Addr) (AssocID, error) {
	if ctx.Err() != nil {
		return 0, contextError(ctx)
	}
	f, err := m.s.dup()
	if err != nil {
		return 0, err
	}
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	wake := func() { f.SetReadDeadline(past) }
	id, c, err := m.start(raddr, wake, false)
	if err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, wake)
	defer stop()
	route := m.s.checkRoute(m.s.laddr, raddr, wake)
	if m.s.closed.Load() {
		wake() // Close has not seen it
	}
	up, err := awaitUp(raw, id)
	return id, m.outcome(ctx, id, c, up, route.stop(), err)
}

// awaitUp waits until the association is up or is no more.
func awaitUp(raw syscall.RawConn, id AssocID) (up bool, err error) {
	err = raw.Read(func(fd uintptr) bool {
		st, errno := statusOf(fd, id)
		up = errno == 0 && AssocState(st.State) >= StateEstablished
		return up || errno != 0
	})
	return up, err
}

// outcome returns what the set-up has come to, and leaves it to nobody else. The wait for
// it found the association up or gone, or was interrupted with err: by ctx, Close, a reader,
// or because there is no route.
func (m *MultiConn) outcome(ctx context.Context, id AssocID, c *connecting, up bool, noRoute sys.Errno, err error) error {
	m.src.mu.Lock()
	if m.src.setUps.begun[id] == c {
		m.src.setUps.take(id)
	}
	c.wake = nil
	if up {
		c.state = cameUp
	}
	state := c.state
	m.src.mu.Unlock()
	switch {
	case m.s.closed.Load():
		return net.ErrClosed
	case ctx.Err() != nil && err != nil:
		m.s.control(func(fd uintptr) error { return sendEnd(fd, id, sys.SCTP_ABORT, nil) })
		return contextError(ctx)
	case state == cameUp:
		return nil
	case noRoute != 0 && state == settingUp && err != nil:
		m.s.control(func(fd uintptr) error { return sendEnd(fd, id, sys.SCTP_ABORT, nil) })
		return syscallError("connect", noRoute)
	case state == dropped:
		return setupFailure(id, 0, sys.ECONNABORTED)
	case state == failed || err == nil:
		return c.failure(id)
	}
	return m.s.pollError(err)
}

// explainInUse explains the error with which the kernel refuses an address.
func explainInUse(err error) error {
	if errors.Is(err, sys.EADDRNOTAVAIL) {
		return fmt.Errorf("%w (the association with this address was peeled off, or is another socket's on this port)", err)
	}
	return err
}
